/** Equivariance: errors written from the definition, and the models that have none. */
import { beforeAll, describe, expect, test } from "vitest";
import type { OrderPair } from "../../src/data/index.ts";
import type { Model } from "../../src/model/model.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel, someTokens } from "../model/small.ts";
import { referenceOf, tokenizer } from "./referenced.ts";

beforeAll(() => startTestEngine());

const PAIRS: readonly OrderPair[] = someTokens(5, 6, 17).map((context) => ({
  ...{ context, swapped: context, answer: 0 },
}));
const ask = (model: Model, params: Params, pairs = PAIRS, config = {}) =>
  runProbe(
    "equivariance",
    {
      ...{ model, params, tokenizer },
      material: { pairs: { fixed: 1, splits: ["file"], of: () => pairs } },
    },
    1,
    config,
  );

test("at the embedding the error is that of positions: two tokens change places, the largest |p_1 − p_2|", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1 });
  const params = livelyParams(model);
  const context = [4, 1, 7, 2];
  const rows = await ask(model, params, [{ context, swapped: context, answer: 0 }], { permutations: 2 });
  const { embed, values } = referenceOf(model, params);
  const [one, two] = [embed?.(1) as readonly number[], embed?.(2) as readonly number[]];
  const expected = Math.max(...one.map((p, c) => Math.abs(p - (two[c] as number))));
  const at = (metric: string) => rows.find((row) => row.metric === metric && row.at.layer === 0);
  expect(at("equivariance_error")?.value).toBeCloseTo(expected, 5);
  expect([at("equivariance_error")?.n, at("equivariance_error")?.se]).toEqual([2, null]); // one context
  expect(at("invariance_error")?.value).toBe(0);
  const states = context.flatMap((token, t) => {
    const place = embed?.(t) as readonly number[];
    return place.map((p, c) => p + ((values["wte.weight"] as readonly number[])[token * 16 + c] as number));
  });
  const rms = Math.sqrt(states.reduce((sum, v) => sum + v * v, 0) / states.length);
  expect(at("state_rms")?.value).toBeCloseTo(rms, 5);
  expect(rows.find((row) => row.metric === "invariance_error" && row.at.layer === 1)?.value).toBeGreaterThan(
    0.01,
  );
  disposeTree(params);
});

describe("without positions", () => {
  /** Errors by layer, as shares of the states' size: sums of float32 in another order. */
  const shares = async (fields: object, metric: string) => {
    const model = smallModel({ kind: "none" }, fields);
    const params = livelyParams(model);
    const rows = await ask(model, params);
    disposeTree(params);
    const values = (name: string) =>
      rows.filter((row) => row.metric === name).map(({ value }) => value as number);
    const sizes = values("state_rms");
    return values(metric).map((error, layer) => error / (sizes[layer] as number));
  };

  test("a bidirectional model is equivariant at every layer", async () => {
    const errors = await shares({ attention: "bidirectional", layers: 2 }, "equivariance_error");
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toBeLessThan(2e-6);
  });

  test("a causal one is not; its last token does not see the order in a first layer, and sees it in a second", async () => {
    const all = await shares({ layers: 1 }, "equivariance_error");
    expect(all[0]).toBe(0);
    expect(all[1]).toBeGreaterThan(0.05);
    const [embedding, first, second] = await shares({ layers: 2 }, "invariance_error");
    expect(embedding).toBe(0);
    expect(first).toBeLessThan(2e-6);
    expect(second).toBeGreaterThan(0.01);
  });
});
