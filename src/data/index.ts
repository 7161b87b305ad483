/** The data a model is trained on: one kind a corpus, each opened into the same `Data`. */
import { z } from "zod";
import { whoConfig } from "./corpora/who.ts";
import type { WhoData } from "./corpora/who-data.ts";
import { type TaskData, taskSchema } from "./task-data.ts";
import { tasks } from "./tasks/index.ts";
import type { Task } from "./tasks/task.ts";
import { corpora, type TextData, textSchema } from "./text.ts";

export type { Batch } from "./batches.ts";
export { openWho, type WhoData } from "./corpora/who-data.ts";
export type { Data } from "./data.ts";
export { endsOf, endsOfForeign, openingIds, type TextEnds } from "./ends.ts";
export type {
  Material,
  MinimalPair,
  MinimalPairs,
  OrderPair,
  Pairs,
  Problem,
  Problems,
  Windows,
} from "./material.ts";
export { openTask, type TaskData } from "./task-data.ts";
export type { TextData } from "./text.ts";

/** Fields of `data` in a preset, by `kind`. @param known what `data.task` and `data.corpus` may name */
export function dataSchema(
  known: { tasks: readonly Task[]; corpora: readonly string[] } = { tasks, corpora },
) {
  return z.discriminatedUnion("kind", [whoConfig, textSchema(known.corpora), taskSchema(known.tasks)]);
}

export const dataConfig = dataSchema();

export type DataConfig = z.output<typeof dataConfig>;

/** Data of any kind; `kind` tells which. */
export type AnyData = WhoData | TextData | TaskData;
