/** Long readings of a text are seen, and can be stopped. */
import type { TextPart } from "./read.ts";

/** Hears of work that may take long: what it is and how much, and then how much of it is done. */
export type ShowWork = (work: string, total: number, unit: "bytes" | "tokens") => (done: number) => void;

/** Who watches. */
export interface Watch {
  /** Aborted: the work ends with its reason, and what was begun leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  readonly show?: ShowWork | undefined;
}

/** To be told of the bytes of these parts as they are read. */
export function showReading(
  { show }: Watch,
  work: string,
  parts: readonly TextPart[],
): ((bytes: number) => void) | undefined {
  const done = show?.(
    work,
    parts.reduce((sum, { start, end }) => sum + end - start, 0),
    "bytes",
  );
  let read = 0;
  return (
    done &&
    ((bytes) => {
      read += bytes;
      done(read);
    })
  );
}
