/**
 * The rows that probes measured of a run's best step, as it was trained and with the probes' default sizes.
 *
 *     probes/order.json          the rows
 *     probes/asked/order.json    the hash of what was asked (asked.ts), and of the rows that answer it
 *
 * Rows of earlier versions lack the second file. Answers to other questions stand beside it
 * (kept-answers.ts).
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError, isInputError } from "../../errors.ts";
import { parseJson } from "../../json.ts";
import { jsonText } from "../../printable.ts";
import type { Measurement } from "../../probes/probe.ts";
import { errorCode, indentedJson, writeError, writeFileDurably } from "../files/durable.ts";
import { makeFolder } from "../files/make-folder.mjs";
import { readRegularText } from "../files/regular.ts";
import { sha256 } from "./asked.ts";
import { readJson } from "./preset.ts";

/** Enough of a row to know a file that a probe wrote. */
const rowsSchema = z.array(
  z.looseObject({ metric: z.string(), value: z.number().nullable(), at: z.looseObject({}) }),
);

export const measurementsSchema = z.array(
  z.looseObject({
    metric: z.string(),
    value: z.number().nullable(),
    unit: z.string(),
    n: z.number(),
    se: z.union([z.number(), z.literal("exact"), z.null()]).optional(),
    at: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
);

const askedSchema = z.object({ asked: z.string(), rows: z.string() });

const rowsPath = (run: string, name: string) => join(run, "probes", `${name}.json`);
const askedPath = (run: string, name: string) => join(run, "probes", "asked", `${name}.json`);

/**
 * Keeps the rows of a probe in place of those that it measured before.
 *
 * @param asked the hash of what was asked, by which the rows are found again
 * @throws InputError where they cannot be written, or the name belongs to a file that no probe wrote
 */
export async function saveMeasurements(
  run: string,
  name: string,
  rows: readonly object[],
  asked?: string,
): Promise<void> {
  const path = rowsPath(run, name);
  if (!isFree(path)) {
    throw new InputError(`${path}: is there and holds no measurements; move it away, and probe again`);
  }
  const text = `${jsonText(`probe ${name}`, rows, 1)}\n`;
  await write(path, text);
  // Written second: after a crash between the two the hash of the rows is another's, and the probe
  // is asked again.
  if (asked !== undefined) await write(askedPath(run, name), indentedJson({ asked, rows: sha256(text) }));
}

async function write(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  try {
    makeFolder(folder);
  } catch (error) {
    throw writeError(folder, error);
  }
  await writeFileDurably(path, text);
}

/**
 * The rows that a probe measured.
 *
 * @throws InputError where there are none, or the file is none of a probe's
 * @example
 * const rows = [{ metric: "swap_accuracy", value: 0.5, unit: "accuracy", n: 4, at: {} }];
 * mkdirSync(join(folder, "asked", "probes"), { recursive: true });
 * writeFileSync(join(folder, "asked", "probes", "order.json"), JSON.stringify(rows));
 * assert.deepEqual(readMeasurements(join(folder, "asked"), "order"), rows);
 */
export function readMeasurements(run: string, name: string): Measurement[] {
  const path = rowsPath(run, name);
  const parsed = measurementsSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new InputError(`${path}: holds no measurements; move it away, and probe again`);
}

/** Whether rows of a probe are there. */
export const hasMeasurements = (run: string, name: string): boolean => existsSync(rowsPath(run, name));

/**
 * The rows that answer what is asked, if they are kept as they were written; undefined where the
 * probe has to be asked.
 */
export function savedMeasurements(
  run: string,
  name: string,
  asked: string | undefined,
): Measurement[] | undefined {
  if (asked === undefined) return undefined;
  try {
    const kept = askedSchema.safeParse(readJson(askedPath(run, name)));
    const path = rowsPath(run, name);
    const text = readRegularText(path);
    if (kept.data?.asked !== asked || kept.data.rows !== sha256(text)) return undefined;
    return measurementsSchema.safeParse(parseJson(text, path)).data;
  } catch {
    return undefined; // whatever keeps it from being read: what can be measured anew is no fault
  }
}

function isFree(path: string): boolean {
  try {
    return rowsSchema.safeParse(readJson(path)).success;
  } catch (error) {
    return isInputError(error) && errorCode(error.cause) === "ENOENT";
  }
}
