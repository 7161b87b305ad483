import { beforeAll, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { EngineError, type EngineName } from "../../src/engine/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";
import { trainSchema } from "../../src/train/config.ts";
import { DivergedError, type TrainingTask, trainLoop } from "../../src/train/loop.ts";
import { initialState, type TrainState } from "../../src/train/step.ts";

// Each run compiles its own step, which takes seconds on the native engine and no time on this one.
beforeAll(() => startEngine("wasm"));

const STEPS = 12;

/** A model of one layer and width 16 on contexts of 16 tokens of "who". */
function task(model: object = {}, train: object = {}, seed = 1): TrainingTask {
  const data = openWho(whoConfig.parse({ kind: "who" }), seed);
  const sizes = { layers: 1, heads: 2, width: 16, context: 16, position: { kind: "learned" } };
  const config = modelSchema().parse({ ...sizes, ...model });
  const fast = { steps: STEPS, batch: 8, learningRate: 0.02, warmup: 2 };
  return {
    model: createModel(config, data.tokenizer.vocabSize),
    data,
    train: trainSchema.parse({ ...fast, ...train }),
    seed,
  };
}

interface Trained {
  readonly losses: number[];
  readonly validations: Readonly<Record<string, number>>[];
  readonly state: TrainState;
}

async function trained(
  given: TrainingTask,
  from?: TrainState,
  stopAt = Number.POSITIVE_INFINITY,
): Promise<Trained> {
  const start = from ?? initialState(given.model, given.seed);
  const losses: number[] = [];
  const validations: Readonly<Record<string, number>>[] = [];
  const state = await trainLoop(given, start, {
    onStep: ({ lossNats }) => void losses.push(lossNats),
    onValidation: (_, all) => void validations.push(all),
    shouldStop: () => start.step + losses.length >= stopAt,
  });
  return { losses, validations, state };
}

const numbersOf = ({ params, slots }: TrainState) =>
  [params, slots.first, slots.second].map((group = {}) =>
    Object.fromEntries(Object.entries(group).map(([name, tensor]) => [name, Array.from(tensor.dataSync())])),
  );

let whole: Trained;
beforeAll(async () => {
  whole = await trained(task());
});

test("the loss falls, on the batches and on what is validated", async () => {
  const { losses, validations } = await trained(task({}, { steps: 40, evalEvery: 20 }));
  expect(losses[0]).toBeCloseTo(Math.log(task().data.tokenizer.vocabSize), 0); // near uniform at first
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.5);
  expect(validations.length).toBe(2);
  expect(validations[1]?.validation).toBeLessThan(validations[0]?.validation as number);
});

test("two runs of a seed are equal to the bit, and another seed is another run", async () => {
  const again = await trained(task());
  expect(again.losses).toEqual(whole.losses);
  expect(numbersOf(again.state)).toEqual(numbersOf(whole.state));
  expect((await trained(task({}, {}, 2))).losses).not.toEqual(whole.losses);
});

test("a run that is stopped and goes on from its state ends at the same bits", async () => {
  const first = await trained(task(), undefined, 5);
  expect(first.state.step).toBe(5);
  const rest = await trained(task(), first.state);
  expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
  expect(numbersOf(rest.state)).toEqual(numbersOf(whole.state));
});

test("the state is saved at each saveEvery steps and at the end, once each", async () => {
  const saved: number[] = [];
  const given = task({}, { steps: 10, saveEvery: 4 });
  await trainLoop(given, initialState(given.model, 1), { onSave: async ({ step }) => void saved.push(step) });
  expect(saved).toEqual([4, 8, 10]);
});

test("masked tokens are learned by a model that sees both sides, normalized after each sum", async () => {
  const masked = { objective: "masked", steps: 60, batch: 16 };
  const { losses } = await trained(task({ attention: "bidirectional", norm: "post" }, masked));
  const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  // Few tokens count in a masked batch, so its loss is noisy: ten steps are averaged.
  expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) - 0.3);
});

test("dropout is drawn from the seed: equal runs are equal, and none is another run", async () => {
  const [first, second] = [await trained(task({ dropout: 0.3 })), await trained(task({ dropout: 0.3 }))];
  expect(second.losses).toEqual(first.losses);
  expect(numbersOf(second.state)).toEqual(numbersOf(first.state));
  expect(first.losses).not.toEqual(whole.losses);
});

test("a learning rate that cannot work ends the run with the step at which it broke", async () => {
  const given = task({}, { learningRate: 1e8, warmup: 0 });
  let done = 0;
  const running = trainLoop(given, initialState(given.model, 1), {
    onStep: () => {
      done += 1;
    },
  });
  const error = await running.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DivergedError);
  expect((error as Error).message).toMatch(
    new RegExp(`the loss is .* at step ${done}; lower train\\.learningRate`),
  );
});

test("numbers of an encoding that are none end the first step, and name where they came in, not the learning rate", async () => {
  const given = task();
  const encoding = { ...given.model.encoding, bias: () => tf.fill([2, 16, 16], Number.NaN) as tf.Tensor3D };
  const definition = { ...given.model.definition }; // another one: steps are compiled once for each
  const model = { ...given.model, encoding, definition, definitions: [definition] };
  const tensors = tf.memory().numTensors;
  const running = trainLoop({ ...given, model }, initialState(model, 1));
  await expect(running).rejects.toThrow(
    /^train: the loss is NaN nats .* at step 0; first in blocks\.0\.attn\.bias, before anything was learned; change model\.position/,
  );
  expect(tf.memory().numTensors).toBe(tensors);
});

/** Fused float32 sums of XLA against wasm's: 1e-7 a sum, grown over five updates of Adam. */
const ENGINE_TOLERANCE = 1e-4;

test("the native engine's compiled step and the same step run eagerly train to the same losses", async ({
  skip,
}) => {
  const model = { dropout: 0.2, attention: "bidirectional", norm: "post" };
  const given = () => task(model, { steps: 5, objective: "masked" });
  const eager = await trained(given());
  try {
    await startEngine("native" satisfies EngineName, { threads: 1 });
  } catch (error) {
    if (error instanceof EngineError) skip(error.message);
    throw error;
  }
  const compiled = await trained(given());
  expect(compiled.losses.length).toBe(5);
  compiled.losses.forEach((loss, i) => {
    const expected = eager.losses[i] as number;
    expect(Math.abs(loss - expected)).toBeLessThanOrEqual(ENGINE_TOLERANCE * expected);
  });
});
