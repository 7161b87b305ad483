/** A batch in parts: shares of the loss and of its gradient that add up, and the noise of the whole batch. */
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { type BatchTensors, meanLoss } from "../../src/train/objective.ts";
import { type BatchPart, inParts } from "../../src/train/parts.ts";

const [B, T, WIDTH, V] = [13, 5, 8, 7];
/** So wide that each row is worth a part. */
const WIDE = 8192;

const sizes = { layers: 1, heads: 2, width: WIDTH, context: T, dropout: 0.2, position: { kind: "learned" } };

function batch(): BatchTensors {
  const ids = (step: number) =>
    tf.tensor2d(
      Int32Array.from({ length: B * T }, (_, i) => (i * step) % V),
      [B, T],
    );
  return {
    tokens: tf.cast(ids(3), "int32") as tf.Tensor2D,
    targets: tf.cast(ids(5), "int32") as tf.Tensor2D,
    weights: tf.tensor2d(
      Float32Array.from({ length: B * T }, (_, i) => (i % 4 === 0 ? 0 : 1)),
      [B, T],
    ),
    positions: tf.range(0, T) as tf.Tensor1D,
  };
}

/** Other numbers at each site, the same at each reading. */
function numbers(): (shape: number[]) => tf.Tensor {
  let site = 0;
  return (shape) => tf.randomUniform(shape, 0, 1, "float32", ++site);
}

/** The loss and its gradient from so many parts. */
function trained(most: number) {
  const model = createModel(modelSchema().parse(sizes), V);
  const params = initialize(model.specs, 1);
  const all = batch();
  const shares = inParts(
    all,
    WIDE,
    ({ rows, of }) => {
      const [draw, total] = [numbers(), tf.sum(all.weights) as tf.Scalar];
      const options = { total, noise: (shape: number[]) => of(shape, draw) };
      const loss = (...values: tf.Tensor[]) =>
        meanLoss(
          model,
          Object.fromEntries(Object.keys(params).map((name, i) => [name, values[i] as tf.Tensor])),
          rows,
          options,
        );
      const { value, grads } = tf.valueAndGrads(loss)(Object.values(params));
      return [value, ...grads].flatMap((x) => Array.from(x.dataSync()));
    },
    most,
  );
  return { parts: shares.length, sum: shares.reduce((a, b) => a.map((x, i) => x + (b[i] as number))) };
}

describe("a batch in parts", () => {
  beforeAll(() => startEngine("cpu").then(() => {}));

  test.each([2, 3, 13])("has the loss and the gradient of the whole, with dropout (%d parts)", (most) => {
    const [whole, parts] = [trained(1), trained(most)];
    expect([whole.parts, parts.parts]).toEqual([1, most]);
    parts.sum.forEach((x, i) => void expect(x).toBeCloseTo(whole.sum[i] as number, 5));
    expect(Math.max(...whole.sum.slice(1).map(Math.abs))).toBeGreaterThan(0.01);
  });

  test.each([
    { width: WIDE, most: 100, sizes: Array(B).fill(1) },
    { width: WIDE, most: 3, sizes: [4, 4, 5] },
    { width: 252, most: 3, sizes: [B] }, // 16,380 numbers: a part is worth 8,192
    { width: 253, most: 3, sizes: [6, 7] },
    { width: WIDE, most: undefined, sizes: [B] }, // an engine that does one thing at a time
  ])("rows of parts at width $width, $most at most: $sizes", ({ width, most, sizes }) => {
    expect(inParts(batch(), width, ({ rows }) => rows.tokens.shape[0], most)).toEqual(sizes);
  });

  test("noise of several rows a row of the batch is that of the whole", () => {
    const drawn = tf.range(0, B * T * 2).reshape([B * T, 2]);
    const whole = (shape: number[]) => {
      expect(shape).toEqual(drawn.shape);
      return drawn;
    };
    const read = ({ rows, of }: BatchPart) => Array.from(of([rows.tokens.size, 2], whole).dataSync());
    const seen = inParts(batch(), WIDE, read, 2);
    expect(seen.flat()).toEqual(Array.from(drawn.dataSync()));
  });
});
