/**
 * A study: sweeps of one list of presets over several data, as a JSON file says them.
 *
 * The configuration of a run follows from the file alone, and its directory from its configuration:
 * a run that was trained for a sweep of the same fields, by whatever command, is the study's too.
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { InputError } from "../../../errors.ts";
import { probeNamed } from "../../../probes/run.ts";
import type { Preset } from "../../../train/preset.ts";
import { canonicalJson, configHash, runDirectoryName } from "../../run/names.ts";
import { readJson, readPreset } from "../../run/preset.ts";

const MOST_SEEDS = 1000;
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "small letters, digits and hyphens only");
const seeds = z.int().positive().max(MOST_SEEDS);

const sweepSchema = z.strictObject({
  name,
  title: z.string().min(1),
  /** What it is compared by past L_max: losses, or answers. */
  kind: z.enum(["language", "task"]),
  data: z.record(z.string(), z.unknown()),
  /** Assignments, after those of the study. */
  set: z.array(z.string()).default([]),
  /** 1 … seeds. */
  seeds,
  probes: z.array(z.string()).min(1),
});

/** The trained models that a study publishes: of one seed, each at its best step. */
const checkpointsSchema = z.strictObject({
  /** Where, from the study's file. */
  folder: z.string().min(1),
  seed: seeds,
  of: z
    .array(
      z.strictObject({
        sweep: name,
        /** Left out, all. */
        presets: z.array(name).min(1).optional(),
      }),
    )
    .min(1),
});

const studySchema = z.strictObject({
  /** The folder of the presets, from the study's file. */
  models: z.string(),
  presets: z.array(name).min(2),
  set: z.array(z.string()).default([]),
  /**
   * Seeds that all sweeps are brought to before any goes on: a study that stops early has compared
   * everything over fewer seeds.
   */
  stages: z.array(seeds).default([]),
  sweeps: z.array(sweepSchema).min(1),
  checkpoints: checkpointsSchema.optional(),
});

/** One sweep of a study. */
export type StudySweep = z.output<typeof sweepSchema>;

/** A study, as its file says it, and where that is. */
export interface Study extends z.output<typeof studySchema> {
  /** The folder of its file, where it is published. */
  readonly folder: string;
}

/** A run of a study. */
export interface StudyRun {
  readonly sweep: StudySweep;
  /** Which of the study's stages it is trained in, from 0. */
  readonly stage: number;
  /** The preset's name. */
  readonly condition: string;
  readonly preset: Preset;
  /** Of its directory. */
  readonly name: string;
  /** SHA-256 of its configuration. */
  readonly hash: string;
}

/**
 * Reads a study. Its presets are read with its runs (`studyRuns`).
 *
 * @throws InputError where a field is wrong, or a name is given twice
 */
export function readStudy(path: string): Study {
  const study = parseConfig(studySchema, readJson(path), path);
  for (const { probes } of study.sweeps) for (const probe of probes) probeNamed(probe);
  requireOnce(
    path,
    "sweeps",
    study.sweeps.map((sweep) => sweep.name),
  );
  requireOnce(path, "presets", study.presets);
  for (const { sweep, presets = [] } of study.checkpoints?.of ?? []) {
    requireKnown(
      path,
      sweep,
      study.sweeps.map((one) => one.name),
    );
    for (const preset of presets) requireKnown(path, preset, study.presets);
  }
  return { ...study, folder: dirname(path) };
}

/**
 * All runs, in the order in which they are trained: stage by stage, sweep by sweep; the seeds of a
 * preset come one after another, for a worker has its graphs compiled then.
 *
 * @param sweeps names; left out, all
 * @throws InputError where a preset cannot be read, a field does not go with it, or a name is no sweep's
 */
export function studyRuns(study: Study, sweeps?: readonly string[]): StudyRun[] {
  const unknown = sweeps?.find((wanted) => !study.sweeps.some((one) => one.name === wanted));
  if (unknown !== undefined)
    throw new InputError(
      `--sweeps: ${unknown} is no sweep of the study; there are ${study.sweeps.map((one) => one.name).join(", ")}`,
    );
  const chosen = study.sweeps.filter((one) => sweeps?.includes(one.name) ?? true);
  const ends = [...new Set([...study.stages, MOST_SEEDS])].sort((a, b) => a - b);
  const presets = new Map(chosen.map((sweep) => [sweep.name, presetsOf(study, sweep)]));
  return ends.flatMap((end, stage) =>
    chosen.flatMap((sweep) =>
      (presets.get(sweep.name) ?? []).flatMap((preset) =>
        seedsBetween(ends[stage - 1] ?? 0, Math.min(end, sweep.seeds)).map((seed) =>
          runOf(sweep, stage, { ...preset, seed }),
        ),
      ),
    ),
  );
}

const seedsBetween = (past: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - past) }, (_, i) => past + i + 1);

/** Each read once: what is wrong with a preset is wrong with all its seeds. */
const presetsOf = (study: Study, sweep: StudySweep): Preset[] =>
  study.presets.map((condition) =>
    readPreset(join(study.folder, study.models, `${condition}.json`), [
      `data=${canonicalJson(sweep.data)}`,
      ...study.set,
      ...sweep.set,
    ]),
  );

const runOf = (sweep: StudySweep, stage: number, preset: Preset): StudyRun => ({
  ...{ sweep, stage, condition: preset.name, preset },
  ...{ name: runDirectoryName(preset), hash: configHash(preset) },
});

function requireOnce(path: string, what: string, names: readonly string[]): void {
  const twice = names.find((one, i) => names.indexOf(one) < i);
  if (twice !== undefined) throw new InputError(`${path}: ${what}: ${twice} is there twice; name each once`);
}

function requireKnown(path: string, named: string, known: readonly string[]): void {
  if (known.includes(named)) return;
  throw new InputError(`${path}: checkpoints.of: ${named} is none of ${known.join(", ")}`);
}
