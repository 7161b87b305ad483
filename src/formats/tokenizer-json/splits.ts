/** Cutting a text at what matches, in each of the ways that Hugging Face's library has. */
import type { Finder } from "./pattern.ts";

/** A part of a text, and whether it begins where the text begins. */
export interface Piece {
  readonly text: string;
  readonly first: boolean;
}

export const behaviors = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;
export type Behavior = (typeof behaviors)[number];

type Segment = readonly [start: number, end: number, matches: boolean];

/** The pieces of a piece; none of them is empty. @param invert keeps what matches, cuts at the rest */
export function cut(piece: Piece, find: Finder, behavior: Behavior, invert = false): Piece[] {
  const found = segments(piece.text, find, invert);
  const kept = behavior === "Removed" ? found.filter(([, , matches]) => !matches) : merged(found, behavior);
  return kept.map(([start, end]) => ({
    text: piece.text.slice(start, end),
    first: piece.first && start === 0,
  }));
}

function segments(text: string, find: Finder, invert: boolean): Segment[] {
  const all: Segment[] = [];
  let at = 0;
  for (const [start, end] of find(text)) {
    if (start > at) all.push([at, start, invert]);
    all.push([start, end, !invert]);
    at = end;
  }
  if (at < text.length) all.push([at, text.length, invert]);
  return all;
}

function merged(all: readonly Segment[], behavior: Exclude<Behavior, "Removed">): readonly Segment[] {
  switch (behavior) {
    case "Isolated":
      return all;
    case "MergedWithPrevious":
      return joined(all, (before, now) => now[2] && !before[2]);
    case "MergedWithNext":
      return joined(all, (before, now) => before[2] && !now[2]);
    case "Contiguous":
      return joined(all, (before, now) => before[2] === now[2]);
  }
}

/** @param join whether a segment goes on from the one before it, both as they were found */
function joined(all: readonly Segment[], join: (before: Segment, now: Segment) => boolean): Segment[] {
  const kept: Segment[] = [];
  all.forEach((now, i) => {
    const before = all[i - 1];
    const last = kept.at(-1);
    if (before && last && join(before, now)) kept[kept.length - 1] = [last[0], now[1], now[2]];
    else kept.push(now);
  });
  return kept;
}
