/** What BERT, GPT-NeoX, BLOOM and Llama have and GPT-2 lacks, against the scalar loops of `reference.ts`. */
import { beforeAll, describe, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { type Reference, referenceLogits, type Vector } from "./reference.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens } from "./small.ts";

/** float32 against doubles: logits to 6 after some hundred sums; a wrong ε of 1e-6 for 1e-5 is 1e-4. */
const ROUNDING = 2e-5;

beforeAll(async () => {
  await startTestEngine();
});

describe("parts of other architectures", () => {
  const cases: readonly { title: string; fields: object; part: Partial<Reference> }[] = [
    { title: "ε of 0.1", fields: { normEpsilon: 0.1 }, part: { normEpsilon: 0.1 } },
    { title: "normalized embeddings", fields: { embeddingNorm: true }, part: { embeddingNorm: true } },
    { title: "exact GELU", fields: { gelu: "erf" }, part: { exactGelu: true } },
    { title: "parallel residuals", fields: { residual: "parallel" }, part: { parallel: true } },
    { title: "ReLU", fields: { mlp: "relu" }, part: { relu: true } },
    { title: "a bias of each token", fields: { head: "biased" }, part: { headBias: true } },
    { title: "BERT's head", fields: { head: "transform" }, part: { headTransform: true } },
    { title: "RMSNorm", fields: { normKind: "rms" }, part: { rms: true } },
    { title: "normalized queries and keys", fields: { qkNorm: true }, part: { qkNorm: true } },
    {
      title: "RMSNorm of queries and keys too",
      fields: { normKind: "rms", qkNorm: true, normEpsilon: 0.1 },
      part: { rms: true, qkNorm: true, normEpsilon: 0.1 },
    },
    { title: "a gated MLP", fields: { mlp: "swiglu" }, part: { gated: true } },
    {
      title: "RMSNorm and a gated MLP without biases",
      fields: { normKind: "rms", mlp: "swiglu", bias: false, normEpsilon: 0.1 },
      part: { rms: true, gated: true, normEpsilon: 0.1 },
    },
    {
      title: "BERT's head with a matrix of its own and no biases but the tokens'",
      fields: { head: "transform", tied: false, bias: false },
      part: { headTransform: true, tied: false },
    },
  ];

  test.each(cases)(
    "$title: logits equal the scalar loops, and differ from those without",
    ({ fields, part }) => {
      const model = smallModel({ kind: "learned" }, fields);
      const params = livelyParams(model);
      const C = model.shape.width;
      const values: Record<string, Vector> = {};
      for (const [name, value] of Object.entries(params)) values[name] = Array.from(value.dataSync());
      const plain = { ...model.shape, preNorm: true, tied: true, tokenScale: 1, values };
      const embed = (t: number) => (values["wpe.weight"] as Vector).slice(t * C, (t + 1) * C);
      const loops = (reference: Reference) =>
        someTokens().map((context) => referenceLogits(reference, context));
      const got = logitsFor(model, params, someTokens());
      expect(furthest(got, loops({ ...plain, embed, ...part }))).toBeLessThan(ROUNDING);
      expect(furthest(got, loops({ ...plain, embed }))).toBeGreaterThan(ROUNDING);
    },
  );

  test("parallel residuals of one norm: logits equal the scalar loops, and differ where the second norm is another", () => {
    const one = smallModel({ kind: "none" }, { residual: "parallel-one-norm" });
    const two = smallModel({ kind: "none" }, { residual: "parallel" });
    const params = livelyParams(one);
    const values: Record<string, Vector> = {};
    for (const [name, value] of Object.entries(params)) values[name] = Array.from(value.dataSync());
    const reference = { ...one.shape, preNorm: true, tied: true, tokenScale: 1, values, parallel: true };
    const loops = someTokens().map((context) => referenceLogits({ ...reference, oneNorm: true }, context));
    expect(furthest(logitsFor(one, params, someTokens()), loops)).toBeLessThan(ROUNDING);
    const lively = livelyParams(two); // of the same names the same values
    expect(Object.keys(lively).length).toBe(Object.keys(params).length + 2 * one.shape.layers);
    expect(furthest(logitsFor(two, lively, someTokens()), loops)).toBeGreaterThan(ROUNDING);
  });

  const biasesOf = (fields: object) =>
    Object.keys(smallModel({ kind: "none" }, { layers: 1, ...fields }).specs).filter((name) =>
      name.endsWith(".bias"),
    );
  const [norms, attention, mlp] = [
    ["h.0.ln_1.bias", "h.0.ln_2.bias", "ln_f.bias"],
    ["h.0.attn.c_attn.bias", "h.0.attn.c_proj.bias"],
    ["h.0.mlp.c_fc.bias", "h.0.mlp.c_proj.bias"],
  ] as const;
  test.each<[boolean | string, readonly string[]]>([
    [true, [...attention, ...mlp]],
    ["attention", attention],
    ["qkv", [attention[0]]],
    ["mlp", mlp],
    [false, []],
  ])("bias %j: %j, beside those of layer normalization but for false", (bias, linear) => {
    expect(biasesOf({ bias, normKind: "rms" }).sort()).toEqual([...linear].sort());
    const all = bias === false ? [] : [...linear, ...norms];
    expect(biasesOf({ bias }).sort()).toEqual(all.sort());
  });

  test("a kind of GELU is refused where the MLP has none", () => {
    expect(() => smallModel({ kind: "none" }, { mlp: "swiglu", gelu: "erf" })).toThrow(/says nothing/);
  });

  test("parallel residuals are refused under post-norm, by name", () => {
    expect(() => smallModel({ kind: "none" }, { norm: "post", residual: "parallel" })).toThrow(/parallel/);
  });
});
