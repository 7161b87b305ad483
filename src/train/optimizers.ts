import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * Every optimizer, by its name in `train.optimizer`.
 *
 * @example
 * assert.deepEqual(optimizers.adamw.slots, ["first", "second"]);
 */
export const optimizers = { adamw } as const satisfies Readonly<Record<string, Optimizer>>;
