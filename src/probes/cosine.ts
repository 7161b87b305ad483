/**
 * What makes two places of the embedding stream alike: their tokens or their positions?
 *
 *     z_i = v_i + p_i        cos(z_i, z_j) = (v_i·v_j + v_i·p_j + p_i·v_j + p_i·p_j) / (|z_i||z_j|)
 *
 * v is the token's embedding and p what the encoding's `embed` adds, before any norm. Means are
 * over the pairs j = i − d of a context, for d up to 32 and then four an octave, and then over
 * contexts. "token-position" is the later place's token with the earlier one's position.
 */
import { z } from "zod";
import { meanWithError } from "../tensor/numbers.ts";
import { type Activation, openActivations } from "./activations.ts";
import { broadcastTo } from "./broadcast.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row } from "./probe.ts";

const METRICS = {
  stream_cosine: {
    title: "cosine in the stream",
    unit: "cos",
    better: "neither",
    meaning: "Mean cosine of z = token + position of two places of a context, by how far they are apart.",
  },
  cosine_part: {
    title: "part of the cosine",
    unit: "cos",
    better: "neither",
    meaning:
      "What v·v, v·p, p·v and p·p bring to that cosine, v the token's embedding and p the position's: the four add up to it.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type CosineRow = Row<keyof typeof METRICS>;

const PARTS = ["token-token", "token-position", "position-token", "position-position"] as const;

export const cosine = defineProbe({
  name: "cosine",
  question: "What makes two places of the embedding stream alike: their tokens or their positions?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    contexts: z.int().min(1).max(4096).default(32),
    /** Most tokens of a context, at most L_max. */
    tokens: z.int().min(1).max(4096).default(128),
  }),
  async run(subject, { contexts: B, tokens: most }) {
    const { windows } = subject.material;
    const { context, width: C } = subject.model.shape;
    const T = Math.min(most, context);
    const all = windows.window(0, B, T).tokens; // (B,T)
    const contexts = Array.from({ length: B }, (_, b) => [...all.subarray(b * T, (b + 1) * T)]);
    const reader = openActivations(subject, ["embed", "pos_embed"]);
    const means = new Map<number, number[][]>(); // of each context, by distance
    try {
      for await (const { activations } of reader.trace(contexts)) {
        const v = (activations.embed as Activation).values;
        const p = activations.pos_embed && broadcastTo(activations.pos_embed, [T, C]);
        for (const distance of distancesBelow(T))
          means.set(distance, [...(means.get(distance) ?? []), partsAt(v, p, C, distance)]);
      }
    } finally {
      reader.close();
    }
    return [...means].flatMap(([distance, of]) => rowsOf(of, { distance, split: windows.split, length: T }));
  },
});

/** 0 … 32, then 2^(k/4) in whole numbers. */
export function distancesBelow(T: number): number[] {
  const steps = Array.from({ length: 4 * 24 }, (_, k) => Math.round(2 ** (k / 4)));
  return [...new Set([...Array(33).keys(), ...steps.filter((step) => step > 32)])].filter(
    (distance) => distance < T,
  );
}

/** Means over pairs of v·v, and of the others where positions are added; NaN where no pair has an angle. */
function partsAt(
  v: ArrayLike<number>,
  p: ArrayLike<number> | undefined,
  C: number,
  distance: number,
): number[] {
  const sums = new Array<number>(p ? 4 : 1).fill(0);
  let pairs = 0;
  const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += (a[i * C + c] as number) * (b[j * C + c] as number);
    return sum;
  };
  const partsOf = (i: number, j: number) =>
    p ? [dot(v, i, v, j), dot(v, i, p, j), dot(p, i, v, j), dot(p, i, p, j)] : [dot(v, i, v, j)];
  const square = (i: number) => partsOf(i, i).reduce((sum, part) => sum + part, 0);
  for (let i = distance; i < v.length / C; i++) {
    const j = i - distance;
    const norms = Math.sqrt(square(i) * square(j));
    if (!(norms > 0)) continue;
    pairs++;
    for (const [k, part] of partsOf(i, j).entries()) sums[k] = (sums[k] as number) + part / norms;
  }
  return sums.map((sum) => sum / pairs);
}

function rowsOf(contexts: readonly (readonly number[])[], at: MeasurementSite): CosineRow[] {
  const defined = contexts.filter((parts) => parts.every((part) => !Number.isNaN(part)));
  if (defined.length === 0) return [];
  const [first] = defined as [readonly number[]];
  return [
    {
      metric: "stream_cosine",
      ...meanWithError(defined.map((parts) => parts.reduce((sum, part) => sum + part, 0))),
      at,
    },
    ...first.map(
      (_, k): CosineRow => ({
        metric: "cosine_part",
        ...meanWithError(defined.map((parts) => parts[k] as number)),
        at: { ...at, term: PARTS[k] },
      }),
    ),
  ];
}
