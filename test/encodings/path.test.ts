/** PaTH against the product of its reflections, one after another in doubles. */
import { beforeAll, expect, test } from "vitest";
import type { AttentionState } from "../../src/encodings/encoding.ts";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot } from "../model/reference.ts";
import { D, expectBias, H, type Matrix, modelOf, someState, type Vector } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

const times = (x: Vector, W: Matrix): number[] =>
  (W[0] as Vector).map((_, n) =>
    x.reduce((sum, value, c) => sum + value * ((W[c] as Vector)[n] as number), 0),
  );

type Weights = Readonly<Record<string, Matrix & Vector>>;

/** w_t and β_t of head h. */
function reflection(x: Vector, params: Weights, h: number): { w: number[]; beta: number } {
  const all = times(times(x, params["path.down"] as Matrix), params["path.up"] as Matrix);
  const own = all.slice(h * D, (h + 1) * D);
  const length = Math.sqrt(dot(own, own) + 1e-6);
  const logit =
    (times(x, params["path.beta.weight"] as Matrix)[h] as number) + (params["path.beta.bias"]?.[h] as number);
  return { w: own.map((value) => value / length), beta: 2 / (1 + Math.exp(-logit)) };
}

/** H_i ⋯ H_{j+1}·k */
function reflected(
  k: Vector,
  x: readonly Vector[],
  params: Weights,
  h: number,
  j: number,
  i: number,
): number[] {
  let along = [...k];
  for (let t = j + 1; t <= i; t++) {
    const { w, beta } = reflection(x[t] as Vector, params, h);
    const part = beta * dot(w, along);
    along = along.map((value, d) => value - part * (w[d] as number));
  }
  return along;
}

test.each([0, 3])("q·k + bias = q_i·H_i ⋯ H_{j+1}·k_j, queries from token %i on", (first) => {
  const model = modelOf({ kind: "path", rank: 3 }, "causal");
  const some = someState(model, [0, 1, 2, 3, 4, 5, 6], first);
  const { q, k, x, params } = some.numbers;
  expectBias(model, some, (b, h, i, j) => {
    const [query, key] = [q[b]?.[h]?.[i] as Vector, k[b]?.[h]?.[j] as Vector];
    const along = reflected(key, x[b] as Matrix, params as Weights, h, j, first + i);
    return (dot(query, along) - dot(query, key)) / Math.sqrt(D);
  });
});

test("over 300 tokens that reflect alike, where powers of L would overflow, products stay exact", () => {
  const [S, C] = [300, H * D];
  const model = modelOf({ kind: "path", rank: 3 }, "causal");
  const rng = createRng(1, "test/path");
  const draw = (shape: number[], size = 1) =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => size * rng.normal()),
      shape,
    );
  const params = {
    "path.down": draw([C, 3]),
    "path.up": draw([3, H * D]),
    "path.beta.weight": draw([C, H]),
    "path.beta.bias": tf.zeros([H]),
  };
  const x = tf.add(1, draw([1, S, C], 0.05)) as tf.Tensor3D; // alike: all w nearly one
  const [q, k] = [draw([1, H, 1, D]), draw([1, H, S, D])] as [tf.Tensor4D, tf.Tensor4D];
  const state = { x, q, k, params, first: S - 1, scale: 1 } as unknown as AttentionState; // what this bias looks at
  const bias = tf.tidy(() => model.encoding.bias?.(state).arraySync()) as number[][][][];
  const numbers = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value.arraySync()]),
  );
  const [rows, queries, keys] = [x, q, k].map((y) => y.arraySync()) as [
    number[][][],
    number[][][][],
    number[][][][],
  ];
  for (const j of [0, 1, 150, 298, 299]) {
    const [query, key] = [queries[0]?.[0]?.[0] as Vector, keys[0]?.[0]?.[j] as Vector];
    const along = reflected(key, rows[0] as Matrix, numbers as unknown as Weights, 0, j, S - 1);
    expect(Math.abs((bias[0]?.[0]?.[0]?.[j] as number) - (dot(query, along) - dot(query, key)))).toBeLessThan(
      1e-4,
    );
  }
});

test("bidirectional attention is refused, with what to set", () => {
  expect(() => modelOf({ kind: "path" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "path" }, "bidirectional")).toThrow(/^path: .*set model\.attention=causal/);
});
