/**
 * The training loop: data, steps, validation, and the moments at which its caller logs and saves.
 *
 * Everything that step s does depends on the configuration, the seed, s and the state before it, so
 * a run that goes on from a saved state takes the same steps, to the bit, as one that was never
 * stopped.
 */
import type { Batch } from "../data/batches.ts";
import { encodings } from "../encodings/index.ts";
import type { Model } from "../model/model.ts";
import { firstPlace } from "../model/not-finite.ts";
import { initialize, type Params } from "../tensor/params.ts";
import { createRng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import { batchTensors, forObjective } from "./batch.ts";
import { createEvaluator, type Evaluator } from "./evaluate.ts";
import type { BatchTensors } from "./objective.ts";
import { createTrainer, disposeState, type StepResult, type TrainState } from "./step.ts";
import { DivergedError, type TrainingEvents, type TrainingTask } from "./task.ts";

export { DivergedError, type TrainingEvents, type TrainingTask } from "./task.ts";

/**
 * Trains from a state to `train.steps`, or until told to stop. Takes over the state given, returns
 * the last one; after an error there is none.
 *
 * @throws DivergedError at the first loss that is not finite.
 * @example
 * const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } });
 * const task = { model: createModel(config, data.tokenizer.vocabSize), data, train: trainSchema.parse({ steps: 2, warmup: 1 }), seed: 1 };
 * assert.equal((await trainLoop(task, initialState(task.model, 1))).step, 2);
 */
export async function trainLoop(
  task: TrainingTask,
  start: TrainState,
  events: TrainingEvents = {},
): Promise<TrainState> {
  const { model, train, seed } = task;
  const trainer = createTrainer(model, train, start, seed);
  const evaluator = createEvaluator(model);
  let saved = start.step;
  const save = async () => {
    if (saved !== trainer.steps) {
      await lending(trainer.state(), disposeState, async (state) => {
        await requireFiniteParams(state);
        await events.onSave?.(state);
      });
    }
    saved = trainer.steps;
  };
  try {
    while (trainer.steps < train.steps && !events.shouldStop?.()) {
      const batch = trainingBatch(task, trainer.steps);
      const result = trainer.step(batch);
      await requireFinite(task, result, batch).finally(() => disposeTree(batch));
      events.onStep?.(result);
      const due = (every: number) => result.step % every === 0 || result.step === train.steps;
      if (due(train.evalEvery) || due(train.saveEvery)) {
        const losses: Readonly<Record<string, number>> = {
          train: result.lossNats,
          ...(await lending(trainer.params(), disposeTree, (params) =>
            validate(task, evaluator, params, result.step === train.steps),
          )),
        };
        for (const loss of Object.values(losses)) requireFiniteLoss(loss, result.step); // before it is logged
        events.onValidation?.(result.step, losses);
      }
      if (due(train.saveEvery)) await save();
      await macrotask();
    }
    await save();
    return trainer.state();
  } finally {
    trainer.close();
    evaluator.close();
  }
}

/** Disposes of what it has lent, whatever happens. */
async function lending<T, R>(lent: T, dispose: (lent: T) => void, use: (lent: T) => Promise<R>): Promise<R> {
  try {
    return await use(lent);
  } finally {
    dispose(lent);
  }
}

/** The batch of a step of training, on the engine; the caller disposes of it. */
export function trainingBatch({ model, data, train, seed }: TrainingTask, step: number): BatchTensors {
  const batch = data.batch(step, train.batch, model.shape.context);
  const shown = forObjective(data, batch, train.objective, seed, `data/mask/${step}`);
  return batchTensors(model, shown, train.positions, createRng(seed, `positions/${step}`));
}

/**
 * At the end, a split that has an end is read whole; so many tokens of it at most, and no more than
 * were trained on.
 */
const MOST_TOKENS = 2 ** 19;

/**
 * "validation", the same windows each time; after the last step also the whole split, where it has
 * an end, under its name.
 */
async function validate(
  task: TrainingTask,
  evaluator: Evaluator,
  params: Params,
  isLast: boolean,
): Promise<Record<string, number>> {
  const { model, data, train } = task;
  const [B, L] = [train.batch, model.shape.context];
  const split = data.splits[0] as string;
  const windows = data.validationWindows?.(split, L) ?? Number.POSITIVE_INFINITY;
  const loss = (most: number) =>
    evaluator.meanLoss(params, validationBatches(task, split, Math.min(windows, most)));
  const validation = await loss(train.evalBatches * B);
  if (!isLast || windows === Number.POSITIVE_INFINITY) return { validation };
  const read = train.evalBatches * B;
  const most = Math.floor(Math.min(MOST_TOKENS, train.steps * B * L) / L);
  return { validation, [split]: most > read && windows > read ? await loss(most) : validation };
}

/** The first windows of a split; rows that fill the last batch have no weight. */
function* validationBatches(
  { model, data, train, seed: ofRun }: TrainingTask,
  split: string,
  windows: number,
): Generator<BatchTensors> {
  const { validationSeed: seed = ofRun } = data;
  for (let index = 0; index * train.batch < windows; index++) {
    const batch = data.validation(split, index, train.batch, model.shape.context);
    const shown = forObjective(data, batch, train.objective, seed, `data/mask/validation/${index}`);
    const counted = withoutRowsFrom(shown, windows - index * train.batch);
    yield batchTensors(model, counted, train.positions, createRng(seed, `positions/validation/${index}`));
  }
}

function withoutRowsFrom(batch: Batch, rows: number): Batch {
  if (rows >= batch.batch) return batch;
  const weights = Float32Array.from(batch.weights ?? batch.targets, (weight, at) =>
    at < rows * batch.length ? (batch.weights ? weight : 1) : 0,
  );
  return { ...batch, weights };
}

const REMEDY = "lower train.learningRate, or raise train.warmup";
/** Of an encoding that is not listed, nobody knows that its numbers stay finite. */
const remedyOf = ({ definitions }: Model): string =>
  definitions.every((definition) => encodings.includes(definition))
    ? REMEDY
    : `${REMEDY}, or mend the encoding's file`;

async function requireFinite(
  { model, seed }: TrainingTask,
  { step, lossNats, gradientNorm }: StepResult,
  { tokens, positions }: BatchTensors,
): Promise<void> {
  if (Number.isFinite(lossNats) && Number.isFinite(gradientNorm)) return;
  const problem = `train: the loss is ${lossNats} nats (gradient norm ${gradientNorm}) at step ${step - 1}`;
  if (step > 1) throw new DivergedError(`${problem}; ${remedyOf(model)}`); // what it was computed from has been overwritten
  const read = { tokens: await tokens.data(), positions: (await positions.data()) as Float32Array };
  const place = await lending(initialize(model.specs, seed), disposeTree, (params) =>
    firstPlace({ model, params, ...read }),
  );
  if (place === undefined) throw new DivergedError(`${problem}; ${remedyOf(model)}`);
  throw new DivergedError(
    `${problem}; first in ${place}, before anything was learned; change model.position, or mend the encoding's file`,
  );
}

/** A step's loss is that of the parameters before it: what it has made of them shows in the validation. */
function requireFiniteLoss(loss: number | undefined, step: number): void {
  if (loss === undefined || Number.isFinite(loss)) return;
  throw new DivergedError(`train: the validation loss is ${loss} nats at step ${step}; ${REMEDY}`);
}

/**
 * The last good checkpoint stays the last: parameters that are no numbers are not saved, whenever
 * the run is stopped.
 */
async function requireFiniteParams({ step, params }: TrainState): Promise<void> {
  const nothing = tf.tidy(() => tf.addN(Object.values(params).map((x) => tf.sum(tf.mul(x, 0))))); // NaN where x is not finite
  const [value] = await nothing.data();
  nothing.dispose();
  if (value === 0) return;
  throw new DivergedError(`train: parameters are not finite after step ${step}; ${REMEDY}`);
}

/** Lets signals and timers have their turn between two steps. */
const macrotask = () => new Promise<void>((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve)); // a timer takes 1 ms
