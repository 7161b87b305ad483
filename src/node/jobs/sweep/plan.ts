/**
 * A sweep's plan: presets × seeds × data × fields, as resolved presets in the order in which they
 * are trained.
 *
 * Seeds come last, so that a worker that goes on with the next seed of a condition has its graphs compiled.
 */
import { z } from "zod";
import { conditionNames, dataNames } from "../../../compare/conditions.ts";
import { InputError } from "../../../errors.ts";
import { type Known, listed, type Preset, seedSchema } from "../../../train/preset.ts";
import { canonicalJson, configHash } from "../../run/names.ts";
import type { GivenProbes } from "../../run/own/probes.ts";
import { readPreset } from "../../run/preset.ts";
import type { ProbeSizes } from "../job.ts";
import { controlsOf } from "./controls.ts";

/** What a person asks for. */
export interface SweepRequest {
  /** Files of presets. */
  readonly presets: readonly string[];
  readonly seeds: readonly number[];
  /** Names of tasks, corpora or kinds of data, or a JSON object of `data`; none: each preset's own. */
  readonly data?: readonly string[];
  /** Assignments to all, such as `train.steps=200`. */
  readonly set?: readonly string[];
  /** Fields that take several values: `model.context=32,64`. */
  readonly grid?: readonly string[];
  /** Names of probes. */
  readonly probes: readonly string[];
  /** By name, the file of each that is not listed. */
  readonly probeFiles?: GivenProbes["files"];
  /** By name, fields of a probe that are not its defaults. */
  readonly sizes?: ProbeSizes;
  /** A condition that runs again with a wider MLP for each that has more parameters. */
  readonly matched?: string | undefined;
  readonly known?: Known;
}

/** A run of a sweep, and what it is called where runs are compared. */
export interface PlannedRun {
  readonly preset: Preset;
  readonly condition: string;
  /** "" where all data is one. */
  readonly data: string;
}

export interface SweepPlan {
  readonly runs: readonly PlannedRun[];
  readonly probes: readonly string[];
  readonly probeFiles?: GivenProbes["files"];
  readonly sizes?: ProbeSizes;
  /** By condition, the one that has as many parameters and not its encoding. */
  readonly controls?: Readonly<Record<string, string>>;
}

/** The most runs of one sweep: a slip of the pen is told before it fills a disk. */
const MOST_RUNS = 100_000;

/**
 * @throws InputError where a preset or a field is wrong, or two runs of the plan are one
 */
export function planSweep({
  presets,
  seeds,
  data = [],
  set = [],
  grid = [],
  probes,
  probeFiles = {},
  sizes = {},
  matched,
  known = listed,
}: SweepRequest): SweepPlan {
  const choices = [presets, data.length === 0 ? [undefined] : data, ...grid.map(valuesOf), seeds];
  const count = choices.reduce((product, { length }) => product * length, 1);
  if (count > MOST_RUNS)
    throw new InputError(`ablate: ${count} runs are planned, ${MOST_RUNS} at most; give fewer values`);
  const resolved = presets.flatMap((path) =>
    (data.length === 0 ? [undefined] : data).flatMap((text) =>
      combinations(grid.map(valuesOf)).flatMap((fields) =>
        seeds.map((seed) => {
          const place = text === undefined ? [] : [`data=${dataOf(text, known)}`];
          return readPreset(path, [...place, ...set, ...fields, `seed=${seed}`], known);
        }),
      ),
    ),
  );
  requireDistinct(resolved);
  const controlled = matched === undefined ? [] : controlsOf(resolved, matched, known);
  const runs = named([...resolved, ...new Set(controlled.map(({ control }) => control))]);
  const conditionOf = (preset: Preset) => runs.find((run) => run.preset === preset)?.condition as string;
  const pairs = controlled.map(({ preset, control }) => [conditionOf(preset), conditionOf(control)]);
  return { runs, probes, probeFiles, sizes, controls: Object.fromEntries(pairs) };
}

function named(presets: readonly Preset[]): PlannedRun[] {
  requireDistinct(presets);
  const [conditions, data] = [conditionNames(presets), dataNames(presets)];
  return presets.map(
    (preset, i): PlannedRun => ({ preset, condition: conditions[i] as string, data: data[i] as string }),
  );
}

/** Runs by name, each as the hash of its preset, and probes, with the hashes of files and sizes that were given. */
interface Identity {
  readonly runs: Record<string, string>;
  readonly probes: string[];
}

/** What the plan is, whatever order its words came in: another identity is another sweep. */
export function identityOf({ runs, probes, probeFiles = {}, sizes = {} }: SweepPlan): Identity {
  const named = runs.map(({ preset, condition, data }) => [
    [data, condition, `seed ${preset.seed}`].filter(Boolean).join(", "),
    configHash(preset).slice(0, 12),
  ]);
  const asked = probes.map((name) =>
    [name, probeFiles[name]?.sha256.slice(0, 12), sizes[name] && canonicalJson(sizes[name])]
      .filter(Boolean)
      .join(" "),
  );
  return { runs: Object.fromEntries(named.sort()) as Record<string, string>, probes: asked.sort() };
}

/** Seeds of "5", which is 1 … 5, or of "1,4,9". @throws InputError */
export function seedsOf(text: string): number[] {
  const words = text.split(",");
  const numbers =
    words.length > 1 ? words.map(Number) : Array.from({ length: countOf(text) }, (_, i) => i + 1);
  if (new Set(numbers).size < numbers.length || numbers.some((seed) => !seedSchema.safeParse(seed).success))
    throw new InputError(`--seeds: ${text} is not a count such as 5, or seeds such as 1,4,9, each once`);
  return numbers;
}

function countOf(text: string): number {
  const count = z.coerce.number().int().positive().max(1000).safeParse(text);
  if (count.success) return count.data;
  throw new InputError(`--seeds: ${text} is not a count from 1 to 1000, or seeds between commas`);
}

/** `model.context=32,64` as the assignments of its values. */
function valuesOf(text: string): string[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InputError(`--grid: ${text} is not FIELD=VALUE,VALUE, such as model.context=32,64`);
  return text
    .slice(at + 1)
    .split(",")
    .map((value) => `${text.slice(0, at)}=${value}`);
}

function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (all, list) => all.flatMap((some) => list.map((one) => [...some, one])),
    [[]],
  );
}

/** `data` as JSON of a name: a task, a corpus, or a kind. */
function dataOf(text: string, { tasks, corpora }: Known): string {
  if (text.startsWith("{")) return text;
  if (tasks.some(({ name }) => name === text)) return canonicalJson({ kind: "task", task: text });
  if (corpora.includes(text)) return canonicalJson({ kind: "text", corpus: text });
  if (text === "who") return canonicalJson({ kind: "who" });
  const names = ["who", ...corpora, ...tasks.map(({ name }) => name)].join(", ");
  throw new InputError(
    `--data: ${text} is not known; known: ${names}, or a JSON object such as {"kind":"who","facts":2}`,
  );
}

function requireDistinct(presets: readonly Preset[]): void {
  const seen = new Set<string>();
  for (const preset of presets) {
    const hash = configHash(preset);
    if (seen.has(hash))
      throw new InputError(
        `ablate: ${preset.name} with seed ${preset.seed} is planned twice; name each preset once`,
      );
    seen.add(hash);
  }
}
