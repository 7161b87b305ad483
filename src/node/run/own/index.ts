/**
 * What a user brings beside the lists: an encoding, a task and a corpus, and what a preset may name
 * with them.
 */

import type { CorpusDefinition } from "../../../data/corpora/corpus.ts";
import type { Task } from "../../../data/tasks/task.ts";
import type { EncodingDefinition } from "../../../encodings/encoding.ts";
import { positionsByLayer } from "../../../model/position-fields.ts";
import type { Probe } from "../../../probes/probe.ts";
import { type Known, listed, type Preset } from "../../../train/preset.ts";
import { ownCorpus } from "./corpus.ts";
import { ownEncoding } from "./encoding.ts";
import { loadFile, type OwnFile } from "./load.ts";
import { ownTask } from "./task.ts";

export type { OwnFile } from "./load.ts";

/** What a run is made with; each is named by the preset, and run.json records its file. */
export const OWN_OF_RUN = ["encoding", "task", "corpus"] as const;

/**
 * Paths of files.
 *
 * @useDeclaredType
 */
export type OwnPaths = { readonly [K in (typeof OWN_OF_RUN)[number]]?: string | undefined };

/** Definitions from the user's files, and what a preset may name with them. */
export interface Own {
  readonly encoding?: OwnFile<EncodingDefinition> | undefined;
  readonly task?: OwnFile<Task> | undefined;
  readonly corpus?: OwnFile<CorpusDefinition> | undefined;
  /** What is listed, and these. */
  readonly known: Known;
}

/**
 * Loads what files define, each checked.
 *
 * @throws InputError that names the file and what is wrong with it.
 * @example
 * const file = join(folder, "rhymes.mjs");
 * writeFileSync(file, `export default { name: "rhymes", licence: "public domain", source: "Mother Goose", parts: () => ({ train: ["Jack and Jill"] }) }`);
 * const { known } = await loadOwn({ corpus: file });
 * assert.ok(known.corpora.includes("rhymes"));
 */
export async function loadOwn(paths: OwnPaths): Promise<Own> {
  const encoding = paths.encoding === undefined ? undefined : await loadOwnEncoding(paths.encoding);
  const task = paths.task === undefined ? undefined : await loadOwnTask(paths.task);
  const corpus = paths.corpus === undefined ? undefined : await loadOwnCorpus(paths.corpus);
  return { encoding, task, corpus, known: knownWith({ encoding, task, corpus }) };
}

export const loadOwnEncoding = (path: string): Promise<OwnFile<EncodingDefinition>> =>
  loadFile(ownEncoding, path);
export const loadOwnTask = (path: string): Promise<OwnFile<Task>> => loadFile(ownTask, path);
export const loadOwnCorpus = (path: string): Promise<OwnFile<CorpusDefinition>> => loadFile(ownCorpus, path);

/**
 * Loads the probe that a file exports.
 *
 * @throws InputError that names the file and what is wrong with it.
 * @example
 * const file = join(folder, "size.mjs");
 * writeFileSync(file, `import { z } from "whereabouts";
 *   export default { name: "size", question: "How large?", needs: [], config: z.strictObject({}), run: async () => [],
 *     metrics: { size: { title: "size", unit: "numbers", better: "neither", meaning: "Of all tensors." } } };`);
 * assert.equal((await loadOwnProbe(file)).definition.name, "size");
 */
export async function loadOwnProbe(path: string): Promise<OwnFile<Probe>> {
  const { ownProbe } = await import("./probe.ts"); // it loads every listed probe
  return loadFile(ownProbe, path);
}

function knownWith({ encoding, task, corpus }: Omit<Own, "known">): Known {
  return {
    encodings: [...listed.encodings, ...(encoding ? [encoding.definition] : [])],
    tasks: [...listed.tasks, ...(task ? [task.definition] : [])],
    corpora: [...listed.corpora, ...(corpus ? [corpus.definition.name] : [])],
  };
}

/** What of it a preset names: another file has no part in its run. */
export function ownOf({ model, data }: Pick<Preset, "model" | "data">, own: Own | undefined): Own {
  const { encoding, task, corpus } = own ?? {};
  return {
    encoding: positionsByLayer(model, model.layers).some(({ kind }) => kind === encoding?.definition.kind)
      ? encoding
      : undefined,
    task: data.kind === "task" && task?.definition.name === data.task ? task : undefined,
    corpus: data.kind === "text" && corpus?.definition.name === data.corpus ? corpus : undefined,
    known: own?.known ?? listed,
  };
}
