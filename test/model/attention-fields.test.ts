/** Temperature, sinks and gates against loops; SSMax at n = 1. */
import { beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { requireArchitecture } from "../../src/formats/huggingface/architectures.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import type { Tap } from "../../src/model/taps.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { expectRemembered } from "../encodings/contract-memory.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { subjectReading } from "../probes/scalar-attention.ts";
import { furthest, gradientSizes, livelyParams, logitsFor, smallModel, someTokens, V } from "./small.ts";
import { keptOf } from "./without.ts";

const ROUNDING = 1e-5;
const [T, L, H] = [6, 8, 2];
const SSMAX = { kind: "ssmax" };

beforeAll(async () => {
  await startTestEngine();
});

const with_ = (fields: object, kind = "rope") => smallModel({ kind }, fields);

/** The model whose queries of head h at token i are multiplied by a number before they are turned. */
function queriesTimes(model: Model, factor: (layer: number, h: number, i: number) => number): Model {
  const tap: Tap = (name, activation) => {
    const [, layer] = /^blocks\.(\d+)\.attn\.q$/.exec(name) ?? [];
    if (layer === undefined) return activation;
    const each = Array.from({ length: H }, (_, h) =>
      Array.from({ length: T }, (_, i) => [factor(Number(layer), h, i)]),
    );
    return tf.mul(activation, tf.tensor3d(each));
  };
  return { ...model, tap };
}

const s = (params: Params, layer: number, h: number) =>
  (params[`h.${layer}.attn.temperature`] as tf.Tensor).dataSync()[h] as number;

describe("model.temperature", () => {
  test.each([
    ["causal", {}, (i: number) => i + 1],
    ["bidirectional", { attention: "bidirectional" }, () => T],
    ["in a window of 3", { window: 3 }, (i: number) => Math.min(i + 1, 3)],
    [
      "in a window to both sides",
      { window: 2, attention: "bidirectional" },
      (i: number) => Math.min(T, i + 2) - Math.max(0, i - 1),
    ],
  ])("SSMax multiplies scores by s·ln n, n the keys in sight: %s", (_title, fields, n) => {
    const model = with_({ temperature: SSMAX, ...fields });
    const params = livelyParams(model);
    const wanted = queriesTimes(with_(fields), (layer, h, i) => s(params, layer, h) * Math.log(n(i)));
    const logits = logitsFor(model, params, someTokens());
    expect(furthest(logits, logitsFor(wanted, params, someTokens()))).toBeLessThan(ROUNDING);
    expect(furthest(logits, logitsFor(with_(fields), params, someTokens()))).toBeGreaterThan(1e-3);
  });

  test("SSMax at n = 1: ln n is 0, and the first token still sees itself alone", () => {
    for (const kind of ["rope", "relative"]) {
      const model = with_({ temperature: SSMAX }, kind);
      const [first = []] = keptOf(model, livelyParams(model), "blocks.0.attn.pattern") as number[][][][];
      const [own, ...later] = (first[0]?.[0] ?? []) as unknown as number[];
      expect(own).toBeCloseTo(1, 6);
      expect(later).toEqual([0, 0, 0, 0, 0]);
    }
  });

  test("log-n leaves the scores of L_max keys as they are; llama4 has its steps", () => {
    const params = livelyParams(with_({}));
    const logits = (model: Model) => logitsFor(model, params, someTokens());
    const logN = with_({ temperature: { kind: "log-n" } });
    const wanted = queriesTimes(with_({}), (_layer, _h, i) => Math.log(i + 1) / Math.log(L));
    expect(furthest(logits(logN), logits(wanted))).toBeLessThan(ROUNDING);
    const llama4 = with_({ temperature: [null, { kind: "llama4", floor: 2, scale: 0.5 }] });
    const steps = queriesTimes(with_({}), (layer, _h, i) =>
      layer === 0 ? 1 : 1 + 0.5 * Math.log(1 + Math.floor((i + 1) / 2)),
    );
    expect(furthest(logits(llama4), logits(steps))).toBeLessThan(ROUNDING);
  });

  test("s starts where factors are 1 on average over a context of L_max tokens", () => {
    const { specs } = with_({ temperature: SSMAX });
    const start = specs["h.1.attn.temperature"]?.init(undefined as never, 0) as number;
    const logs = Array.from({ length: L }, (_, n) => Math.log(n + 1));
    expect((start * logs.reduce((a, b) => a + b)) / L).toBeCloseTo(1, 12);
  });

  test("probe terms: shares add up to 1 beside a temperature", async () => {
    const model = with_({ temperature: SSMAX }, "alibi");
    const rows = await runProbe("terms", subjectReading(model, livelyParams(model), someTokens(3, L)), 1, {});
    for (const layer of [0, 1])
      for (const basis of layer === 0 ? ["direct"] : ["direct", "means"]) {
        const here = rows.filter(
          ({ metric, at }) => metric === "term_share" && at.layer === layer && at.head === 0,
        );
        const of = here.filter(({ at }) => at.basis === basis);
        expect(of.reduce((sum, { value }) => sum + (value as number), 0)).toBeCloseTo(1, 5);
      }
  });
});

test("model.sinks: softmax over the scores and one more, whose weight goes nowhere", () => {
  const model = with_({ sinks: true });
  const params = livelyParams(model);
  const sinks = (params["h.0.attn.sinks"] as tf.Tensor).dataSync();
  const scores = keptOf(model, params, "blocks.0.attn.attn_scores");
  const pattern = keptOf(model, params, "blocks.0.attn.pattern");
  for (const h of [0, 1])
    for (let i = 0; i < T; i++) {
      const row = (scores[0]?.[h]?.[i] ?? []).slice(0, i + 1).map(Math.exp);
      const sum = row.reduce((a, b) => a + b, Math.exp(sinks[h] as number));
      const wanted = Array.from({ length: T }, (_, j) => (row[j] ?? 0) / sum);
      expect(furthest(pattern[0]?.[h]?.[i], wanted)).toBeLessThan(ROUNDING);
    }
});

test.each(["elementwise", "headwise"])("model.gate %s: what attention mixed, times σ(x·W + b)", (kind) => {
  const model = with_({ gate: kind, layers: 1 }, "none");
  const params = livelyParams(model);
  const gated = keptOf(model, params, "blocks.0.attn.z"); // (B,H,T,D)
  const plain = keptOf(with_({ layers: 1 }, "none"), params, "blocks.0.attn.z");
  const resid = keptOf(model, params, "blocks.0.resid_pre") as unknown as number[][][]; // (B,T,C)
  const values = (name: string) => Array.from((params[name] as tf.Tensor).dataSync());
  const [gain, shift] = [values("h.0.ln_1.weight"), values("h.0.ln_1.bias")];
  const [W, bias] = [values("h.0.attn.gate.weight"), values("h.0.attn.gate.bias")];
  const [C, D] = [16, 8];
  const N = bias.length;
  const normalized = (x: number[]) => {
    const mean = x.reduce((a, b) => a + b) / C;
    const size = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / C + 1e-5);
    return x.map((value, c) => ((value - mean) / size) * (gain[c] as number) + (shift[c] as number));
  };
  for (let t = 0; t < T; t++) {
    const x = normalized(resid[0]?.[t] as number[]);
    for (let h = 0; h < H; h++)
      for (let d = 0; d < D; d++) {
        const n = kind === "headwise" ? h : h * D + d;
        const logit = x.reduce((sum, value, c) => sum + value * (W[c * N + n] as number), bias[n] as number);
        const wanted = (plain[0]?.[h]?.[t]?.[d] as number) / (1 + Math.exp(-logit));
        expect(Math.abs((gated[0]?.[h]?.[t]?.[d] as number) - wanted)).toBeLessThan(ROUNDING);
      }
  }
});

const ALL = { temperature: SSMAX, sinks: true, gate: "elementwise" };

test("cached keys give the logits of the whole context, and every parameter has a gradient", async () => {
  const model = with_({ ...ALL, keyValueHeads: 1, window: [3, null] });
  await expectRemembered(model, "all");
  await expectRemembered(with_({ temperature: { kind: "llama4", floor: 2 }, layers: 1 }), "llama4");
  for (const [name, size] of gradientSizes(model)) expect(size, name).toBeGreaterThan(0);
});

test("a context read in parts has the logits of one read whole", () => {
  const model = with_({ ...ALL, window: [3, null] });
  const params = livelyParams(model);
  const logits = (queries: number) =>
    logitsFor(model, params, someTokens(), { kind: "contiguous" }, { queries });
  expect(furthest(logits(2), logits(T))).toBeLessThan(ROUNDING);
});

test("what is wrong is said by its path, and no export takes them in silence", () => {
  const parse = (fields: object) => () =>
    createModel(parseConfig(modelSchema(), { ...fields, position: { kind: "none" } }, "preset"), V);
  expect(parse({ temperature: { kind: "hot" } })).toThrow(/^preset: temperature.kind: /);
  expect(parse({ temperature: [SSMAX] })).toThrow("preset: temperature: is a list");
  expect(parse({ gate: "every" })).toThrow(/^preset: gate: /);
  for (const [field, value] of Object.entries(ALL))
    expect(() => requireArchitecture(with_({ [field]: value }, "learned"), "export")).toThrow(
      `is no GPT-2: model.${field} ${JSON.stringify(value)} where it has left out`,
    );
  expect(requireArchitecture(with_({ sinks: false }, "learned"), "export").title).toBe("GPT-2");
});
