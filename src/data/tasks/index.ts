/** The tasks, by their names. */
import { copy } from "./copy.ts";
import { count } from "./count.ts";
import { flipFlop } from "./flip-flop.ts";
import { indexing } from "./indexing.ts";
import { induction } from "./induction.ts";
import { locating } from "./locating.ts";
import { modularAddition } from "./modular-addition.ts";
import { parity } from "./parity.ts";
import { recall } from "./recall.ts";
import { repeatOne } from "./repeat-one.ts";
import { reverse } from "./reverse.ts";
import { sort } from "./sort.ts";
import type { Task } from "./task.ts";

export const tasks: readonly Task[] = [
  copy,
  reverse,
  repeatOne,
  count,
  parity,
  sort,
  recall,
  flipFlop,
  modularAddition,
  induction,
  indexing,
  locating,
];
