/** Encodings that differ by layer: each layer has its own, alone, and probes follow. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { requireArchitecture } from "../../src/formats/huggingface/architectures.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { encodingName, positionsByLayer } from "../../src/model/position-fields.ts";
import { attentionMaps, frequenciesOf } from "../../src/probes/look.ts";
import { runProbe } from "../../src/probes/run.ts";
import { parsePreset } from "../../src/train/preset.ts";
import { expectRemembered } from "../encodings/contract-memory.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { subjectReading } from "../probes/scalar-attention.ts";
import { furthest, gradientSizes, livelyParams, logitsFor, smallModel, someTokens, V } from "./small.ts";
import { logitsWithout, without } from "./without.ts";

const ROUNDING = 1e-5;
const SIZES = { layers: 2, heads: 2, width: 16, context: 8 };

await startTestEngine();

const hybrid = (position: unknown, fields: object = {}): Model =>
  createModel(parseConfig(modelSchema(), { ...SIZES, ...fields, position }, "preset"), V);
const refused = (position: unknown, fields?: object) => expect(() => hybrid(position, fields));

describe("model.position by layer", () => {
  test("a pattern repeats, a list has one each, and names alone have default fields", () => {
    const { config } = hybrid({ pattern: ["rope", { kind: "rope", base: 50 }, "none"] }, { layers: 4 });
    expect(positionsByLayer(config, 4).map((one) => JSON.stringify(one).slice(0, 50))).toEqual([
      '{"layout":"halves","base":10000,"rotary":1,"scalin',
      '{"layout":"halves","base":50,"rotary":1,"scaling":',
      '{"kind":"none"}',
      '{"layout":"halves","base":10000,"rotary":1,"scalin',
    ]);
    expect(encodingName(config)).toBe("rope+none");
    expect(parseConfig(modelSchema(), JSON.parse(JSON.stringify(config)), "again")).toEqual(config);
  });

  test("what is wrong in an entry is said by its path", () => {
    refused(["rope", "ropee"]).toThrow(/position.1: unknown encoding; known: none, /);
    refused(["rope", { kind: "rope", bose: 3 }]).toThrow("preset: position.1.bose is not a field");
    refused({ pattern: ["rope", { kind: "rope", base: 0 }] }).toThrow(/position.pattern.1.base: Too small/);
    refused({ kind: "rope", bose: 3 }).toThrow(/position.bose is not a field; known here: .*base/);
    refused({ kind: "rope", pattern: ["rope"] }).toThrow("position.pattern is not a field");
    refused(["rope"]).toThrow("position: is a list, which has an entry for each layer");
    refused(["t5", { kind: "t5", buckets: 4 }]).toThrow(/share the parameter .*give both the same fields/);
  });

  test("--set takes lists, patterns and what stands beside them", () => {
    const preset = { name: "mixed", model: { position: { kind: "none" } } };
    const { model } = parsePreset(preset, "mixed.json", [
      'model.position=["rope",{"kind":"rope","base":50}]',
      "model.window=[8,null]",
      "model.temperature.kind=ssmax",
      "model.sinks=true",
      "model.gate=headwise",
    ]);
    expect(positionsByLayer(model, 2)).toMatchObject([
      { kind: "rope", base: 10_000 },
      { kind: "rope", base: 50 },
    ]);
    const { window, temperature, sinks, gate } = model;
    expect({ window, temperature, sinks, gate }).toEqual({
      ...{ window: [8, null], temperature: { kind: "ssmax" } },
      ...{ sinks: true, gate: "headwise" },
    });
    const again = () => parsePreset({ ...preset, model }, "mixed.json", ["model.position.1.base=7"]);
    expect(positionsByLayer(again().model, 2)).toMatchObject([{ base: 10_000 }, { base: 7 }]);
  });

  test("of one encoding is that encoding", () => {
    const [one, list] = [smallModel({ kind: "t5" }), hybrid(["t5", "t5"])];
    expect([list.definition, list.byLayer, Object.keys(list.specs)]).toEqual([
      one.definition,
      undefined,
      Object.keys(one.specs),
    ]);
    const params = livelyParams(one);
    expect(logitsFor(list, params, someTokens())).toEqual(logitsFor(one, params, someTokens()));
  });
});

describe("a layer with its own encoding", () => {
  test("rope, none is rope whose rotation is undone in block 1", () => {
    const [rope, mixed] = [smallModel({ kind: "rope" }), hybrid(["rope", "none"])];
    const params = livelyParams(rope);
    const logits = logitsFor(mixed, params, someTokens());
    expect(logits).toEqual(logitsWithout(rope, params, "blocks.1.attn.pos"));
    expect(furthest(logits, logitsFor(rope, params, someTokens()))).toBeGreaterThan(1e-3);
  });

  test("a bias, its parameters and vectors of tokens are of the layer that has them", () => {
    const mixed = hybrid([{ kind: "kerple" }, { kind: "learned" }]);
    const own = Object.keys(mixed.specs).filter((name) => /kerple|wpe/.test(name));
    expect(own.some((name) => name.startsWith("h.0.attn.kerple"))).toBe(true);
    expect(own.some((name) => name.startsWith("h.1."))).toBe(false);
    expect(mixed.encoding.maxPositions).toBe(8);
    for (const [name, size] of gradientSizes(mixed)) expect(size, name).toBeGreaterThan(0);
  });

  test("is a model of Hugging Face's libraries in all fields or not at all, and so is one with a window", () => {
    expect(() => requireArchitecture(hybrid(["rope", "alibi"]), "export")).toThrow(
      "no architecture of Hugging Face has rope+alibi (by layer) positions and causal attention",
    );
    expect(() => requireArchitecture(hybrid(["rope", "none"]), "export")).toThrow(
      'is no SmolLM3: model.normKind "layer" where it has "rms", model.mlp "gelu" where it has "swiglu"',
    );
    expect(() => requireArchitecture(smallModel({ kind: "learned" }, { window: 3 }), "export")).toThrow(
      "is no GPT-2: model.window 3 where it has left out",
    );
  });

  test("cached keys give the logits of the whole context", async () => {
    await expectRemembered(hybrid(["forgetting", "rope"]), "forgetting, rope");
  });
});

describe("probes of a hybrid", () => {
  const model = hybrid(["rope", "alibi"]);
  const params = livelyParams(model);

  test("terms: the rotation is in block 0, the bias in block 1, and shares add up to 1", async () => {
    const rows = await runProbe("terms", subjectReading(model, params, someTokens(3, 8)), 1, {});
    const shares = rows.filter(
      ({ metric, at }) => metric === "term_share" && at.head === 0 && at.basis === "direct",
    );
    const termsIn = (layer: number) => shares.filter(({ at }) => at.layer === layer).map(({ at }) => at.term);
    expect(termsIn(0)).toEqual(["token-token", "transform", "rest"]);
    expect(termsIn(1)).toEqual(["token-token", "bias", "rest"]);
    for (const layer of [0, 1]) {
      const sum = shares
        .filter(({ at }) => at.layer === layer)
        .reduce((s, { value }) => s + (value as number), 0);
      expect(sum).toBeCloseTo(1, 6);
    }
  });

  test("frequencies: rows of the layers that turn, and maps of those that have a bias", async () => {
    const rows = await runProbe("frequencies", subjectReading(model, params, someTokens(3, 8)), 1, {
      ablated: [0.5],
    });
    expect(new Set(rows.flatMap(({ at }) => (at.layer === undefined ? [] : [at.layer])))).toEqual(
      new Set([0]),
    );
    expect(
      rows.some(({ metric, value }) => metric === "frequency_ablation" && Math.abs(value as number) > 0),
    ).toBe(true);
    expect(frequenciesOf(model)).toHaveLength(4);
    const maps = await attentionMaps({ model, params }, someTokens(1, 4), { of: "bias" });
    expect(new Set(maps.map(({ layer }) => layer))).toEqual(new Set([1]));
  });

  test("ablations name the parts of each block", () => {
    expect(() => without(model, ["blocks.0.attn.bias"])).toThrow("block 0 has no attn.bias; give 1, or *");
    expect(() => without(model, ["blocks.*.attn.values"])).toThrow(/whose encoding is rope\+alibi/);
    const all = logitsWithout(model, params, "pos");
    expect(furthest(all, logitsFor(hybrid({ kind: "none" }), params, someTokens()))).toBeLessThan(ROUNDING);
  });
});
