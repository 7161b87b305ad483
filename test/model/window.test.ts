/** Sliding windows: the keys of a loop, read whole, in parts, from a cache and compiled. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { compile } from "../../src/engine/compile.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { contiguous } from "../../src/model/positions.ts";
import { keysSeen, MASKED, sightOf } from "../../src/model/sight.ts";
import type { Tap } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import { attentionMaps } from "../../src/probes/look.ts";
import { runProbe } from "../../src/probes/run.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { expectRemembered } from "../encodings/contract-memory.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { subjectReading } from "../probes/scalar-attention.ts";
import { furthest, idsTensor, livelyParams, logitsFor, smallModel, someTokens, V } from "./small.ts";

const ROUNDING = 1e-5;
const T = 8;

await startTestEngine();

const windowed = (window: unknown, fields: object = {}, kind = "alibi") =>
  smallModel({ kind }, { window, ...fields });

/** Adds the mask of each layer to the scores of a model without windows. */
function maskedByHand(model: Model, windows: readonly (number | null)[]): Model {
  const tap: Tap = (name, activation) => {
    const [, layer] = /^blocks\.(\d+)\.attn\.attn_scores$/.exec(name) ?? [];
    if (layer === undefined) return activation;
    const W = windows[Number(layer)] ?? Number.POSITIVE_INFINITY;
    const mask = Array.from({ length: T }, (_, i) =>
      Array.from({ length: T }, (_, j) => (Math.abs(i - j) >= W ? MASKED : 0)),
    );
    return tf.add(activation, tf.tensor2d(mask));
  };
  return { ...model, tap };
}

describe.each(["causal", "bidirectional"])("a window under %s attention", (attention) => {
  const plain = windowed(undefined, { attention });
  const params = livelyParams(plain);
  const tokens = someTokens(2, T);
  const logits = (model: Model, queries = T) => logitsFor(model, params, tokens, contiguous, { queries });

  test.each([
    [3, [3, 3]],
    [1, [1, 1]],
    [
      [null, 2],
      [null, 2],
    ],
    [{ pattern: [2, null] }, [2, null]],
  ])("of %j hides the keys that a loop hides, whole and in parts", (window, each) => {
    const one = windowed(window, { attention });
    const wanted = logits(maskedByHand(plain, each));
    expect(furthest(logits(one), wanted)).toBeLessThan(ROUNDING);
    expect(furthest(wanted, logits(plain))).toBeGreaterThan(1e-3);
    for (const queries of [1, 3]) expect(furthest(logits(one, queries), wanted)).toBeLessThan(ROUNDING);
  });

  test("as long as the context changes no bit", () => {
    expect(logits(windowed(T, { attention }))).toEqual(logits(plain));
  });

  test("keysSeen is what a query weighs", async () => {
    const model = windowed([2, null], { attention });
    const maps = await attentionMaps({ model, params }, [tokens[0] as number[]], { heads: [0] });
    for (const { layer, values } of maps)
      values.forEach((row, i) => {
        const [first, end] = keysSeen(sightOf(model, layer), i, T);
        expect(row.map((weight, j) => (weight === null ? -1 : j)).filter((j) => j >= 0)).toEqual(
          Array.from({ length: end - first }, (_, n) => first + n),
        );
        expect(row.reduce((sum: number, weight) => sum + (weight ?? 0), 0)).toBeCloseTo(1, 5);
      });
  });
});

test("a token reaches no further than layers·(W − 1)", () => {
  const model = windowed(2);
  const params = livelyParams(model);
  const [tokens] = someTokens(1, T) as [number[]];
  const changed = tokens.with(0, ((tokens[0] as number) + 1) % V);
  const [a, b] = [tokens, changed].map((one) => logitsFor(model, params, [one])[0] as number[][]) as [
    number[][],
    number[][],
  ];
  expect(b.slice(3)).toEqual(a.slice(3));
  expect(furthest(b[2], a[2])).toBeGreaterThan(0);
});

test.each(["forgetting", "rope"])(
  "%s: cached keys give the logits of the whole context under windows by layer",
  async (kind) => {
    await expectRemembered(windowed([3, null], {}, kind), kind);
  },
);

test("compiled equals eager", () => {
  const model = windowed(3);
  const inputs = {
    params: livelyParams(model),
    tokens: idsTensor(someTokens(2, T)),
    positions: tf.range(0, T),
  };
  const compiled = compile(
    ({ params, tokens, positions }: typeof inputs) => ({
      logits: forward(model, params, tokens, positions as tf.Tensor1D),
    }),
    { name: "windows" },
  );
  const { logits } = compiled(inputs);
  const eager = logitsFor(model, inputs.params, someTokens(2, T));
  expect(furthest(logits.arraySync(), eager)).toBeLessThan(ROUNDING);
  compiled.close();
  disposeTree({ logits, ...inputs });
});

test("probes leave out what a window hides", async () => {
  const model = windowed(3, { layers: 1 });
  const params = livelyParams(model);
  const subject = () => subjectReading(model, params, someTokens(4, T));
  const terms = await runProbe("terms", subject(), 1, {});
  const shares = terms.filter(({ metric, at }) => metric === "term_share" && at.head === 0);
  expect(shares.reduce((sum, { value }) => sum + (value as number), 0)).toBeCloseTo(1, 6);
  for (const { value } of shares) expect(Math.abs(value as number)).toBeLessThan(10); // a masked score would outweigh all
  const far = (await runProbe("attention", subject(), 1, {})).filter(
    ({ at }) => ((at.distance as number) ?? 0) > 2,
  );
  expect(far).toEqual([]);
  const kernel = await runProbe("kernel", subject(), 1, {});
  expect(Math.max(...kernel.map(({ at }) => (at.distance as number) ?? 0))).toBe(2);
  const leakage = await runProbe("leakage", subject(), 1, {});
  for (const { value } of leakage.filter(({ value }) => value !== null))
    expect(Math.abs(value as number)).toBeLessThan(2);
});

test("a window that is none is refused by its path", () => {
  const parse = (window: unknown) => () =>
    createModel(parseConfig(modelSchema(), { window, position: { kind: "none" } }, "preset"), V);
  expect(parse(0)).toThrow(/^preset: window: Too small/);
  expect(parse([3])).toThrow("preset: window: is a list, which has an entry for each layer");
  expect(parse({ pattern: [3, -1] })).toThrow(/^preset: window.pattern.1: Too small/);
});
