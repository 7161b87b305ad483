/**
 * Scalings of rotary frequencies ω_k = base^(−2k/R), to read past L_max with or without training.
 * s is `factor`, R the columns that turn, and m, a factor on what is turned, is 1 but for yarn and
 * longrope:
 *
 *     linear   ω_k/s: positions squeezed by s (Chen et al. 2023, arXiv:2306.15595)
 *     ntk      base·s^(R/(R−2)), that is ω_k·s^(−2k/(R−2)): the slowest pair is squeezed by s, the
 *              fastest not at all
 *     dynamic  ntk with s·L/L_max − (s − 1) for s, L the furthest position + 1 and at least L_max
 *     yarn     pairs that turn more than betaFast times in L_max stay, those that turn less than
 *              betaSlow times are squeezed, a ramp over k between them; m = 0.1·ln s + 1 (Peng et
 *              al. 2023, arXiv:2309.00071)
 *     llama3   as yarn, the ramp over turns in L_max, from lowFrequency to highFrequency; m = 1 (Llama 3.1)
 *     longrope ω_k/λ_k, a searched λ a pair: `short` up to L_max, `long` where the furthest position
 *              lies past it; m = √(1 + ln s/ln L_max) (Ding et al. 2024, arXiv:2402.13753)
 *
 * These follow Hugging Face's `modeling_rope_utils`; L_max is `original` where yarn, llama3 and
 * longrope say it. yarn and longrope may say m as `attention`, and yarn's ramp may stay unrounded
 * (`truncate` false).
 * Departures: dynamic's factor is 1 by default, which scales by L/L_max alone. YaRN's published
 * betaFast is 32, for contexts of 4096; no pair turns 32 times in 32 tokens, so here it is 4.
 */
import { anglesOf } from "../tensor/angles.ts";
import { tf } from "../tensor/tf.ts";
import type { Scaling } from "./rope-scaling-fields.ts";

/** The frequencies before they are scaled, and the model's context. */
export interface Grid {
  /** Columns that turn. */
  readonly R: number;
  readonly base: number;
  readonly context: number;
  /** The share of pairs that turn, the fastest; the others have ω = 0. */
  readonly turning: number;
}

type Range = Omit<Grid, "turning">;

/** m, what every turned pair is multiplied by. */
export function sizeOf(scaling: Scaling, context: number): number {
  if (scaling.kind === "yarn") return scaling.attention ?? 0.1 * Math.log(scaling.factor) + 1;
  if (scaling.kind !== "longrope") return 1;
  if (scaling.attention !== undefined) return scaling.attention;
  return Math.sqrt(1 + Math.log(scaling.factor) / Math.log(Math.max(2, scaling.original ?? context)));
}

/** Angles p·ω_k of positions, (T,R/2). */
export function anglesAt(scaling: Scaling, grid: Grid, positions: tf.Tensor1D): tf.Tensor {
  const omega = scaledFrequencies(scaling, grid);
  if (scaling.kind === "dynamic")
    return tf.mul(tf.expandDims(positions, 1), slowed(omega, positions, scaling.factor, grid.context));
  if (scaling.kind !== "longrope") return anglesOf(positions, omega);
  const limit = scaling.original ?? grid.context;
  const inside = anglesOf(positions, scaledFrequencies(scaling, grid, limit));
  const beyond = anglesOf(positions, scaledFrequencies(scaling, grid, limit + 1));
  const furthest = tf.add(tf.zerosLike(inside), tf.max(positions));
  return tf.where(tf.greaterEqual(furthest, limit), beyond, inside);
}

/** ω_k for k = 0 … R/2 − 1, in radians a position, in contexts of `length` tokens. */
export function scaledFrequencies(scaling: Scaling, grid: Grid, length = grid.context): number[] {
  const count = Math.floor((grid.turning * grid.R) / 2 + 1e-9);
  return allFrequencies(scaling, grid, length).map((w, k) => (k < count ? w : 0));
}

function allFrequencies(scaling: Scaling, { R, base, context }: Range, length: number): number[] {
  const omega = Array.from({ length: R / 2 }, (_, k) => base ** ((-2 * k) / R));
  switch (scaling.kind) {
    case "none":
      return omega;
    case "dynamic": {
      const stretch = (scaling.factor / context) * Math.max(0, length - context) + 1;
      return omega.map((w, k) => w * stretch ** -ntkExponent(k, R));
    }
    case "linear":
      return omega.map((w) => w / scaling.factor);
    case "ntk":
      return omega.map((w, k) => w * scaling.factor ** -ntkExponent(k, R));
    case "yarn": {
      const squeezed = ramp(scaling, { R, base, context });
      return omega.map((w, k) => mix(w, w / scaling.factor, squeezed(k)));
    }
    case "longrope": {
      const { long, short } = lambdasOf(scaling, R);
      const lambda = length > (scaling.original ?? context) ? long : short;
      return omega.map((w, k) => w / (lambda[k] as number));
    }
    case "llama3": {
      const { factor, lowFrequency, highFrequency, original = context } = scaling;
      const turns = (w: number) => (original * w) / (2 * Math.PI);
      return omega.map((w) =>
        mix(w, w / factor, 1 - clamp01((turns(w) - lowFrequency) / (highFrequency - lowFrequency))),
      );
    }
    default:
      return scaling satisfies never;
  }
}

/** λ of each of R/2 pairs, with what longrope has where they are left out. */
export function lambdasOf({ factor, long, short }: Extract<Scaling, { kind: "longrope" }>, R: number) {
  const each = (of: (k: number) => number) => Array.from({ length: R / 2 }, (_, k) => of(k));
  return { long: long ?? each((k) => factor ** ntkExponent(k, R)), short: short ?? each(() => 1) };
}

/** 2k/(R − 2): 0 for the fastest pair, which is the only one where R is 2, and 1 for the slowest. */
const ntkExponent = (k: number, R: number) => (k === 0 ? 0 : (2 * k) / (R - 2));

/** The frequencies of ntk at the length that the positions reach. */
function slowed(
  omega: readonly number[],
  positions: tf.Tensor1D,
  factor: number,
  context: number,
): tf.Tensor {
  const R = 2 * omega.length;
  const length = tf.maximum(tf.add(tf.max(positions), 1), context);
  // s·L/L_max − (s − 1) without the difference of two large numbers, which float32 makes 0 or less
  const stretch = tf.add(tf.mul(factor / context, tf.sub(length, context)), 1);
  const exponent = tf.tensor2d([omega.map((_, k) => -ntkExponent(k, R))]);
  return tf.mul(tf.tensor2d([[...omega]]), tf.exp(tf.mul(exponent, tf.log(stretch))));
}

/**
 * How far pair k is squeezed, from 0 to 1: a ramp between the pairs, rounded outwards, that turn
 * betaFast and betaSlow times in L_max.
 */
function ramp(
  { betaFast, betaSlow, original, truncate = true }: Extract<Scaling, { kind: "yarn" }>,
  { R, base, context }: Range,
): (k: number) => number {
  const pairTurning = (times: number) =>
    (R * Math.log((original ?? context) / (2 * Math.PI * times))) / (2 * Math.log(base));
  const [fast, slow] = [pairTurning(betaFast), pairTurning(betaSlow)];
  const low = Math.max(0, truncate ? Math.floor(fast) : fast);
  const high = Math.min(R - 1, truncate ? Math.ceil(slow) : slow);
  const width = high === low ? 0.001 : high - low;
  return (k) => clamp01((k - low) / width);
}

const mix = (a: number, b: number, share: number) => a * (1 - share) + b * share;
const clamp01 = (x: number) => Math.min(1, Math.max(0, x));
