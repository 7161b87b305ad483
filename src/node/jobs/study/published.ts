/**
 * The runs of a sweep that stand in the repository, a line each: what was asked, by its hash, what
 * computed it, and every row that was measured.
 *
 *     STUDY/who/runs.jsonl
 *
 * A line whose hash is that of a planned run is that run, done: it needs no training to be compared.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ComparedRun } from "../../../compare/questions.ts";
import { parseConfig } from "../../../config.ts";
import { InputError } from "../../../errors.ts";
import { parseJson } from "../../../json.ts";
import { jsonText } from "../../../printable.ts";
import { writeFileDurably } from "../../files/durable.ts";
import { readRegularText } from "../../files/regular.ts";
import { packed, packedSchema, unpacked } from "./packed.ts";
import type { Study, StudyRun } from "./study-file.ts";

const lineSchema = z.strictObject({
  run: z.string(),
  /** Of its configuration. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hex"),
  encoding: z.string(),
  parameters: z.int().positive(),
  /** Of whereabouts, node and the engine. */
  versions: z.record(z.string(), z.string()),
  threads: z.int().positive().optional(),
  /** Its training took, whatever ran beside it. */
  seconds: z.number().min(0),
  endedAt: z.iso.datetime(),
  /** Names of those that it was asked. */
  probes: z.array(z.string()),
  /** Steps, and the validation loss at each, nats. */
  validation: z.array(z.tuple([z.int(), z.number()])),
  measurements: packedSchema,
});

/** A run, as it is published. */
export interface PublishedRun extends Omit<z.output<typeof lineSchema>, "measurements"> {
  readonly measurements: ComparedRun["measurements"];
}

export const RUNS_FILE = "runs.jsonl";

/** Where a sweep is published. */
export const sweepFolder = ({ folder }: Study, sweep: string): string => join(folder, sweep);

/**
 * Published runs by the hash of their configuration; none where nothing is published yet.
 *
 * @throws InputError naming the line that is none of a run
 */
export function readPublished(study: Study, sweep: string): Map<string, PublishedRun> {
  const path = join(sweepFolder(study, sweep), RUNS_FILE);
  if (!existsSync(path)) return new Map();
  const lines = readRegularText(path).split("\n").filter(Boolean);
  return new Map(
    lines.map((text, i) => {
      const run = publishedRun(text, `${path}: line ${i + 1}`);
      return [run.sha256, run];
    }),
  );
}

/**
 * A run from its line.
 *
 * @param where the line comes from
 * @throws InputError where it is none
 */
export function publishedRun(text: string, where: string): PublishedRun {
  const { measurements, ...line } = parseConfig(lineSchema, jsonOf(text, where), where);
  return { ...line, measurements: unpacked(measurements) };
}

function jsonOf(text: string, where: string): unknown {
  try {
    return parseJson(text, where);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${where}: is not JSON; take the file from the repository again`, { cause });
  }
}

/** Writes the runs of a sweep, in the order given. */
export async function writePublished(path: string, runs: readonly PublishedRun[]): Promise<void> {
  await writeFileDurably(path, runs.map(publishedLine).join(""));
}

/** A run as its line, with the line's end. */
export const publishedLine = (run: PublishedRun): string =>
  `${jsonText(run.run, { ...run, measurements: packed(run.measurements) })}\n`;

/** A run as it will be read again: with shorter numbers, of which all that is published is made. */
export const asPublished = (run: PublishedRun): PublishedRun => publishedRun(publishedLine(run), run.run);

/** A run as it is compared. */
export function comparedRun(
  { condition, preset }: StudyRun,
  { encoding, parameters, measurements, validation }: PublishedRun,
): ComparedRun {
  const { context } = preset.model;
  const asked = { condition, encoding, data: "", seed: preset.seed, parameters, context };
  return { ...asked, measurements, config: preset, validation };
}
