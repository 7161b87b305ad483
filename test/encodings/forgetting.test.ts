/** Forget gates against loops, and against x-transformers' data dependent ALiBi. */
import { beforeAll, expect, test } from "vitest";
import type { AttentionState } from "../../src/encodings/encoding.ts";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { expectBias, modelOf, someState, testGolden } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

testGolden("forgetting");

test.each([
  { dependent: true, first: 0 },
  { dependent: true, first: 3 },
  { dependent: false, first: 0 },
])("bias = Σ_{l=j+1..i} log σ(x_l·w + b), 0 on the diagonal: %o", ({ dependent, first }) => {
  const model = modelOf({ kind: "forgetting", dependent }, "causal");
  const some = someState(model, [0, 1, 2, 3, 4, 5], first);
  const { x, params } = some.numbers;
  const weight = params["forgetting.weight"] as readonly (readonly number[])[] | undefined;
  expect(weight === undefined).toBe(!dependent);
  expectBias(model, some, (b, h, i, j) => {
    let sum = 0;
    for (let l = j + 1; l <= first + i; l++) {
      let z = params["forgetting.bias"]?.[h] as number;
      for (let c = 0; weight !== undefined && c < weight.length; c++)
        z += (x[b]?.[l]?.[c] as number) * (weight[c]?.[h] as number);
      sum += Math.log(1 / (1 + Math.exp(-z)));
    }
    return sum;
  });
});

test("between neighbours of a context of 5,000 tokens, and far apart, sums are as exact as near its start", () => {
  const [S, T, C] = [5000, 3, 8];
  const rng = createRng(1, "test/forgetting");
  const x = Array.from({ length: S * C }, () => rng.normal());
  const model = modelOf({ kind: "forgetting" }, "causal");
  for (const first of [0, 300, 2000, S - T]) {
    const seen = first + T;
    const bias = tf.tidy(() => {
      const state = {
        x: tf.tensor3d(x.slice(0, seen * C), [1, seen, C]),
        params: { "forgetting.weight": tf.ones([C, 2]), "forgetting.bias": tf.tensor1d([0, -3]) },
        positions: { query: tf.range(first, seen), key: tf.range(0, seen) },
        first,
      } as unknown as AttentionState; // what this bias looks at
      return model.encoding.bias?.(state).arraySync() as number[][][][];
    });
    for (const h of [0, 1]) {
      for (let i = 0; i < T; i++) {
        let sum = 0;
        for (let j = first + i; j >= 0; j--) {
          const found = bias[0]?.[h]?.[i]?.[j] as number;
          expect(Math.abs(found - sum)).toBeLessThan(1e-4 + 1e-6 * Math.abs(sum));
          const z = x.slice(j * C, (j + 1) * C).reduce((a, b) => a + b, [0, -3][h] as number);
          sum -= Math.log1p(Math.exp(-z));
        }
      }
    }
  }
});

test("CABLE's bias is that of gates σ(−w·x), and stands outside of the 1/√D that its released code lacks", () => {
  const model = modelOf({ kind: "forgetting" }, "causal");
  expect(model.encoding.scale).toBeUndefined(); // 1/√D
  const some = someState(model, [0, 1, 2, 3, 4, 5]);
  const { x, params } = some.numbers;
  const [w, b] = [params["forgetting.weight"], params["forgetting.bias"]] as unknown as [
    number[][],
    number[],
  ];
  const sums = (row: number, h: number, t: number) => {
    let sum = 0; // b_t = −Σ_{l ≤ t} softplus(z_l), here of z = −(w·x + b)
    for (let l = 0; l <= t; l++) {
      const z = w.reduce(
        (all, column, c) => all + (x[row]?.[l]?.[c] as number) * (column[h] as number),
        b[h] as number,
      );
      sum -= Math.log1p(Math.exp(-z));
    }
    return sum;
  };
  expectBias(model, some, (row, h, i, j) => sums(row, h, i) - sums(row, h, j));
});

test("bidirectional attention is refused, with what to set", () => {
  expect(() => modelOf({ kind: "forgetting" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "forgetting" }, "bidirectional")).toThrow(
    /forgetting: .*set model\.attention=causal/,
  );
});
