/** How large the tensors of an encoding grow with the context. */
import { beforeAll, expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { startEngine } from "../../src/engine/index.ts";
import { tf } from "../../src/tensor/tf.ts";
import { livelyParams, lossAndGradients, smallModel, someBatch } from "../model/small.ts";

const CONTEXT = 160;
/**
 * FIRE's network has 32 hidden numbers for each pair of tokens; cope reads a pair of numbers of
 * each head.
 */
const MOST_A_PAIR = 40;

beforeAll(async () => {
  await startEngine("wasm");
});

/** Fields under which an encoding's tables are as long as the context. */
const longTables = (kind: string): object[] =>
  ["relative", "shaw", "deberta"].includes(kind)
    ? [{ window: "context" }]
    : kind === "dape"
      ? [{ hidden: 8, kernel: 1 }]
      : kind === "tupe"
        ? [{ window: "context", relativeBias: true }]
        : [{}];

test.each(encodings.flatMap(({ kind }) => longTables(kind).map((fields) => ({ kind, ...fields }))))(
  "no tensor of a step has T³ numbers: %o",
  async (position) => {
    const model = smallModel(position, { context: CONTEXT, layers: 1 });
    const { kernels } = await tf.profile(() => {
      tf.tidy(() => {
        lossAndGradients(model, livelyParams(model), someBatch(CONTEXT));
      });
      return tf.scalar(0);
    });
    const sizes = kernels.flatMap(({ outputShapes }) =>
      outputShapes.map((shape) => shape?.reduce((a, b) => a * b, 1) ?? 0),
    );
    expect(Math.max(...sizes)).toBeLessThan(MOST_A_PAIR * CONTEXT ** 2);
  },
);
