/**
 * log.jsonl: what a run measured, one JSON object a line, in the order of its steps.
 *
 * A crash can tear the last line, and a run resumes at its last saved step, before the last lines
 * that it logged. So a resumed run first calls `rewindLog`: the log then has each line once, as if
 * the run had never stopped.
 */
import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { requireFinite } from "../../finite.ts";
import { isLogLine, type LogLine, parseLog } from "../../train/log-lines.ts";
import { errorCode, writeError, writeFileDurably } from "../files/durable.ts";
import { openToAppend, readRegularText } from "../files/regular.ts";

export type { LogLine } from "../../train/log-lines.ts";

/** Path of a run's log. */
export function logPath(dir: string): string {
  return join(dir, "log.jsonl");
}

/**
 * Adds a line. Older logs hold null for a loss that is NaN or infinite.
 *
 * @throws TypeError when `step` is not an integer from 0
 * @throws NotFiniteError for a number that is NaN or infinite
 * @throws InputError when the disk is full or the folder cannot be written; the log is then unchanged
 */
export function appendLog(dir: string, line: LogLine): void {
  const { step } = line;
  if (!isLogLine(line)) throw new TypeError(`log: step ${step} is not an integer from 0`);
  const path = logPath(dir);
  const bytes = new TextEncoder().encode(`${JSON.stringify(requireFinite("log", line))}\n`);
  try {
    withFile(path, (file) => {
      const before = fstatSync(file).size;
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      } catch (error) {
        ftruncateSync(file, before); // half a line would spoil the next one
        throw error;
      }
    });
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * All whole lines; none when there is no log yet. A torn last line is left out.
 *
 * @throws InputError naming the line when one before the last is not an object with a step
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * assert.ok(readLog(directory).some(({ split }) => split === "validation"));
 */
export function readLog(dir: string): LogLine[] {
  return parseLog(readText(logPath(dir)), logPath(dir));
}

/**
 * Prepares the log for a run that resumes after `step`: drops a torn last line and all lines of
 * later steps. The lines of a step must be logged before it is saved.
 *
 * @param step the last saved step, −1 when the run begins anew
 * @throws InputError as `readLog`, or when the log cannot be written
 */
export async function rewindLog(dir: string, step: number): Promise<void> {
  const path = logPath(dir);
  const before = readText(path);
  const kept = parseLog(before, path).filter((line) => line.step <= step);
  const after = kept.map((line) => `${JSON.stringify(line)}\n`).join("");
  if (after !== before) await writeFileDurably(path, after);
}

/**
 * Makes the log, if there is none, to learn before the first step whether it can be written.
 *
 * @throws InputError where it cannot
 */
export function requireAppendable(dir: string): void {
  try {
    withFile(logPath(dir), () => {});
  } catch (error) {
    throw writeError(logPath(dir), error);
  }
}

/** Makes all lines so far durable: to be called before the step that they led to is. */
export function syncLog(dir: string): void {
  const path = logPath(dir);
  if (existsSync(path)) withFile(path, fsyncSync);
}

function withFile(path: string, use: (file: number) => void): void {
  const file = openToAppend(path);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

/** Two lines each step of three million; a string of Node's holds 2^29 characters. */
const MOST_LOG_BYTES = 500_000_000;

function readText(path: string): string {
  try {
    return readRegularText(path, MOST_LOG_BYTES);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (errorCode(cause) === "ENOENT") return "";
    throw new InputError(`${path}: cannot be read (${errorCode(cause)}); check the path`, { cause });
  }
}
