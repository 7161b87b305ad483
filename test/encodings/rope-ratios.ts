/** What a rotation does to frequencies, read off a query that it turns. */
import { turned, upTo } from "./calls.ts";

/** The size m and angle ω of each pair at position 1, from a query whose pairs are (1, 0). */
export function pairsOf(
  fields: object,
  headWidth: number,
  context: number,
): { size: number; omega: number }[] {
  const x = [[[upTo(headWidth).map((c) => (c < headWidth / 2 ? 1 : 0))]]];
  const position = { kind: "rope", ...fields };
  const row = turned(position, { heads: 1, headWidth, context }, x, [1])[0]?.[0]?.[0] as number[];
  return upTo(headWidth / 2).map((k) => {
    const [a, b] = [row[k] as number, row[k + headWidth / 2] as number];
    return { size: Math.hypot(a, b), omega: Math.atan2(b, a) };
  });
}

/** ω_k of a scaling divided by ω_k without. */
export function ratios(scaling: object, headWidth: number, context: number, base = 10_000): number[] {
  return pairsOf({ base, scaling }, headWidth, context).map(
    ({ omega }, k) => omega * base ** ((2 * k) / headWidth),
  );
}
