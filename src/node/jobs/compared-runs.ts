/** Runs, checkpoints and models side by side: each asked what is compared, where it was not asked before. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { conditionNames, dataNames, type NamedConfig } from "../../compare/conditions.ts";
import type { ComparedRun } from "../../compare/questions.ts";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { InputError, isInputError } from "../../errors.ts";
import type { Probe } from "../../probes/probe.ts";
import { whyNot } from "../../probes/run.ts";
import { countParameters } from "../../tensor/params.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { type Known, listed } from "../../train/preset.ts";
import { errorCode } from "../files/durable.ts";
import { loadCheckpoint } from "../run/checkpoint.ts";
import type { Own } from "../run/own/index.ts";
import { resolveCheckpoint } from "../run/resolve.ts";
import { loadedPreset } from "../run/step-config.ts";
import { dataOf, subjectOf, type UserFiles } from "../run/subject.ts";
import { knownLosses } from "./known-losses.ts";
import { type ProbeOptions, probeCheckpoint } from "./probe-checkpoint.ts";

export interface CompareOptions extends Pick<ProbeOptions, "engine" | "seed" | "sizes" | "tell" | "onEvent"> {
  /** What each is asked; one that lacks what a probe needs is not asked it. */
  readonly probes: readonly Probe[];
  readonly own?: Own | undefined;
  /** Where there are some, models are asked about these alone, and not about what they were trained on. */
  readonly files?: UserFiles | undefined;
  /** Hears which of how many directories is next. */
  readonly onRun?: (directory: string, index: number, of: number) => void;
  /** Hears of a directory that is not asked a probe, and why. */
  readonly onLack?: (directory: string, reason: string) => void;
}

/** A model, and what it is called where it is compared. */
export interface NamedRun extends Pick<ComparedRun, "condition" | "data" | "seed"> {
  readonly directory: string;
}

/**
 * The models of some directories, by what was varied; a folder of runs stands for all of them.
 * Nothing is asked yet.
 *
 * @param onFiles whether all are asked about the same files: what they were trained on is then a part
 *   of their condition
 * @throws InputError where a directory holds no model, or two are one seed of one condition
 */
export function namedRuns(
  directories: readonly string[],
  known: Known = listed,
  onFiles = false,
): NamedRun[] {
  const all = directories.flatMap(modelsIn);
  const configs = all.map((directory) => configOf(directory, known));
  const [conditions, data] = [conditionNames(configs), dataNames(configs)];
  const runs = all.map((directory, i): NamedRun => {
    const { seed } = configs[i] as Config;
    const condition = conditions[i] as string;
    if (!onFiles) return { directory, condition, data: data[i], seed };
    return { directory, condition: [condition, data[i]].filter(Boolean).join(", "), data: "", seed };
  });
  requireDistinct(runs);
  return runs;
}

type Config = NamedConfig & { readonly seed: number };

/** A model that no preset has trained is called as its folder. */
function configOf(directory: string, known: Known): Config {
  const { path, kind } = resolveCheckpoint(directory);
  return kind === "huggingface" ? { name: basename(path), seed: 0 } : { ...loadedPreset(path, known) };
}

/**
 * Asks the models.
 *
 * @throws InputError as `loadCheckpoint` and `probeCheckpoint`, which names the directory
 */
export async function comparedRuns(
  runs: readonly NamedRun[],
  { onRun = () => {}, ...options }: CompareOptions,
): Promise<ComparedRun[]> {
  const asked: ComparedRun[] = [];
  for (const [index, run] of runs.entries()) {
    onRun(run.directory, index, runs.length);
    const answer = await ask(run.directory, options).catch((error: unknown) => {
      throw named(run.directory, error);
    });
    asked.push({ ...run, ...answer });
  }
  return asked;
}

/** The error with the directory that it is of, among several. */
function named(directory: string, error: unknown): unknown {
  if (!isInputError(error) || error.message.includes(directory)) return error;
  return new InputError(`${directory}: ${error.message}`, { cause: error });
}

/** A directory that is a model, or the runs in a folder of them. */
function modelsIn(directory: string): string[] {
  const isRun = (folder: string) => existsSync(join(folder, "run.json"));
  if (isRun(directory) || existsSync(join(directory, "config.json"))) return [directory];
  const found = entriesOf(directory)
    .map((name) => join(directory, name))
    .filter(isRun);
  return found.length > 0 ? found.sort() : [directory]; // what it lacks is said where it is loaded
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}

type Asked = Omit<ComparedRun, "condition" | "data" | "seed">;

async function ask(
  directory: string,
  { probes, own, files, onLack = () => {}, ...options }: Omit<CompareOptions, "onRun">,
): Promise<Asked> {
  const checkpoint = await loadCheckpoint(directory, [], own?.known);
  const { params, model, tokenizer, preset, run } = checkpoint;
  try {
    const data = files === undefined ? await dataOf(checkpoint, options.tell, own) : undefined;
    const subject = subjectOf(checkpoint, { data, ...(files && { files }) });
    const fitting = probes.filter((probe) => {
      const reason = whyNot(subject, probe);
      if (reason !== undefined) onLack(directory, reason);
      return reason === undefined;
    });
    const given = { probes: fitting, files: {} };
    const more = { ...options, ...{ data, own, probes: given, ...(files && { files }) } };
    const { answers, refused } =
      fitting.length > 0 ? await probeCheckpoint(checkpoint, more) : { answers: [] };
    if (refused !== undefined) throw refused; // a comparison holds every run to the same questions
    return {
      encoding: model.definition.kind,
      parameters: countParameters(model.specs),
      context: model.shape.context,
      vocabulary: vocabularyOf(tokenizer),
      measurements: answers.flatMap(({ rows }) => rows),
      ...(preset && { config: preset }),
      ...(run !== undefined && { validation: knownLosses(run, options.tell ?? (() => {})) }),
    };
  } finally {
    disposeTree(params);
  }
}

/** SHA-256 of the tokens that are words of a text, each with its id: files of one vocabulary differ in much else. */
function vocabularyOf(tokenizer: Tokenizer): string {
  const { vocabSize, special = [] } = tokenizer;
  const noWords = new Set(special);
  const ids = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => !noWords.has(id));
  return createHash("sha256")
    .update(JSON.stringify(ids.map((id) => [id, tokenizer.token(id)])))
    .digest("hex");
}

function requireDistinct(runs: readonly NamedRun[]): void {
  const seen = new Map<string, string>();
  for (const { directory, condition, data, seed } of runs) {
    const key = JSON.stringify([condition, data, seed]);
    const other = seen.get(key);
    if (other !== undefined)
      throw new InputError(
        `compare: ${other} and ${directory} are both seed ${seed} of ${condition}; give one of them, or give presets that differ names that do`,
      );
    seen.set(key, directory);
  }
}
