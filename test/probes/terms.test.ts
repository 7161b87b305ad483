/**
 * The terms of attention scores, against scalar loops over the equation: parts of the stream
 * through frozen norms, W_Q and W_K.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Measurement } from "../../src/probes/probe.ts";
import { type Params, param } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { normalize, rmsNormalize } from "../model/reference.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import {
  asked,
  CONTEXT_TOKENS,
  dot,
  expectRows,
  frozen,
  type Matrix,
  type Pass,
  passesOf,
  plus,
  type QueriesKeys,
  rowsOf,
  statistics,
  sum,
  T,
  type Vector,
} from "./score-loops.ts";

beforeAll(async () => {
  await startTestEngine();
});

const cases: [string, object, object][] = [
  [
    "learned, pre-norm, two query heads sharing keys",
    { kind: "learned" },
    { keyValueHeads: 1, tokenScale: 2 },
  ],
  [
    "sinusoids, post-norm with a norm of the embedding, bidirectional",
    { kind: "sinusoidal" },
    { norm: "post", embeddingNorm: true, attention: "bidirectional" },
  ],
  ["learned, RMSNorm, gated", { kind: "learned" }, { normKind: "rms", mlp: "swiglu" }],
  ["learned, norms of heads", { kind: "learned" }, { qkNorm: true, keyValueHeads: 1 }],
  ["learned, RMSNorm of heads too", { kind: "learned" }, { normKind: "rms", qkNorm: true }],
];

describe.each(cases)("%s", (_title, position, fields) => {
  const model = smallModel(position as { kind: string }, { layers: 2, width: 8, heads: 2, ...fields });
  const { config, shape } = model;
  const D = 4;
  let params: Params;
  let rows: Measurement[];
  let passes: Pass[];
  const of = (name: string) => [...param(params, name).dataSync()];
  const normalized = (row: Vector, name: string) =>
    config.normKind === "rms"
      ? rmsNormalize(row, of(`${name}.weight`), config.normEpsilon)
      : normalize(row, of(`${name}.weight`), of(`${name}.bias`));
  beforeAll(async () => {
    params = livelyParams(model);
    rows = await asked(model, params);
    const layers = [0, 1].flatMap((l) =>
      ["resid_pre", "attn_out", "resid_mid", "mlp_out", "attn.q", "attn.k"].map(
        (name) => `blocks.${l}.${name}`,
      ),
    );
    passes = await passesOf(model, params, ["embed", "pos_embed", ...layers]);
  });

  /** v or p of a context as block `layer` reads it. */
  function through(pass: Pass, which: "embed" | "pos_embed", layer: number): Matrix {
    const [e, rms] = [config.normEpsilon, config.normKind === "rms"];
    const norm = (part: Matrix, x: Matrix, name: string) =>
      part.map((row, t) => frozen(row, x[t] as Vector, of(`${name}.weight`), e, rms));
    let part: Matrix = pass.at(which);
    if (config.embeddingNorm) part = norm(part, plus(pass.at("embed"), pass.at("pos_embed")), "ln_e");
    if (config.norm === "pre") return norm(part, pass.at(`blocks.${layer}.resid_pre`), `h.${layer}.ln_1`);
    for (let m = 0; m < layer; m++) {
      part = norm(
        part,
        plus(pass.at(`blocks.${m}.resid_pre`), pass.at(`blocks.${m}.attn_out`)),
        `h.${m}.ln_1`,
      );
      part = norm(
        part,
        plus(pass.at(`blocks.${m}.resid_mid`), pass.at(`blocks.${m}.mlp_out`)),
        `h.${m}.ln_2`,
      );
    }
    return part;
  }

  /** Queries and keys of a head: of a part, x·W, or of the whole stream, x·W + b. */
  function projected(x: Matrix, layer: number, head: number, bias: boolean): QueriesKeys {
    const weight = rowsOf(of(`h.${layer}.attn.c_attn.weight`), 8);
    const b = of(`h.${layer}.attn.c_attn.bias`);
    const columns = (first: number) =>
      x.map((row) =>
        Array.from(
          { length: D },
          (_, d) =>
            sum(row.map((value, c) => value * (weight[c]?.[first + d] as number))) +
            (bias ? (b[first + d] as number) : 0),
        ),
      );
    const keyHead = shape.keyValueHeads === 1 ? 0 : head;
    return { q: columns(head * D), k: columns((2 + keyHead) * D) };
  }

  const ofHeads = ({ q, k }: QueriesKeys, norm: (x: Matrix, name: "q" | "k") => Matrix): QueriesKeys =>
    config.qkNorm ? { q: norm(q, "q"), k: norm(k, "k") } : { q, k };

  const scoresOf = (q: Matrix, k: Matrix): Matrix => q.map((a) => k.map((b) => dot(a, b) / Math.sqrt(D)));

  test.each([
    [0, 0],
    [1, 1],
  ])("the direct terms of layer %i, head %i", (layer, head) => {
    const terms: Record<string, Matrix[]> = {};
    for (const pass of passes) {
      const stream = pass.at(`blocks.${layer}.resid_pre`);
      const read = config.norm === "pre" ? stream.map((row) => normalized(row, `h.${layer}.ln_1`)) : stream;
      const raw = projected(read, layer, head, true);
      const whole = ofHeads(raw, (x, name) =>
        x.map((row) => normalized(row, `h.${layer}.attn.${name}_norm`)),
      );
      const [v, p] = (["embed", "pos_embed"] as const).map((which) =>
        ofHeads(projected(through(pass, which, layer), layer, head, false), (x, name) => {
          const gain = of(`h.${layer}.attn.${name}_norm.weight`);
          const rms = config.normKind === "rms";
          return x.map((row, t) => frozen(row, raw[name][t] as Vector, gain, config.normEpsilon, rms));
        }),
      ) as [QueriesKeys, QueriesKeys];
      const scores = scoresOf(whole.q, whole.k);
      const four = {
        "token-token": scoresOf(v.q, v.k),
        "token-position": scoresOf(v.q, p.k),
        "position-token": scoresOf(p.q, v.k),
        "position-position": scoresOf(p.q, p.k),
      };
      const both = scoresOf(plus(v.q, p.q), plus(v.k, p.k));
      const rest = scores.map((row, i) => row.map((value, j) => value - (both[i]?.[j] as number)));
      for (const [name, term] of Object.entries({ ...four, rest }))
        terms[name] = [...(terms[name] ?? []), term];
    }
    expectRows(rows, { layer, head, basis: "direct" }, statistics(terms, shape.causal));
  });

  test("the terms by means over contexts begun at each token, which leave no rest", async () => {
    const head = 1;
    const rotations = CONTEXT_TOKENS.flatMap((tokens) =>
      tokens.map((_, t) => tokens.map((_, n) => tokens[(n + t) % T] as number)),
    );
    const names = ["q", "k"].map((name) => `blocks.1.attn.${name}`);
    const rotated = await passesOf(model, params, names, rotations);
    const side = (of: readonly Pass[], name: "q" | "k", own: number) =>
      of.map(({ traced }) =>
        rowsOf(
          traced.activations[`blocks.1.attn.${name}`]?.values as Float32Array,
          T * (name === "q" ? 2 : shape.keyValueHeads),
        ).slice(own * T, (own + 1) * T),
      );
    const split = (name: "q" | "k", own: number) => {
      const all = side(rotated, name, own);
      const mean = (t: number, d: number) => sum(all.map((one) => one[t]?.[d] as number)) / all.length;
      const grand = (d: number) => sum(Array.from({ length: T }, (_, t) => mean(t, d))) / T;
      const p = Array.from({ length: T }, (_, t) =>
        Array.from({ length: D }, (_, d) => mean(t, d) - grand(d)),
      );
      const minus = p.map((row) => row.map((value) => -value));
      return side(passes, name, own).map((one) => ({ p, v: plus(one, minus) }));
    };
    const [q, k] = [split("q", head), split("k", shape.keyValueHeads === 1 ? 0 : head)];
    const terms: Record<string, Matrix[]> = {};
    for (const c of passes.keys()) {
      const [a, b] = [q[c], k[c]] as [(typeof q)[number], (typeof k)[number]];
      const four = {
        "token-token": scoresOf(a.v, b.v),
        "token-position": scoresOf(a.v, b.p),
        "position-token": scoresOf(a.p, b.v),
        "position-position": scoresOf(a.p, b.p),
      };
      for (const [name, term] of Object.entries(four)) terms[name] = [...(terms[name] ?? []), term];
    }
    expectRows(rows, { layer: 1, head, basis: "means" }, statistics(terms, shape.causal));
    expect(rows.some(({ at }) => at.layer === 0 && at.basis === "means")).toBe(false);
  });
});

test("bidirectional and without positions, nothing is of positions by means either", async () => {
  const model = smallModel({ kind: "none" }, { layers: 2, width: 8, attention: "bidirectional" });
  const rows = (await asked(model, livelyParams(model))).filter(({ at }) => at.basis === "means");
  expect(rows).toHaveLength(2 * 2 * 4 + 4);
  for (const { metric, value, at } of rows)
    if (at.term !== "token-token")
      expect(Math.abs(value as number), `${metric} ${at.term}`).toBeLessThan(1e-6);
});
