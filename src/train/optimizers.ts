import { adamw } from "./adamw.ts";
import type { Optimizer } from "./optimizer.ts";

/** Every optimizer, by its name in `train.optimizer`. */
export const optimizers = { adamw } as const satisfies Readonly<Record<string, Optimizer>>;
