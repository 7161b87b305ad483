/** probes/NAME.json of a run: the rows that a probe measured of its best step. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError, isInputError } from "../../errors.ts";
import { jsonText } from "../../printable.ts";
import { errorCode, writeError, writeFileDurably } from "../files/durable.ts";
import { readJson } from "./preset.ts";

/** Enough of a row to know a file that a probe wrote. */
const rowsSchema = z.array(
  z.looseObject({ metric: z.string(), value: z.number().nullable(), at: z.looseObject({}) }),
);

/**
 * Keeps the rows of a probe in place of those that it measured before.
 *
 * @throws InputError where they cannot be written, or the name belongs to a file that no probe wrote
 */
export async function saveMeasurements(run: string, name: string, rows: readonly object[]): Promise<void> {
  const folder = join(run, "probes");
  const path = join(folder, `${name}.json`);
  if (!isFree(path)) {
    throw new InputError(`${path}: is there and holds no measurements; move it away, and probe again`);
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeError(folder, error);
  }
  await writeFileDurably(path, `${jsonText(`probe ${name}`, rows, 1)}\n`);
}

function isFree(path: string): boolean {
  try {
    return rowsSchema.safeParse(readJson(path)).success;
  } catch (error) {
    return isInputError(error) && errorCode(error.cause) === "ENOENT";
  }
}
