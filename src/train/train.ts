/** Training from its first step or a saved state, in one call; an AbortSignal stops it between two steps. */
import { type TrainingEvents, type TrainingTask, trainLoop } from "./loop.ts";
import { rehearse } from "./rehearsal.ts";
import { initialState, type TrainState } from "./step.ts";

/** How a training is heard of, stopped and begun. */
export interface TrainOptions extends Pick<TrainingEvents, "onStep" | "onValidation" | "onSave"> {
  /** Stops training before its next step; the state so far is saved and returned. */
  readonly signal?: AbortSignal | undefined;
  /** Where to go on from; taken over, and disposed of. The state before the first step when left out. */
  readonly start?: TrainState | undefined;
}

/**
 * Trains a model to `train.steps`. The same task and start give the same bits.
 *
 * Losses are in nats a token. `onSave` hears of the state each `train.saveEvery` steps, at the end
 * and when stopped.
 *
 * @returns the last state, the caller's to dispose of; its `step` is below `train.steps` where
 *   `signal` stopped it
 * @throws InputError where the data or positions do not fit the model's context
 * @throws DivergedError at the first loss that is not finite
 * @example
 * await startEngine("cpu");
 * const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 18, position: { kind: "rope" } });
 * const model = createModel(config, data.tokenizer.vocabSize);
 * const losses: number[] = [];
 * const state = await train(
 *   { model, data, train: trainSchema.parse({ steps: 3, batch: 4, warmup: 1 }), seed: 1 },
 *   { onStep: ({ lossNats }) => losses.push(lossNats) },
 * );
 * assert.equal(state.step, 3);
 * assert.equal(losses.length, 3);
 * disposeState(state);
 */
export async function train(
  task: TrainingTask,
  { signal, start, ...events }: TrainOptions = {},
): Promise<TrainState> {
  const from = start ?? initialState(task.model, task.seed, task.train.optimizer);
  rehearse(task, from); // disposes of the state where it throws
  return trainLoop(task, from, { ...events, shouldStop: () => signal?.aborted ?? false });
}
