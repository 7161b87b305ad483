/** Contextual positions against loops, against x-transformers, and their gradients against differences. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { D, expectBias, modelOf, type Numbers, type SomeState, someState, testGolden } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

testGolden("cope");

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** min(Σ_{l=j..i} σ(score_il), npos − 1), i the token of the query. */
function place(
  { scores, first }: Numbers,
  [b, h, i, j]: readonly [number, number, number, number],
  npos: number,
) {
  let passed = 0;
  for (let l = j; l <= first + i; l++) passed += sigmoid(scores[b]?.[h]?.[i]?.[l] as number);
  return Math.min(passed, npos - 1);
}

test.each([
  { positions: "context", inside: false, first: 0 },
  { positions: 2, inside: false, first: 0 },
  { positions: 3, inside: true, first: 0 },
  { positions: 3, inside: false, first: 4 },
  { positions: 64, inside: false, first: 35, length: 40 },
])(
  "bias = q·e[p], gates closed past the query, its own included: %o",
  ({ positions, inside, first, length = 7 }) => {
    const npos = positions === "context" ? 8 : (positions as number); // L_max is 8
    const model = modelOf({ kind: "cope", positions, inside }, "causal");
    const some = someState(model, [...Array(length).keys()], first);
    const { numbers } = some;
    const table = numbers.params["cope.weight"] as readonly (readonly number[])[];
    expect(table).toHaveLength(npos);
    const loop = (b: number, h: number, i: number, j: number) => {
      const p = place(numbers, [b, h, i, j], npos);
      const at = (n: number) =>
        table[n]?.reduce((sum, e, d) => sum + e * (numbers.q[b]?.[h]?.[i]?.[d] as number), 0) as number;
      const [low, high, part] = [Math.floor(p), Math.ceil(p), p - Math.floor(p)];
      return (at(high) * part + at(low) * (1 - part)) * (inside ? 1 / Math.sqrt(D) : 1);
    };
    // A place of 20 is off by a few 1e-6 in float32, and q·e changes by up to 10 from one whole
    // place to the next.
    expectBias(model, some, loop, length > 32 ? 1e-4 : undefined);
  },
);

/** Σ bias·weight over what a query sees, weights of a fixed pattern. */
function probe(
  model: ReturnType<typeof modelOf>,
  { state }: SomeState,
  table: tf.Tensor,
  q: tf.Tensor,
  scores: tf.Tensor,
) {
  const changed = { ...state, params: { "cope.weight": table }, q, scores } as SomeState["state"];
  const bias = model.encoding.bias?.(changed) as tf.Tensor;
  const pattern = tf.sin(tf.reshape(tf.range(0, bias.size), bias.shape));
  return tf.sum(tf.mul(bias, pattern)) as tf.Scalar;
}

test("gradients of the table, the queries and the scores equal central differences", () => {
  const model = modelOf({ kind: "cope", positions: 3 }, "causal");
  const some = someState(model, [0, 1, 2, 3, 4]);
  const inputs = [some.state.params["cope.weight"] as tf.Tensor, some.state.q, some.state.scores];
  const f = (table: tf.Tensor, q: tf.Tensor, scores: tf.Tensor) => probe(model, some, table, q, scores);
  const gradients = tf.grads(f)(inputs);
  const STEP = 1e-2; // float32 sums of size 10: a smaller step drowns in their rounding, 1e-6/1e-2
  inputs.forEach((input, n) => {
    const gradient = gradients[n]?.dataSync() as Float32Array;
    const values = Array.from(input.dataSync());
    let checked = 0;
    for (let e = 0; e < values.length; e += 3) {
      if (Math.abs(values[e] as number) > 1e6) continue; // masked
      const at = (by: number) =>
        f(
          ...(inputs.map((other, m) =>
            m === n ? tf.tensor(values.with(e, (values[e] as number) + by), input.shape) : other,
          ) as [tf.Tensor, tf.Tensor, tf.Tensor]),
        ).dataSync()[0] as number;
      const [below, here, above] = [at(-STEP), at(0), at(STEP)];
      // A place that crosses a whole number within the step has two slopes.
      if (Math.abs(above - 2 * here + below) > 1e-4) continue;
      expect(Math.abs((gradient[e] as number) - (above - below) / (2 * STEP))).toBeLessThan(5e-3);
      checked++;
    }
    expect(checked).toBeGreaterThan(3);
  });
});

test("bidirectional attention is refused, with what to set", () => {
  expect(() => modelOf({ kind: "cope" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "cope" }, "bidirectional")).toThrow(/cope: .*set model\.attention=causal/);
});
