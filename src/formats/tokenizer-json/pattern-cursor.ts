/** A place in a pattern that is read, and what is said of it. */
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";

/** Ways that a pattern may leave open at one place. */
const MOST_WAYS = 2048;

export interface Cursor {
  readonly text: string;
  readonly where: string;
  at: number;
  groups: number;
}

/** @throws InputError for more ways than may be tried */
export function bounded(cursor: Cursor, ways: number): number {
  if (ways <= MOST_WAYS) return ways;
  throw refusal(cursor, `leaves more than ${MOST_WAYS} ways open`);
}

export function refusal({ text, where, at }: Cursor, problem: string): InputError {
  return new InputError(
    `${where}: the pattern ${quoted(text)} ${problem}, at character ${at}; it is not run, since it could take too long or mean something else`,
  );
}
