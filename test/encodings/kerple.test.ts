/** KERPLE against its formula in float64, and its parameters against what they may be. */
import { beforeAll, describe, expect, test } from "vitest";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { biasOf, encodingOf, GOLDEN, golden, upTo } from "./calls.ts";

interface Golden {
  readonly r1: number[];
  readonly r2: number[];
  readonly log: number[][][];
  readonly power: number[][][];
}

const goldens = golden<Golden>("kerple");

beforeAll(async () => {
  await startTestEngine();
});

describe.each(["log", "power"] as const)("%s", (variant) => {
  const biasAt = (fields: object, r1: number[], r2: number[], query: number[], key = query) =>
    biasOf(
      { kind: "kerple", variant, ...fields },
      { heads: r1.length, attention: "bidirectional" },
      { params: { "kerple.r1": r1, "kerple.r2": r2 }, query, key },
    );

  test("the bias equals the formula, and inside the 1/√D a half of it at D = 4", () => {
    const { r1, r2, [variant]: expected } = goldens;
    expect(furthest(biasAt({}, r1, r2, upTo(10)), expected)).toBeLessThan(GOLDEN);
    const inside = biasAt({ inside: true }, r1, r2, upTo(10));
    const halves = expected.map((head) => head.map((row) => row.map((value) => value / 2)));
    expect(furthest(inside, halves)).toBeLessThan(GOLDEN);
  });

  test("the kernel is 0 at distance 0 and falls with distance, fractions included, whatever the parameters", () => {
    for (const raw of [-20, -1, 0, 3]) {
      const [[row]] = biasAt({}, [raw], [raw], [0], [0, 0.25, 1, 8, 500]) as [[number[]]];
      expect(row[0]).toBeCloseTo(0, 12);
      for (const [n, value] of row.slice(1).entries()) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeLessThanOrEqual(row[n] as number);
      }
    }
  });

  test("parameters start in the published ranges: (0, 2) and (0, 1), at least 0.01", () => {
    const specs = encodingOf({ kind: "kerple", variant }, { heads: 400, headWidth: 1 }).layerParams ?? {};
    const [r1, r2] = tf.tidy(() => {
      const values = initialize(specs, 1);
      const twice = (x: tf.Tensor) => tf.mul(2, tf.sigmoid(x));
      const second = values["kerple.r2"] as tf.Tensor;
      return [
        tf.softplus(values["kerple.r1"] as tf.Tensor).arraySync(),
        (variant === "log" ? tf.softplus(second) : twice(second)).arraySync(),
      ];
    }) as [number[], number[]];
    for (const [values, most] of [
      [r1, variant === "log" ? 2 : 1],
      [r2, variant === "log" ? 1 : 2],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThan(0.0099);
      expect(Math.min(...values)).toBeLessThan(0.05 * most);
      expect(Math.max(...values)).toBeLessThan(most);
      expect(Math.max(...values)).toBeGreaterThan(0.95 * most);
    }
  });

  test("the gradient by every parameter is finite, though a key stands at distance 0, and equals differences", () => {
    const encoding = encodingOf({ kind: "kerple", variant }, { heads: 1 });
    const sum = (r1: tf.Tensor, r2: tf.Tensor) => {
      const at = tf.tensor1d([0, 1, 2.5]);
      const state = {
        params: { "kerple.r1": r1, "kerple.r2": r2 },
        positions: { query: at, key: at },
        scale: 0.5,
      };
      return tf.sum(encoding.bias?.(state as never) as tf.Tensor); // what this bias looks at
    };
    const at = (a: number, b: number) =>
      tf.tidy(() => sum(tf.tensor1d([a]), tf.tensor1d([b])).dataSync()[0] as number);
    const gradients = tf.tidy(() =>
      tf
        .grads((r1, r2) => sum(r1, r2))([tf.tensor1d([0.4]), tf.tensor1d([-0.3])])
        .map((g) => g.dataSync()[0] as number),
    );
    const step = 0.01;
    const expected = [
      (at(0.4 + step, -0.3) - at(0.4 - step, -0.3)) / (2 * step),
      (at(0.4, -0.3 + step) - at(0.4, -0.3 - step)) / (2 * step),
    ];
    expect(furthest(gradients, expected)).toBeLessThan(2e-3);
    expect(Math.min(...gradients.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
