/** log.jsonl as text: what a run measured, one JSON object a line, in the order of its steps. */
import { InputError } from "../errors.ts";
import { parseJson } from "../json.ts";

/** One line; `loss` is in nats per token, `seconds` since the start of training. */
export interface LogLine {
  readonly step: number;
  readonly split?: string;
  readonly loss?: number | null;
  readonly [field: string]: unknown;
}

/**
 * All whole lines. The last line may be torn, and is left out then: a torn line cannot parse, since
 * its object lacks the closing brace.
 *
 * @throws InputError naming the line when one before the last is not an object with a step
 */
export function parseLog(text: string, path: string): LogLine[] {
  const rows = text.split("\n");
  if (rows.at(-1) === "") rows.pop();
  return rows.flatMap((row, i) => {
    const line = parseLine(row);
    if (line !== undefined) return [line];
    if (i === rows.length - 1) return [];
    const problem = `${path}: line ${i + 1} is not a JSON object with a step`;
    throw new InputError(`${problem}; delete the line, or the run to train it anew`);
  });
}

/** Validation losses in the order of their steps; those that are not finite are left out. */
export const validationLosses = (log: readonly LogLine[]): [step: number, loss: number][] =>
  log.flatMap(({ step, split, loss }): [number, number][] =>
    split === "validation" && typeof loss === "number" ? [[step, loss]] : [],
  );

function parseLine(row: string): LogLine | undefined {
  try {
    const value: unknown = parseJson(row, "log");
    return isLogLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with a step, an integer from 0. */
export function isLogLine(value: unknown): value is LogLine {
  if (typeof value !== "object" || value === null || !("step" in value)) return false;
  return typeof value.step === "number" && Number.isSafeInteger(value.step) && value.step >= 0;
}
