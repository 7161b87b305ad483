/** Parts taken out of a model: what is left is the model that never had them. */
import { beforeAll, describe, expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { createGenerator } from "../../src/model/generate.ts";
import type { Model } from "../../src/model/model.ts";
import { contiguous } from "../../src/model/positions.ts";
import type { Params } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { type Reference, referenceLogits } from "./reference.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens, T } from "./small.ts";
import { bare, keptOf, logitsWithout, ROUNDING, without } from "./without.ts";

/** float32 against doubles. */
const AGAINST_DOUBLES = 1e-4;

beforeAll(async () => {
  await startTestEngine();
});

describe.each(encodings.filter(({ kind }) => kind !== "none").map(({ kind }) => kind))("%s", (kind) => {
  test("without pos: the logits of the same weights without positions; before, others", () => {
    const model = smallModel({ kind }, { layers: 1, heads: 2, width: 8 });
    const params = livelyParams(model);
    const none = logitsFor(bare(model), params, someTokens());
    expect(furthest(logitsWithout(model, params, "pos"), none)).toBeLessThan(ROUNDING);
    expect(furthest(logitsWithout(model, params), none)).toBeGreaterThan(1e-3);
  });
});

test.each([
  ["rope", "blocks.*.attn.pos"],
  ["alibi", "blocks.*.attn.pos"],
  ["learned", "pos_embed"],
])("%s without %s is `none` with the same weights", (kind, name) => {
  const model = smallModel({ kind });
  const params = livelyParams(model);
  const { "wpe.weight": _table, ...shared } = params;
  const none = logitsFor(smallModel({ kind: "none" }), shared, someTokens());
  expect(furthest(logitsWithout(model, params, name), none)).toBeLessThan(ROUNDING);
});

/** A model of two layers as numbers, for loops in doubles. */
function referenceOf(model: Model, params: Params, change: Partial<Reference> = {}): Reference {
  const { layers, heads, width, causal } = model.shape;
  const values = Object.fromEntries(Object.entries(params).map(([name, x]) => [name, [...x.dataSync()]]));
  const fixed = { preNorm: true, tied: true, tokenScale: 1 };
  return { ...{ layers, heads, width, causal, values }, ...fixed, ...change };
}

describe("heads", () => {
  const model = smallModel({ kind: "alibi" });
  const D = 8;
  let params: Params;
  beforeAll(() => {
    params = livelyParams(model);
  });
  const slopes = [1 / 16, 1 / 256]; // 2^(−8(h+1)/H) of two heads
  const alibi = (head: number, i: number, j: number) => -(slopes[head] as number) * Math.abs(i - j);
  const expected = (change: Partial<Reference>) =>
    someTokens().map((context) => referenceLogits(referenceOf(model, params, change), context));

  test("z of one head zero: its rows of the output projection could as well be zero", () => {
    const { values } = referenceOf(model, params);
    const name = "h.1.attn.c_proj.weight";
    const kept = values[name]?.map((w, i) => (Math.floor(i / (16 * D)) === 1 ? 0 : w)) as number[];
    const reference = expected({ values: { ...values, [name]: kept }, bias: (_, ...at) => alibi(...at) });
    expect(furthest(logitsWithout(model, params, "blocks.1.attn.z.1"), reference)).toBeLessThan(
      AGAINST_DOUBLES,
    );
    expect(furthest(logitsWithout(model, params), reference)).toBeGreaterThan(1e-2);
  });

  test("pos of one head: the other keeps its slope, and the other block both", () => {
    const bias: Reference["bias"] = (layer, head, i, j) =>
      layer === 0 && head === 1 ? 0 : alibi(head, i, j);
    const found = logitsWithout(model, params, "blocks.0.attn.pos.1");
    expect(furthest(found, expected({ bias }))).toBeLessThan(AGAINST_DOUBLES);
  });

  test("a uniform pattern, or scores of zero: the same weight to each key up to the query", () => {
    const name = "blocks.0.attn.pattern";
    for (const asked of [`${name}.1=uniform`, "blocks.0.attn.attn_scores.1"]) {
      const seen = keptOf(without(model, [asked]), params, name)[0] as number[][][];
      for (let i = 0; i < T; i++)
        for (let j = 0; j < T; j++) expect(seen[1]?.[i]?.[j]).toBeCloseTo(j <= i ? 1 / (i + 1) : 0, 6);
      expect(furthest(seen[0], keptOf(model, params, name)[0]?.[0])).toBe(0);
    }
  });
});

test("a rotation is undone as the other ablations left the queries", () => {
  const model = smallModel({ kind: "rope" });
  const params = livelyParams(model);
  const both = logitsWithout(model, params, "blocks.0.attn.pos", "blocks.0.attn.q.0");
  expect(furthest(both, logitsWithout(model, params, "blocks.0.attn.q.0", "blocks.0.attn.pos"))).toBe(0);
  const kept = keptOf(
    without(model, ["blocks.0.attn.pos", "blocks.0.attn.q.0"]),
    params,
    "blocks.0.attn.rot_q",
  );
  expect(furthest(kept[0]?.[0], new Float32Array(T * 8))).toBe(0);
});

test.each(["rope", "alibi", "cope"])("%s: contexts read in parts see it as those read whole", (kind) => {
  const model = smallModel({ kind });
  const params = livelyParams(model);
  const asked = ["blocks.0.attn.pos", "blocks.1.attn.pattern.0=uniform", "blocks.1.attn.bias.1"];
  const changed = without(model, kind === "rope" ? asked.slice(0, 2) : asked);
  const parts = logitsFor(changed, params, someTokens(), contiguous, { queries: 2 });
  expect(furthest(parts, logitsFor(changed, params, someTokens()))).toBeLessThan(ROUNDING);
});

test.each(["rope", "alibi"])("%s: a generator with cached keys sees it too", async (kind) => {
  const model = smallModel({ kind }, { context: 16 });
  const params = livelyParams(model);
  /** Of three tokens, each after one that is the same for all. */
  const generated = async (of: Model, cached: boolean) => {
    const generator = createGenerator(of, params, { cached, slots: 8 });
    const rows: number[][] = [];
    const choose = (logits: Float32Array) => rows.push([...logits]);
    for await (const _ of generator.generate([[1, 2, 3]], { tokens: 3, choose }));
    generator.close();
    return rows;
  };
  const changed = await generated(without(model, ["pos"]), true);
  expect(furthest(changed, await generated(without(model, ["pos"]), false))).toBeLessThan(ROUNDING);
  expect(furthest(changed, await generated(bare(model), true))).toBeLessThan(ROUNDING);
  expect(furthest(changed, await generated(model, true))).toBeGreaterThan(1e-3);
});
