/**
 * The first block's scores with positions added to tokens: four terms, and what of them depends on
 * distance alone.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { contiguous, positionsOf } from "../../src/model/positions.ts";
import { keepInto } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import { param } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot, type Matrix, type Vector } from "./reference.ts";
import { furthest, idsTensor, livelyParams, smallModel, someTokens, T } from "./small.ts";

const C = 16;
const H = 2;
const D = C / H;
/** float32 scores of size 10, against doubles. */
const ROUNDING = 1e-4;
/** A term that does something: well above rounding. */
const A_CHANGE = 1e-2;

beforeAll(async () => {
  await startTestEngine();
});

interface FirstBlock {
  /** Tokens and positions, (T,C). */
  readonly v: Matrix;
  readonly p: Matrix;
  /** (H,T,T) */
  readonly scores: readonly Matrix[];
  readonly gain: Vector;
  /** (C,3C): queries, keys, values. */
  readonly weight: Matrix;
}

/** What the first block sees and does for one context, as plain numbers. */
function firstBlock(kind: string, norm: "pre" | "post"): FirstBlock {
  const model = smallModel({ kind }, { norm, bias: false, attention: "bidirectional", layers: 1 });
  const params = livelyParams(model);
  const names = ["embed", "pos_embed", "blocks.0.attn.attn_scores"];
  const kept: Record<string, tf.Tensor> = {};
  const [v, p, scores] = tf.tidy(() => {
    const positions = tf.tensor1d(positionsOf(contiguous, T));
    forward(model, params, idsTensor(someTokens(1)), positions, { tap: keepInto(kept, names) });
    return names.map((name) => param(kept, name).arraySync());
  }) as unknown as [Matrix[], Matrix, Matrix[][]]; // the ranks that taps.ts gives
  const gain = param(params, "h.0.ln_1.weight").arraySync() as number[];
  const weight = param(params, "h.0.attn.c_attn.weight").arraySync() as number[][];
  return { v: v[0] as Matrix, p, scores: scores[0] as Matrix[], gain, weight };
}

const sumOf = (x: Vector) => x.reduce((sum, value) => sum + value, 0);
const plusAll = (...terms: Matrix[]): Matrix =>
  (terms[0] as Matrix).map((row, i) => row.map((_, j) => sumOf(terms.map((term) => term[i]?.[j] as number))));

/**
 * n(z) = (z − mean z)·g/σ, σ that of the sum v + p at the same place: linear in z, and n(v) + n(p)
 * = LN(v + p).
 */
function frozenNorm(z: Matrix, v: Matrix, p: Matrix, gain: Vector): Matrix {
  return z.map((row, t) => {
    const whole = row.map((_, c) => (v[t]?.[c] as number) + (p[t]?.[c] as number));
    const mean = sumOf(whole) / C;
    const sigma = Math.sqrt(sumOf(whole.map((value) => (value - mean) ** 2)) / C + 1e-5);
    return row.map((value, c) => ((value - sumOf(row) / C) / sigma) * (gain[c] as number));
  });
}

/** (a_i·W_Q)·(b_j·W_K)/√D of one head. */
function term(a: Matrix, b: Matrix, weight: Matrix, head: number): Matrix {
  const column = (from: number, d: number) => weight.map((row) => row[from + head * D + d] as number);
  const project = (x: Matrix, from: number) =>
    x.map((row) => Array.from({ length: D }, (_, d) => dot(row, column(from, d))));
  const [q, k] = [project(a, 0), project(b, C)];
  return q.map((query) => k.map((key) => dot(query, key) / Math.sqrt(D)));
}

describe.each(["post", "pre"] as const)("%s-norm", (norm) => {
  test("scores = v·v + v·p + p·v + p·p, and token → position is not position → token", () => {
    const { v, p, scores, gain, weight } = firstBlock("learned", norm);
    const [V, P] = norm === "post" ? [v, p] : [frozenNorm(v, v, p, gain), frozenNorm(p, v, p, gain)];
    for (let head = 0; head < H; head++) {
      const [vv, vp] = [term(V, V, weight, head), term(V, P, weight, head)];
      const [pv, pp] = [term(P, V, weight, head), term(P, P, weight, head)];
      expect(furthest(plusAll(vv, vp, pv, pp), scores[head])).toBeLessThan(ROUNDING);
      const zeros = vv.map((row) => row.map(() => 0));
      for (const one of [vv, vp, pv, pp]) expect(furthest(one, zeros)).toBeGreaterThan(A_CHANGE);
      const transposed = pv.map((_, i) => pv.map((row) => row[i] as number));
      expect(furthest(vp, pv)).toBeGreaterThan(A_CHANGE);
      expect(furthest(vp, transposed)).toBeGreaterThan(A_CHANGE);
    }
  });
});

/** How far a matrix is from one whose diagonals are constant. */
const offToeplitz = (matrix: Matrix) =>
  furthest(
    matrix.slice(1).map((row) => row.slice(1)),
    matrix.slice(0, -1).map((row) => row.slice(0, -1)),
  );

test("positions alone: P·Pᵀ is Toeplitz for sinusoids and not for a learned table; P·W_Q·W_Kᵀ·Pᵀ for neither", () => {
  const gramOf = (p: Matrix) => p.map((a) => p.map((b) => dot(a, b)));
  const [fixed, table] = [firstBlock("sinusoidal", "post"), firstBlock("learned", "post")];
  expect(offToeplitz(gramOf(fixed.p))).toBeLessThan(ROUNDING);
  expect(offToeplitz(gramOf(table.p))).toBeGreaterThan(A_CHANGE);
  for (const { p, weight } of [fixed, table])
    expect(offToeplitz(term(p, p, weight, 0))).toBeGreaterThan(A_CHANGE);
});
