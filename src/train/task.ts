/** What training is given, and what it tells. */
import type { Data } from "../data/index.ts";
import type { Model } from "../model/model.ts";
import type { TrainConfig } from "./config.ts";
import type { StepResult, TrainState } from "./step.ts";

/** What is trained, on what, and how. */
export interface TrainingTask {
  readonly model: Model;
  readonly data: Data;
  readonly train: TrainConfig;
  readonly seed: number;
}

/** What a training tells, and asks, while it runs. */
export interface TrainingEvents {
  /** After each step. */
  onStep?(result: StepResult): void;
  /**
   * After each validation: mean loss in nats by split, "validation" the one that training is judged
   * by; last, a whole split by its name.
   */
  onValidation?(step: number, losses: Readonly<Record<string, number>>): void;
  /**
   * When the state is to be saved: each `saveEvery` steps, at the end and when stopped. It is
   * disposed of afterwards.
   */
  onSave?(state: TrainState): Promise<void>;
  /** Asked before each step. */
  shouldStop?(): boolean;
}

/**
 * A loss that is no number: training cannot go on.
 *
 * @example
 * assert.equal(new DivergedError("step 3: the loss is NaN").name, "DivergedError");
 */
export class DivergedError extends Error {
  override readonly name = "DivergedError";
}
