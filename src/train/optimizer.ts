/** What an optimizer is: plain functions over vectors in which parameters lie (`tensor/flat.ts`). */
import type { Group } from "../tensor/flat.ts";
import type { tf } from "../tensor/tf.ts";
import type { TrainConfig } from "./config.ts";

/** Vectors by name, each of the layout of a group of parameters. */
export type Vectors = Readonly<Record<string, tf.Tensor1D>>;

/** Of one step, for one group of parameters. */
export interface Gradient {
  /** Of the layout of the group. */
  readonly vector: tf.Tensor1D;
  /** That of the gradient of all parameters. */
  readonly norm: tf.Scalar;
}

/** What an update gives: new parameters, and what the optimizer keeps. */
export interface Optimized {
  readonly params: tf.Tensor1D;
  readonly slots: Vectors;
}

/** An optimizer is one file and one line of the list (`optimizers.ts`). */
export interface Optimizer {
  /** The name in `train.optimizer`. */
  readonly name: string;
  /** What it keeps of each parameter; a checkpoint stores `SLOT.PARAMETER`. */
  readonly slots: readonly string[];
  /** The slots of a group before the first update. @param size numbers of the group */
  init(size: number): Vectors;
  /**
   * What changes from update to update, as tensors: in a traced graph a number would be frozen.
   * @param step from 0
   */
  scalars(step: number, config: TrainConfig): Readonly<Record<string, tf.Scalar>>;
  /** One update of a group of parameters, a pure function. @param scalars those of the step */
  update(
    group: Group,
    state: Optimized,
    gradient: Gradient,
    scalars: Readonly<Record<string, tf.Tensor>>,
    config: TrainConfig,
  ): Optimized;
}
