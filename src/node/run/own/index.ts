/** What a user brings beside the lists: an encoding, a task and a corpus, and what a preset may name with them. */
import type { CorpusDefinition } from "../../../data/corpora/corpus.ts";
import type { Task } from "../../../data/tasks/task.ts";
import type { EncodingDefinition } from "../../../encodings/encoding.ts";
import type { Probe } from "../../../probes/probe.ts";
import { type Known, listed, type Preset } from "../../../train/preset.ts";
import { ownCorpus } from "./corpus.ts";
import { ownEncoding } from "./encoding.ts";
import { loadFile, type OwnFile } from "./load.ts";
import { ownProbe } from "./probe.ts";
import { ownTask } from "./task.ts";

export type { OwnFile } from "./load.ts";

/** What a run is made with; each is named by the preset, and run.json records its file. */
export const OWN_OF_RUN = ["encoding", "task", "corpus"] as const;

/** Paths of files. */
export type OwnPaths = { readonly [K in (typeof OWN_OF_RUN)[number]]?: string | undefined };

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
export const loadOwnProbe = (path: string): Promise<OwnFile<Probe>> => loadFile(ownProbe, path);

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
    encoding: encoding?.definition.kind === model.position.kind ? encoding : undefined,
    task: data.kind === "task" && task?.definition.name === data.task ? task : undefined,
    corpus: data.kind === "text" && corpus?.definition.name === data.corpus ? corpus : undefined,
    known: own?.known ?? listed,
  };
}
