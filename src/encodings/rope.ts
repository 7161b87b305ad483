/**
 * Rotary positions: each pair of columns of queries and keys is turned by an angle proportional to the position,
 *
 *     (a, b)_k ← m·(a·cos pω_k − b·sin pω_k,  b·cos pω_k + a·sin pω_k)     ω_k = base^(−2k/R)     k = 0 … R/2 − 1
 *
 * so that q_i·k_j depends on i − j alone. R = rotary·D columns take part, and the rest pass as they are (frequencies use R, not D).
 * `layout` says which columns are a pair: "halves" k and k + R/2 (GPT-NeoX, Hugging Face), "interleaved" 2k and 2k + 1 (the paper, GPT-J).
 *
 * `scaling` changes the frequencies to read past L_max, with or without training; s is its `factor`, and m is 1 but for yarn:
 *
 *     linear   ω_k/s: positions squeezed by s (Chen et al. 2023, arXiv:2306.15595)
 *     ntk      base·s^(R/(R−2)), that is ω_k·s^(−2k/(R−2)): the slowest pair is squeezed by s, the fastest not at all
 *     dynamic  ntk with s·L/L_max − (s − 1) for s, L the furthest position + 1 and at least L_max
 *     yarn     pairs that turn more than betaFast times in L_max stay, those that turn less than betaSlow times are squeezed, a ramp
 *              over k between them; m = 0.1·ln s + 1 (Peng et al. 2023, arXiv:2309.00071)
 *     llama3   as yarn, the ramp over turns in L_max, from lowFrequency to highFrequency; m = 1 (Llama 3.1)
 *
 * These follow Hugging Face's `modeling_rope_utils`, with L_max for the original context. Departures: dynamic's factor is 1 by default, which
 * scales by L/L_max alone. YaRN's published betaFast is 32, for contexts of 4096; no pair turns 32 times in 32 tokens, so here it is 4.
 *
 * Su et al. 2021, arXiv:2104.09864, section 3.2.2.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { anglesOf, pairsOf } from "../tensor/angles.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const scalings = ["none", "linear", "ntk", "dynamic", "yarn", "llama3"] as const;
const factors = z.number().min(1).max(1e9);
const factor = factors.default(4);
const turns = z.number().positive().max(1e6); // in L_max

/** Every field but `kind` has a default, so that the kind alone can be changed on a trained checkpoint. */
const scalingSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("linear"), factor }),
    z.strictObject({ kind: z.literal("ntk"), factor }),
    z.strictObject({ kind: z.literal("dynamic"), factor: factors.default(1) }),
    z
      .strictObject({
        kind: z.literal("yarn"),
        factor,
        betaFast: turns.default(4),
        betaSlow: turns.default(1),
      })
      .refine((yarn) => yarn.betaFast > yarn.betaSlow, {
        path: ["betaFast"],
        error: "must be larger than betaSlow",
      }),
    z
      .strictObject({
        kind: z.literal("llama3"),
        factor,
        lowFrequency: turns.default(1),
        highFrequency: turns.default(4),
      })
      .refine((llama3) => llama3.highFrequency > llama3.lowFrequency, {
        path: ["highFrequency"],
        error: "must be larger than lowFrequency",
      }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union" ? `unknown scaling; known: ${scalings.join(", ")}` : undefined,
  },
);

type Scaling = z.output<typeof scalingSchema>;
export type Layout = "halves" | "interleaved";

export const rope = defineEncoding({
  kind: "rope",
  title: "RoPE",
  source: "Su et al. 2021, arXiv:2104.09864, section 3.2.2",
  relative: true,
  config: z.strictObject({
    layout: z.enum(["halves", "interleaved"]).default("halves"),
    base: z.number().gt(1).max(1e12).default(10_000),
    /** The part of each head's columns that turns. */
    rotary: z.number().positive().max(1).default(1),
    scaling: scalingSchema.prefault({ kind: "none" }),
  }),
  create({ layout, base, rotary, scaling }, { headWidth: D, context }) {
    const R = Math.floor(rotary * D + 1e-9); // 0.29·100 is 28.999…
    if (R < 2 || R % 2 !== 0) {
      throw new InputError(
        `rope: model.position.rotary ${rotary} of heads of width ${D} is ${R} columns, which are not pairs; ` +
          "choose a part of the width, or a width, that gives an even number from 2 on",
      );
    }
    const size = scaling.kind === "yarn" ? 0.1 * Math.log(scaling.factor) + 1 : 1;
    return {
      dependsOnLength: scaling.kind === "dynamic",
      pairs: (length) => pairsOf(scaledFrequencies(scaling, { R, base, context }, length), layout),
      transform(x, positions) {
        const omega = scaledFrequencies(scaling, { R, base, context });
        const angle =
          scaling.kind === "dynamic"
            ? tf.mul(tf.expandDims(positions, 1), slowed(omega, positions, scaling.factor, context))
            : anglesOf(positions, omega); // (T,R/2)
        const [cos, sin] = [tf.mul(size, tf.cos(angle)), tf.mul(size, tf.sin(angle))];
        if (R === D) return rotate(x, cos, sin, layout);
        const [turning, rest] = tf.split(x, [R, D - R], 3) as [tf.Tensor4D, tf.Tensor4D];
        return tf.concat([rotate(turning, cos, sin, layout), rest], 3);
      },
    };
  },
});

/**
 * Turns each pair of columns by the angle whose cosine and sine are given.
 *
 * @param x (B,H,T,R)
 * @param cos (T,R/2), as sin
 * @returns (B,H,T,R)
 */
export function rotate(x: tf.Tensor4D, cos: tf.Tensor, sin: tf.Tensor, layout: Layout): tf.Tensor4D {
  const [B, H, T, R] = x.shape;
  const pairs = layout === "halves" ? [B * H, T, 2, R / 2] : [B * H, T, R / 2, 2];
  const axis = layout === "halves" ? 2 : 3;
  const [a, b] = tf.unstack(tf.reshape(x, pairs), axis) as [tf.Tensor3D, tf.Tensor3D]; // (BH,T,R/2)
  const turned = [
    tf.sub(tf.mul(a, cos), tf.mul(b, sin)),
    tf.add(tf.mul(b, cos), tf.mul(a, sin)),
  ] as tf.Tensor3D[];
  return tf.reshape(tf.stack(turned, axis), [B, H, T, R]);
}

interface Grid {
  readonly R: number;
  readonly base: number;
  readonly context: number;
}

/** ω_k for k = 0 … R/2 − 1, in radians a position; dynamic's are unscaled up to L_max. */
function scaledFrequencies(scaling: Scaling, { R, base, context }: Grid, length = context): number[] {
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
    case "llama3": {
      const { factor, lowFrequency, highFrequency } = scaling;
      const turns = (w: number) => (context * w) / (2 * Math.PI);
      return omega.map((w) =>
        mix(w, w / factor, 1 - clamp01((turns(w) - lowFrequency) / (highFrequency - lowFrequency))),
      );
    }
    default:
      return scaling satisfies never;
  }
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

/** How far pair k is squeezed, from 0 to 1: a ramp between the pairs, rounded outwards, that turn betaFast and betaSlow times in L_max. */
function ramp(
  { betaFast, betaSlow }: Extract<Scaling, { kind: "yarn" }>,
  { R, base, context }: Grid,
): (k: number) => number {
  const pairTurning = (times: number) =>
    (R * Math.log(context / (2 * Math.PI * times))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairTurning(betaFast)));
  const high = Math.min(R - 1, Math.ceil(pairTurning(betaSlow)));
  const width = high === low ? 0.001 : high - low;
  return (k) => clamp01((k - low) / width);
}

const mix = (a: number, b: number, share: number) => a * (1 - share) + b * share;
const clamp01 = (x: number) => Math.min(1, Math.max(0, x));
