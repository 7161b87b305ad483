/**
 * Activation patching against a scalar block that is told which activations to replace, and where
 * nothing can be recovered.
 */
import { beforeAll, expect, test } from "vitest";
import type { OrderPair } from "../../src/data/index.ts";
import type { Model } from "../../src/model/model.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot, gelu, type Matrix, normalize, plus, type Vector } from "../model/reference.ts";
import { livelyParams, smallModel, someTokens } from "../model/small.ts";
import { logSoftmax, referenceOf, tokenizer } from "./referenced.ts";

beforeAll(() => startTestEngine());

/** float32 log-probabilities of size 5 in ratios of size 1. */
const ROUNDING = 1e-3;
const [H, C, T] = [2, 8, 5];
const D = C / H;

/** Pairs whose swap exchanges tokens 0 and 2. */
const PAIRS: readonly OrderPair[] = someTokens(9, T, 13).map((tokens, i) => {
  const context = tokens.map((token, t) => (token + t) % 10);
  const swapped = [...context];
  [swapped[0], swapped[2]] = [context[2] as number, context[0] as number];
  return { context, swapped, answer: (3 * i + 1) % 10 };
});
const ask = (model: Model, params: Params, config = {}, pairs = PAIRS) =>
  runProbe(
    "patching",
    {
      ...{ model, params, tokenizer },
      material: { pairs: { fixed: 0, splits: ["file"], of: () => pairs } },
    },
    1,
    config,
  );

/** What a block of one layer computes, (T,·) each. */
interface Parts {
  readonly resid: Matrix;
  /** Heads one after another. */
  readonly z: Matrix;
  readonly attn: Matrix;
  readonly mlp: Matrix;
}
type Patch = { readonly [K in keyof Parts]?: (own: Matrix) => Matrix };

/**
 * One pre-norm causal block in scalar loops; ln p of all tokens after the last, and its parts after
 * `patch`.
 */
function block(model: Model, params: Params, tokens: readonly number[], patch: Patch = {}) {
  const { values, embed } = referenceOf(model, params);
  const of = (name: string) => values[name] as Vector;
  const norm = (name: string, x: Vector) => normalize(x, of(`${name}.weight`), of(`${name}.bias`));
  const affine = (name: string, x: Vector, size: number) =>
    Array.from({ length: size }, (_, n) =>
      x.reduce(
        (sum, v, c) => sum + v * (of(`${name}.weight`)[c * size + n] as number),
        of(`${name}.bias`)[n] as number,
      ),
    );
  const table = (token: number) => of("wte.weight").slice(token * C, (token + 1) * C);
  const through = (part: keyof Parts, own: Matrix) => patch[part]?.(own) ?? own;
  const resid = through(
    "resid",
    tokens.map((token, t) => plus(table(token), embed?.(t) ?? new Array(C).fill(0))),
  );
  const qkv = resid.map((x) => affine("h.0.attn.c_attn", norm("h.0.ln_1", x), 3 * C));
  const head = (t: number, which: number, h: number) =>
    (qkv[t] as Vector).slice(which * C + h * D, which * C + (h + 1) * D);
  const z = through(
    "z",
    resid.map((_, i) =>
      Array.from({ length: H }, (_head, h) => {
        const powers = resid
          .slice(0, i + 1)
          .map((_key, j) => Math.exp(dot(head(i, 0, h), head(j, 1, h)) / Math.sqrt(D)));
        const total = powers.reduce((sum, p) => sum + p, 0);
        return Array.from({ length: D }, (_d, d) =>
          powers.reduce((sum, p, j) => sum + (p / total) * (head(j, 2, h)[d] as number), 0),
        );
      }).flat(),
    ),
  );
  const attn = through(
    "attn",
    z.map((x) => affine("h.0.attn.c_proj", x, C)),
  );
  const mid = resid.map((x, t) => plus(x, attn[t] as Vector));
  const mlp = through(
    "mlp",
    mid.map((x) => affine("h.0.mlp.c_proj", affine("h.0.mlp.c_fc", norm("h.0.ln_2", x), 4 * C).map(gelu), C)),
  );
  const last = norm("ln_f", plus(mid.at(-1) as Vector, mlp.at(-1) as Vector));
  const logits = Array.from({ length: model.vocabSize }, (_, token) => dot(table(token), last));
  return { logP: logSoftmax(logits), parts: { resid, z, attn, mlp } };
}

test("recovery is Σ(patched − swap)/Σ(context − swap) of ln p(answer), site by site", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: C, tied: true });
  const params = livelyParams(model);
  const pairs = PAIRS.flatMap((pair) => {
    const [a, b] = [block(model, params, pair.context).logP, block(model, params, pair.swapped).logP];
    const gains = a.map((logP, token) => logP - (b[token] as number));
    const gain = Math.max(...gains);
    // Something to recover in each, and nowhere so much that it drowns the others.
    return gain > 0.3 && gain < 3 ? [{ ...pair, answer: gains.indexOf(gain) }] : [];
  });
  expect(pairs.length).toBeGreaterThan(3);
  const rows = await ask(model, params, {}, pairs);
  const runs = pairs.map(({ context, swapped, answer }) => {
    const clean = block(model, params, context);
    const other = block(model, params, swapped);
    const patched = (patch: (clean: Parts) => Patch) =>
      (block(model, params, swapped, patch(clean.parts)).logP[answer] as number) -
      (other.logP[answer] as number);
    return { effect: (clean.logP[answer] as number) - (other.logP[answer] as number), patched };
  });
  const total = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0);
  const effect = total(runs.map((run) => run.effect));
  expect(rows[0]?.metric).toBe("patch_effect");
  expect(Math.abs((rows[0]?.value as number) - effect / pairs.length)).toBeLessThan(ROUNDING);
  const recovery = (patch: (clean: Parts) => Patch) => total(runs.map((run) => run.patched(patch))) / effect;
  const expected: [site: object, value: number][] = [
    ...Array.from({ length: T }, (_, token): [object, number] => [
      { site: "resid_pre", layer: 0, token },
      recovery((clean) => ({
        resid: (own) => own.map((x, t) => (t === token ? clean.resid[t] : x) as Vector),
      })),
    ]),
    ...Array.from({ length: H }, (_, h): [object, number] => [
      { site: "z", layer: 0, head: h },
      recovery((clean) => ({
        z: (own) =>
          own.map((x, t) => x.map((v, d) => (Math.floor(d / D) === h ? (clean.z[t]?.[d] as number) : v))),
      })),
    ]),
    [{ site: "attn_out", layer: 0 }, recovery((clean) => ({ attn: () => clean.attn }))],
    [{ site: "mlp_out", layer: 0 }, recovery((clean) => ({ mlp: () => clean.mlp }))],
  ];
  const found = rows.filter(({ metric }) => metric === "patch_recovery");
  expect(found.map(({ at }) => at)).toEqual(
    expected.map(([site]) => ({ ...site, split: "file", length: T })),
  );
  const something = (rows[0]?.value as number) > 2 * (rows[0]?.se as number);
  expect(something, "these pairs have an effect to recover").toBe(true);
  for (const [i, [site, value]] of expected.entries()) {
    expect(Math.abs((found[i]?.value as number) - value), JSON.stringify(site)).toBeLessThan(ROUNDING);
    expect(found[i]?.se, JSON.stringify(site)).toBeGreaterThanOrEqual(0);
  }
  expect(found[1]?.value).toBe(0); // token 1 is the same in both
  disposeTree(params);
});

test.each([
  { attention: "causal", layers: 1 },
  { attention: "bidirectional", layers: 2 },
])(
  "$attention without positions, $layers layers: there is nothing to recover, and so no recovery",
  async (fields) => {
    const model = smallModel({ kind: "none" }, { ...fields, width: C, keyValueHeads: 1 });
    const params = livelyParams(model);
    const [effect, ...rest] = await ask(model, params);
    expect(Math.abs(effect?.value as number)).toBeLessThan(1e-6);
    const tokens = fields.attention === "causal" ? T : T + 1; // a mask follows
    expect(rest).toHaveLength(fields.layers * (tokens + H + 2));
    expect(new Set(rest.map(({ value }) => value))).toEqual(new Set([null]));
    disposeTree(params);
  },
);

test("contexts that are too long are refused with a size that would do", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1, width: C });
  const params = livelyParams(model);
  await expect(ask(model, params, { tokens: 4 })).rejects.toThrow(
    "probe patching: every pair is longer than 4 tokens; give --with patching.tokens=5 or more",
  );
  disposeTree(params);
});
