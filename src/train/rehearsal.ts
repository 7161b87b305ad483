/** What the first step or the first validation would refuse, found before anything of a run is written. */
import type { Batch } from "../data/batches.ts";
import { requireFloat32 } from "../engine/eager.ts";
import { currentCompiler } from "../engine/engine.ts";
import { createRng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import { batchTensors, forObjective } from "./batch.ts";
import type { TrainingTask } from "./loop.ts";
import { tokenLosses } from "./objective.ts";
import { disposeState, type TrainState } from "./step.ts";

/**
 * Takes one context of training and one of validation through the model; what they give is dropped.
 * After an error the state is disposed of.
 *
 * @throws InputError for a part of a text that is shorter than a window, positions that the
 *   encoding does not define, or a precision that the engine lacks
 */
export function rehearse(task: TrainingTask, start: TrainState): void {
  const { model, data, train } = task;
  const { context } = model.shape;
  try {
    if (currentCompiler() === undefined) requireFloat32("training", train.precision);
    rehearseBatch(task, start, data.batch(0, 1, context));
    rehearseBatch(task, start, data.validation(data.splits[0] as string, 0, 1, context));
  } catch (error) {
    disposeState(start);
    throw error;
  }
}

function rehearseBatch(
  { model, data, train, seed }: TrainingTask,
  { params }: TrainState,
  batch: Batch,
): void {
  const shown = forObjective(data, batch, train.objective, seed, "data/mask/0");
  const losses = tf.tidy(() =>
    tokenLosses(model, params, batchTensors(model, shown, train.positions, createRng(seed, "positions/0"))),
  );
  losses.dispose();
}
