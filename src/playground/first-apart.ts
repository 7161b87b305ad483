/** Where a model first tells two orders of the same words apart. */
import type { Comparison } from "../probes/pair.ts";

/** 1 − cos below it is rounding of float32, not a difference. */
const APART = 1e-6;

/** The layer that first tells the two orders apart: 0 is the embedding; undefined where none does. */
export function firstApart({ distanceByLayer }: Pick<Comparison, "distanceByLayer">): number | undefined {
  const found = distanceByLayer.findIndex((distance) => distance !== null && distance > APART);
  return found < 0 ? undefined : found;
}

/** What that says of the model, as the end of a sentence about it. */
export function apartText(comparison: Pick<Comparison, "distanceByLayer">): string {
  const layer = firstApart(comparison);
  if (layer === undefined) return "no layer tells the two orders apart";
  if (layer === 0) return "the embedding differs already, for the last words do";
  return `layer ${layer} is the first that tells the two orders apart`;
}
