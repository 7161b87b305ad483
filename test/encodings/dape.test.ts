/** DAPE against loops over heads and keys. */
import { beforeAll, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { dape } from "../../src/encodings/dape.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { D, expectBias, H, type Matrix, modelOf, someState, type Vector } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

const softplus = (x: number) => Math.log1p(Math.exp(x));

test.each([
  { prior: "alibi", kernel: 1, first: 0, attention: "causal" },
  { prior: "kerple", kernel: 3, first: 0, attention: "causal" },
  { prior: "kerple", kernel: 3, first: 2, attention: "causal" },
  { prior: "alibi", kernel: 5, first: 0, attention: "bidirectional" },
])("bias = B + f([A; B] of the keys beside): %o", ({ prior, kernel, first, attention }) => {
  const model = modelOf({ kind: "dape", prior, kernel, hidden: 5 }, attention);
  const positions = [0, 1, 2, 3, 5, 8];
  const some = someState(model, positions, first);
  const { q, k, params } = some.numbers;
  const vector = (name: string) => params[name] as unknown as Vector;
  const matrix = (name: string) => params[name] as unknown as Matrix;
  const B = (h: number, i: number, j: number) => {
    const distance = Math.abs((positions[first + i] as number) - (positions[j] as number));
    if (prior === "alibi") return -([2 ** -4, 2 ** -8][h] as number) * distance;
    const [r1, r2] = ["kerple.r1", "kerple.r2"].map((name) => softplus(vector(name)[h] as number)) as [
      number,
      number,
    ];
    return -r1 * Math.log1p(r2 * distance);
  };
  const A = (b: number, h: number, i: number, j: number) =>
    (q[b]?.[h]?.[i] ?? []).reduce((sum, value, d) => sum + value * (k[b]?.[h]?.[j]?.[d] as number), 0) /
    Math.sqrt(D);
  /** A of all heads, then B, of a key that the query sees; else zeros. */
  const pair = (b: number, i: number, j: number): number[] => {
    const seen = j >= 0 && j < positions.length && (attention === "bidirectional" || j <= first + i);
    const heads = Array.from({ length: H }, (_, h) => h);
    return [...heads.map((h) => (seen ? A(b, h, i, j) : 0)), ...heads.map((h) => (seen ? B(h, i, j) : 0))];
  };
  expectBias(model, some, (b, h, i, j) => {
    const half = (kernel - 1) / 2;
    const read = Array.from({ length: kernel }, (_, n) => pair(b, i, j + n - half)).flat();
    const inner = vector("dape.in.bias").map((bias, m) => {
      const z = read.reduce((sum, value, n) => sum + value * (matrix("dape.in")[n]?.[m] as number), bias);
      return z > 0 ? z : 0.01 * z;
    });
    const added = inner.reduce((sum, value, m) => sum + value * (matrix("dape.out")[m]?.[h] as number), 0);
    return B(h, i, j) + added + (vector("dape.out.bias")[h] as number);
  });
});

test("scores of keys that are hidden are never read: another one changes no bit", () => {
  const model = modelOf({ kind: "dape", hidden: 5 }, "causal");
  const { state } = someState(model, [0, 1, 2, 3]);
  const lower = tf.less(state.scores, -1e8);
  const other = tf.where(lower, tf.fill(state.scores.shape, -2e9), state.scores) as tf.Tensor4D;
  const read = (scores: tf.Tensor4D) => model.encoding.bias?.({ ...state, scores }).arraySync();
  expect(read(other)).toEqual(read(state.scores));
});

test("an even kernel is refused", () => {
  expect(() => parseConfig(dape.config, { kernel: 2 }, "position")).toThrow("position: kernel: must be odd");
});
