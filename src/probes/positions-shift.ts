/**
 * How far a shift of positions is a linear map of their vectors: by the encoding's own R_Δ, and by
 * the best map of its rows.
 */
import { linearShiftError } from "./linear-shift.ts";
import { embedded, type PositionVectors, placesOf } from "./position-vectors.ts";
import type { POSITION_METRICS } from "./positions-metrics.ts";
import type { Row, Subject } from "./probe.ts";

type PositionRow = Row<keyof typeof POSITION_METRICS>;

/** 1, 2, 4, … up to `most` */
const doubles = (most: number) => Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, k) => 2 ** k);

export function linearRows({ values, width, N, at }: PositionVectors): PositionRow[] {
  return doubles(Math.max(1, N / 4)).flatMap((offset): PositionRow[] => {
    const found = linearShiftError(values, width, offset);
    if (found === null) return [];
    return [
      { metric: "linear_shift_error", value: found.error, n: found.n, se: "exact", at: { ...at, offset } },
    ];
  });
}

/** The identity from rows inside L_max to those Δ on, as far as Δ = N, where the encoding states R_Δ. */
export async function identityRows(subject: Subject, N: number): Promise<PositionRow[]> {
  const { model, params } = subject;
  if (model.encoding.shift === undefined) return [];
  const start = placesOf(subject, N);
  const rows: PositionRow[] = [];
  for (const offset of doubles(N)) {
    const places = start.map((place) => place + offset);
    if (!places.every((place) => place < (model.encoding.maxPositions ?? Number.POSITIVE_INFINITY))) break;
    const wanted = await embedded(model, params, places);
    const moved = await embedded(model, params, start, offset);
    const size = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = moved.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))),
      0,
    );
    const value = size > 0 ? error / size : null;
    rows.push({
      metric: "shift_identity_error",
      value,
      n: N,
      se: "exact",
      at: { from: 0, to: N - 1, offset },
    });
  }
  return rows;
}
