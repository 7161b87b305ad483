/**
 * run.json: what a run was asked, what computed it, and how it ended.
 *
 * Written when the run starts, with status "running", and again when it ends; between the two, and
 * after kill -9, "running" only means that the end was not seen: whether someone is at work is the
 * lock's to say.
 */
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { errorCode, indentedJson, writeFileDurably } from "../files/durable.ts";
import { readRegularText } from "../files/regular.ts";

/** A file, and the SHA-256 of its bytes. */
const ownFile = z.object({ path: z.string(), sha256: z.string() });

const runSchema = z.looseObject({
  /** The resolved config, every default filled in. */
  config: z.record(z.string(), z.unknown()),
  /** Of whereabouts, node, tensorflow, … */
  versions: z.record(z.string(), z.string()),
  /**
   * The files of an encoding, a task and a corpus that are not listed, given by --encoding, --task
   * and --corpus.
   */
  encoding: ownFile.optional(),
  task: ownFile.optional(),
  corpus: ownFile.optional(),
  /** The checkpoint whose weights it began with, and the SHA-256 of those. */
  from: ownFile.optional(),
  engine: z.string(),
  threads: z.int().positive().optional(),
  startedAt: z.iso.datetime(),
  /** Of the text that was trained on, where it was one. */
  textSha256: z.string().optional(),
  status: z.enum(["running", "finished", "interrupted", "failed"]),
  endedAt: z.iso.datetime().optional(),
});

/** Contents of run.json; further fields are kept. Times are ISO 8601 in UTC. */
export type RunRecord = z.infer<typeof runSchema>;

/** Path of a run's run.json. */
export function runJsonPath(dir: string): string {
  return join(dir, "run.json");
}

/**
 * Writes run.json in one step.
 *
 * @throws InputError when the disk refuses; an older run.json is then unchanged
 */
export async function writeRunJson(dir: string, run: RunRecord): Promise<void> {
  await writeFileDurably(runJsonPath(dir), indentedJson(run));
}

/**
 * Records how a run ended and when.
 *
 * @throws InputError as `readRunJson` and `writeRunJson`, and when there is no run.json
 */
export async function endRun(dir: string, status: Exclude<RunRecord["status"], "running">): Promise<void> {
  const run = readRunJson(dir);
  if (run === undefined) throw new InputError(`${runJsonPath(dir)}: is missing; start the run again`);
  await writeRunJson(dir, { ...run, status, endedAt: new Date().toISOString() });
}

/**
 * Reads run.json; undefined when there is none.
 *
 * @throws InputError naming the first wrong field
 */
export function readRunJson(dir: string): RunRecord | undefined {
  const path = runJsonPath(dir);
  try {
    return runSchema.parse(parseJson(readRegularText(path), path));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (errorCode(cause) === "ENOENT") return undefined;
    const problem = describe(cause);
    throw new InputError(`${path}: ${problem}; mend it, or delete the run to train it anew`, { cause });
  }
}

function describe(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    const issue = cause.issues[0];
    return `${issue?.path.join(".") || "content"}: ${issue?.message}`;
  }
  return cause instanceof SyntaxError ? "not JSON" : `cannot be read (${errorCode(cause)})`;
}
