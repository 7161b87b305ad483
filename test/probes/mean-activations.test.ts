/** What mean ablation puts in the place of activations, and what rows of measurements say of it. */
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Material, Windows } from "../../src/data/index.ts";
import { memoryStore, windowsOf } from "../../src/data/token-store.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { parseAblation } from "../../src/model/ablations.ts";
import { meanActivations } from "../../src/probes/mean-activations.ts";
import { defineProbe } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, smallModel, someTokens } from "../model/small.ts";
import { keptOf, ROUNDING, without } from "../model/without.ts";

beforeAll(async () => {
  await startTestEngine();
});

describe("means", () => {
  const name = "blocks.0.mlp_out";
  const model = smallModel({ kind: "rope" });
  let params: Params;
  let windows: Windows;
  beforeAll(() => {
    params = livelyParams(model);
    windows = windowsOf(memoryStore(Int32Array.from(someTokens(1, 300)[0] as number[]), 300), "tokens");
  });
  const tokenizer = wordsTokenizer(["a", "b"]); // no probe asks it here
  const meansOf = (text: string, material: Material) =>
    meanActivations({ model, params, tokenizer, material }, [parseAblation(model, text)]);

  test("are those of 32 windows, position by position, of the stream and of each head", async () => {
    const { tokens } = windows.window(0, 32, 8);
    for (const [asked, heads] of [
      [name, 0],
      ["blocks.1.attn.rot_k", 2],
    ] as const) {
      const sums = new Array<number>(16).fill(0);
      for (let b = 0; b < 32; b++) {
        const context = [...tokens.subarray(8 * b, 8 * b + 8)];
        const [one] = keptOf(model, params, asked, [context]) as unknown as [number[][] | number[][][]];
        const byHead = (heads === 0 ? [one] : one) as number[][][]; // (H,T,D)
        for (let t = 0; t < 8; t++)
          byHead
            .flatMap((rows) => rows[t] as number[])
            .forEach((value, c) => {
              sums[c] = (sums[c] as number) + value / (32 * 8);
            });
      }
      const means = await meansOf(`${asked}=mean`, { windows });
      expect(furthest(means[asked], sums)).toBeLessThan(ROUNDING);
    }
  });

  test("take the place of the activation, in one head or in all", () => {
    const mean = Array.from({ length: 16 }, (_, c) => c - 3);
    const stream = keptOf(without(model, [`${name}=mean`], { [name]: mean }), params, name);
    for (const row of stream.flat()) expect(row).toEqual(mean);
    const z = "blocks.1.attn.z";
    const [one] = keptOf(without(model, [`${z}.1=mean`], { [z]: mean }), params, z) as [number[][][]];
    for (const row of one[1] as number[][]) expect(row).toEqual(mean.slice(8));
    expect(furthest(one[0], keptOf(model, params, z)[0]?.[0])).toBe(0);
  });

  test("need contexts, and are given", async () => {
    await expect(meansOf(`${name}=mean`, {})).rejects.toThrow(/give --text FILE or --pairs FILE/);
    expect(() => without(model, [`${name}=mean`])).toThrow(/has no mean of blocks\.0\.mlp_out/);
  });
});

test("rows of a probe say what was taken out", async () => {
  const model = without(smallModel({ kind: "rope" }), ["pos", "blocks.1.mlp_out"]);
  const probe = defineProbe({
    name: "one",
    question: "One?",
    needs: [],
    metrics: { one: { title: "one", unit: "ones", better: "neither", meaning: "Is 1." } },
    config: z.strictObject({}),
    run: async () => [{ metric: "one", value: 1, n: 1, at: { layer: 0 } }],
  });
  const subject = { model, params: {}, tokenizer: wordsTokenizer(["a"]), material: {} };
  const [row] = await runProbe(probe, subject, 1);
  expect(row?.at).toEqual({ layer: 0, ablated: "pos, blocks.1.mlp_out" });
});
