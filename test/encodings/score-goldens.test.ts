/**
 * Scores of the encodings of 2024-2026, p-RoPE and LongRoPE against test/goldens/<kind>.json, which
 * test/goldens/make.py made of peers or of formulas in float64: all of scale·q·kᵀ + bias, after what
 * the encoding makes of queries and keys.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { AttentionState } from "../../src/encodings/encoding.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { smallModel } from "../model/small.ts";
import { GOLDEN, golden, type Nest, type Position } from "./calls.ts";

interface Case {
  readonly title: string;
  readonly position: Position;
  /** Of the model; two heads of width 4 and contexts of 8 tokens where they are left out. */
  readonly sizes?: object;
  readonly positions?: readonly number[];
  readonly params: Readonly<Record<string, Nest>>;
  /** (B,H,T,T), of keys that a query sees. */
  readonly scores: readonly (readonly (readonly (readonly number[])[])[])[];
}

interface Golden {
  readonly peer: string;
  /** q and k (B,H,T,D), and the block's normalized input (B,T,C). */
  readonly state: Readonly<Record<"q" | "k" | "x", Nest>>;
  readonly cases: readonly Case[];
}

const KINDS = ["rope-fields", "polar", "fope", "path", "selective-rope", "grape", "dape"];

beforeAll(async () => {
  await startTestEngine();
});

const tensorOf = (values: Nest) => tf.tensor(values as number[], undefined, "float32"); // tf infers the rank

function scoresOf({ position, sizes, positions, params }: Case, state: Golden["state"]): number[][][][] {
  const { encoding, shape } = smallModel(position, { width: 8, heads: 2, ...sizes });
  const own = Object.fromEntries(Object.entries(params).map(([name, values]) => [name, tensorOf(values)]));
  expect(Object.keys(own).sort()).toEqual(Object.keys(encoding.layerParams ?? {}).sort());
  const [q0, k0] = [tensorOf(state.q), tensorOf(state.k)] as tf.Tensor4D[] as [tf.Tensor4D, tf.Tensor4D];
  const x = tensorOf(state.x) as tf.Tensor3D;
  const T = x.shape[1];
  const at = positions ? tf.tensor1d([...positions]) : tf.range(0, T);
  const turn = (h: tf.Tensor4D, side: "query" | "key") =>
    encoding.transform?.(h, at, own, side, { layer: 0, x }) ?? h;
  const [q, k] = [turn(q0, "query"), turn(k0, "key")];
  const scale = encoding.scale ?? 1 / Math.sqrt(shape.headWidth);
  const later = tf.greater(tf.range(0, T), tf.reshape(tf.range(0, T), [T, 1]));
  const scores = tf.add(
    tf.mul(scale, tf.matMul(q, k, false, true)),
    tf.mul(tf.cast(later, "float32"), -1e9),
  ) as tf.Tensor4D;
  const heads = { layer: 0, first: 0, params: own, positions: { query: at, key: at }, x, q, k };
  const whole: AttentionState = { ...heads, scores, scale, causal: true };
  const bias = encoding.bias?.(whole);
  return (bias ? tf.add(scores, bias) : scores).arraySync() as number[][][][];
}

describe.each(KINDS)("%s", (kind) => {
  const { peer, state, cases } = golden<Golden>(kind);
  test.each(cases)(`$title, equals ${peer}`, (one) => {
    const found = tf.tidy(() => scoresOf(one, state));
    let seen = 0;
    for (const [b, heads] of one.scores.entries())
      for (const [h, rows] of heads.entries())
        for (const [i, row] of rows.entries())
          for (let j = 0; j <= i; j++) {
            const ours = found[b]?.[h]?.[i]?.[j] as number;
            expect(Math.abs(ours - (row[j] as number)), `scores[${[b, h, i, j]}]`).toBeLessThan(GOLDEN);
            seen++;
          }
    expect(seen).toBe(2 * 2 * 21); // B, H, and what each of six queries sees
  });
});
