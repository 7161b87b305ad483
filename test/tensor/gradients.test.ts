/** Gradients of the operations, and of the whole loss, against finite differences. */
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/node/native/engines.ts";
import { exactGelu, gelu, silu } from "../../src/tensor/activations.ts";
import { layerNorm, rmsNorm } from "../../src/tensor/norms.ts";
import { crossEntropy, linear, rows } from "../../src/tensor/ops.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { meanLoss } from "../../src/train/objective.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import {
  dot,
  normalize,
  rmsNormalize,
  exactGelu as scalarExactGelu,
  gelu as scalarGelu,
} from "../model/reference.ts";
import { furthest, livelyParams, lossAndGradients, smallModel, someBatch } from "../model/small.ts";

/** A step that balances the error of the formula, h², with float32 rounding over h: both are near 1e-3. */
const STEP = 1e-2;
const TOLERANCE = 2e-3;
const NATIVE = "the native engine where it is installed";

function numbers(shape: number[], name: string): tf.Tensor {
  const rng = createRng(1, `test/gradients/${name}`);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.normal()),
    shape,
  );
}

/** (f(x + h) − f(x − h))/2h by each element of input `which`. */
function differences(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], which: number): number[] {
  const x = inputs[which] as tf.Tensor;
  const values = x.dataSync();
  return Array.from(values, (value, i) => {
    const at = (moved: number) => {
      const other = tf.tensor(Float32Array.from(values).fill(moved, i, i + 1), x.shape);
      return f(...inputs.with(which, other)).dataSync()[0] as number;
    };
    return (at(value + STEP) - at(value - STEP)) / (2 * STEP);
  });
}

/** The slope of a scalar function in float64, to 1e-9. */
const slopeOf = (f: (x: number) => number, x: number): number => (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;

const activations = {
  silu: [silu, (x: number) => x / (1 + Math.exp(-x))],
  gelu: [gelu, scalarGelu],
  exactGelu: [exactGelu, scalarExactGelu],
} as const;

/** A scalar that weights each output differently, so that no error cancels. */
const weighted = (y: tf.Tensor) => tf.sum(tf.mul(y, numbers(y.shape, "weights"))) as tf.Scalar;

type Case = readonly [string, number[][], (...inputs: tf.Tensor[]) => tf.Tensor];

const cases: readonly Case[] = [
  [
    "linear",
    [[2, 3, 4], [4, 5], [5]],
    (x, w, b) => linear(x as tf.Tensor3D, w as tf.Tensor2D, b as tf.Tensor1D),
  ],
  [
    "layerNorm",
    [[3, 6], [6], [6]],
    (x, g, b) => layerNorm(x as tf.Tensor, g as tf.Tensor1D, b as tf.Tensor1D),
  ],
  ["rmsNorm", [[3, 6], [6]], (x, g) => rmsNorm(x as tf.Tensor, g as tf.Tensor1D)],
  ["silu", [[4, 3]], (x) => silu(x as tf.Tensor)],
  ["gelu", [[4, 3]], (x) => gelu(x as tf.Tensor)],
  ["exactGelu", [[4, 3]], (x) => exactGelu(x as tf.Tensor)],
  ["layerNorm without a bias", [[2, 3, 6], [6]], (x, g) => layerNorm(x as tf.Tensor, g as tf.Tensor1D)],
  ["rows", [[5, 3]], (table) => rows(table as tf.Tensor2D, tf.tensor2d([0, 4, 1.25, 1.25, 3.5, 0], [2, 3]))],
  ["crossEntropy", [[4, 5]], (z) => crossEntropy(z as tf.Tensor2D, tf.tensor1d([0, 4, 2, 2], "int32"))],
];

describe.each([NATIVE, "wasm", "cpu"] as const)("on %s", (engine) => {
  beforeAll(async () => {
    if (engine === NATIVE) await startTestEngine();
    else await startEngine(engine);
  });

  test.each(cases)(
    "the gradient of %s is the slope of its value, for each of its inputs",
    (name, shapes, operation) => {
      tf.tidy(() => {
        const inputs = shapes.map((shape, i) => numbers(shape, `${name}/${i}`));
        const f = (...values: tf.Tensor[]) => weighted(operation(...values));
        tf.grads(f)(inputs).forEach((gradient, i) => {
          expect(gradient.shape).toEqual(inputs[i]?.shape);
          expect(furthest(gradient.dataSync(), differences(f, inputs, i))).toBeLessThan(TOLERANCE);
        });
      });
    },
  );

  test.each(Object.entries(activations))(
    "the gradient of %s is that of its scalar formula, at 0, beside it and far from it",
    (_, [operation, formula]) => {
      const at = [-100, -5.5, -1, -1e-3, -1e-25, 0, 1e-30, 1e-3, 0.7, 5.5, 50, 100];
      const slopes = tf.tidy(() =>
        tf
          .grad((x) => operation(x))(tf.tensor1d(at))
          .dataSync(),
      );
      const expected = at.map((x) => slopeOf(formula, x));
      expect(furthest(slopes, expected)).toBeLessThan(1e-5);
    },
  );

  test("the gradients of layerNorm and rmsNorm are those of their scalar formulas", () => {
    const [rows, C] = [3, 40];
    const [x, gain, up] = [numbers([rows, C], "x"), numbers([C], "gain"), numbers([rows, C], "dy")];
    const values = [...x.dataSync()];
    const lossWith =
      (f: (x: readonly number[], gain: readonly number[]) => readonly number[]) =>
      (i: number) =>
      (value: number) => {
        const row = Math.floor(i / C);
        const input = values.with(i, value).slice(row * C, (row + 1) * C);
        return dot(f(input, [...gain.dataSync()]), [...up.dataSync()].slice(row * C, (row + 1) * C));
      };
    const cases = [
      [(given: tf.Tensor) => layerNorm(given, gain as tf.Tensor1D), lossWith((row, g) => normalize(row, g))],
      [
        (given: tf.Tensor) => rmsNorm(given, gain as tf.Tensor1D, 1e-5),
        lossWith((row, g) => rmsNormalize(row, g, 1e-5)),
      ],
    ] as const;
    for (const [norm, loss] of cases) {
      const got = tf.tidy(() => tf.grad(norm)(x, up).dataSync());
      const expected = values.map((value, i) => slopeOf(loss(i), value));
      expect(furthest(got, expected)).toBeLessThan(1e-5);
    }
  });
});

test("the gradient of the loss by every parameter has the loss's slope along a random direction", async () => {
  await startTestEngine();
  tf.tidy(() => {
    const model = smallModel({ kind: "relative" });
    const params = livelyParams(model);
    const batch = someBatch();
    const { gradients } = lossAndGradients(model, params, batch);
    for (const [name, gradient] of Object.entries(gradients)) {
      const direction = numbers(gradient.shape, name);
      const unit = tf.div(direction, tf.norm(direction));
      const at = (step: number) => {
        const moved = tf.add(params[name] as tf.Tensor, tf.mul(unit, step));
        return meanLoss(model, { ...params, [name]: moved }, batch).dataSync()[0] as number;
      };
      const slope = (at(STEP) - at(-STEP)) / (2 * STEP);
      const expected = tf.sum(tf.mul(gradient, unit)).dataSync()[0] as number;
      expect(Math.abs(slope - expected), name).toBeLessThan(TOLERANCE);
    }
  });
});
