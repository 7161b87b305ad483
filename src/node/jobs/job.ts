/**
 * A job: a model, trained or taken, and what it is asked. Plain JSON data, so that it can cross to
 * another process or machine.
 *
 * Paths are those of the one who reads them: relative to the folder in which the job runs, but for
 * those of the user's own files, which are absolute.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { anySeed } from "../../tensor/rng.ts";
import type { Preset } from "../../train/preset.ts";
import { OWN_OF_RUN, type Own, ownOf } from "../run/own/index.ts";
import type { FileOf, GivenProbes } from "../run/own/probes.ts";

const fields = z.record(z.string(), z.unknown());
const file = z.strictObject({ path: z.string(), sha256: z.string() });
const ownFile = file.optional();

const jobSchema = z.strictObject({
  /** What events and failures call it. */
  name: z.string().min(1),
  model: z.union([
    /** Trained in `out`, or in a directory named after the preset. A preset with every default filled in. */
    z.strictObject({ preset: fields, out: z.string().min(1).optional() }),
    /** A run directory (its best step), a step directory or a Hugging Face directory. */
    z.strictObject({ checkpoint: z.string().min(1) }),
  ]),
  /** Files of the user's own, and the SHA-256 of the bytes that are meant. */
  own: z.strictObject({ encoding: ownFile, task: ownFile, corpus: ownFile }).optional(),
  /** Names of probes, in the order in which they are asked, and fields of their own. */
  probes: z.array(
    z.strictObject({
      name: z.string(),
      /** Of a probe of the user's own: the file that exports it. */
      file: ownFile,
      config: fields.optional(),
      /** Left out where the model lacks what it needs; else the job fails. */
      optional: z.boolean().optional(),
    }),
  ),
  /** Of the probes' random numbers. */
  seed: anySeed,
});

/** By probe, the fields of its own that a person changed. */
export type ProbeSizes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * A job, as JSON holds it.
 *
 * @useDeclaredType
 */
export type Job = z.output<typeof jobSchema>;

/**
 * Reads a job that comes from elsewhere. Its preset and its probes are checked where it runs, with
 * the files it names.
 *
 * @throws InputError with the path of the first field that is wrong
 * @example
 * const model = { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } };
 * const preset = parsePreset({ name: "tiny", model, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const job = readJob(JSON.parse(JSON.stringify(trainingJob(preset, ["order"]))), "job.json");
 * assert.equal(job.name, "tiny");
 */
export function readJob(value: unknown, where: string): Job {
  return parseConfig(jobSchema, value, where);
}

/** What a training job does beside training. */
export interface TrainingJobOptions {
  readonly own?: Own | undefined;
  /** By name, the file of each probe that is not listed. */
  readonly probeFiles?: GivenProbes["files"] | undefined;
  /** By name, fields of a probe that are not its defaults. */
  readonly sizes?: ProbeSizes | undefined;
  readonly out?: string | undefined;
}

/**
 * The job that trains a preset and asks it these probes, with the preset's seed.
 *
 * @example
 * const model = { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } };
 * const preset = parsePreset({ name: "tiny", model, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * assert.deepEqual(trainingJob(preset, ["order"]).probes, [{ name: "order" }]);
 */
export function trainingJob(
  preset: Preset,
  probes: readonly string[],
  { own, probeFiles = {}, sizes = {}, out }: TrainingJobOptions = {},
): Job {
  const mine = ownOf(preset, own);
  const files = OWN_OF_RUN.flatMap((kind) => {
    const found = mine[kind];
    return found === undefined ? [] : [[kind, anywhere(found)]];
  });
  return {
    name: preset.name,
    model: { preset, ...(out !== undefined && { out }) },
    ...(files.length > 0 && { own: Object.fromEntries(files) }),
    probes: probes.map((name) => {
      const [found, config] = [probeFiles[name], sizes[name]];
      return { name, ...(found && { file: anywhere(found) }), ...(config && { config }) };
    }),
    seed: preset.seed,
  };
}

/** The same file, from whatever folder. */
const anywhere = ({ path, sha256 }: FileOf): FileOf => ({ path: resolve(path), sha256 });
