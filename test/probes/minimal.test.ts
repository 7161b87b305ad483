/**
 * Minimal pairs: scores against sums of a scalar model, what a model blind to order gets, and the
 * files that hold them.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { MinimalPair } from "../../src/data/index.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { pairMaterial } from "../../src/data/user-pairs.ts";
import type { Model } from "../../src/model/model.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { referenceLogits } from "../model/reference.ts";
import { livelyParams, smallModel, someTokens, V } from "../model/small.ts";
import { logSoftmax, referenceOf, tokenizer } from "./referenced.ts";

beforeAll(() => startTestEngine());

const MASK = V - 1;
/** float32 log-probabilities of size 5, summed over five tokens. */
const ROUNDING = 1e-4;

/** Pairs of 5 tokens, the second the first turned by one, and of another last token. */
const PAIRS: readonly MinimalPair[] = someTokens(8, 5, 5).flatMap((tokens, i) => {
  const good = tokens.map((token, t) => (token + t) % MASK);
  const bad = [...good.slice(1), good[0] as number];
  const other = [...good.slice(0, 4), ((good[4] as number) + 1) % MASK];
  return [
    { good, bad, paradigm: i < 4 ? "early" : "late" },
    { good, bad: other, paradigm: "late" },
  ];
});
const ask = (model: Model, params: Params, pairs = PAIRS, fixed = 0, config = {}) =>
  runProbe(
    "minimal",
    { model, params, tokenizer, material: { minimal: { split: "file", fixed, pairs } } },
    1,
    config,
  );

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  const model = smallModel({ kind: "learned" }, { layers: 1, attention });

  test("totals are sums of ln p over a sentence, and the difference is the first token that differs", async () => {
    const params = livelyParams(model);
    const reference = referenceOf(model, params);
    /** ln p of token t of a sentence. */
    const logP = (tokens: readonly number[], t: number): number => {
      const read = attention === "causal" ? tokens : tokens.map((token, i) => (i === t ? MASK : token));
      const at = attention === "causal" ? t - 1 : t;
      const logits = referenceLogits(reference, read)[at] as readonly number[];
      return logSoftmax(logits)[tokens[t] as number] as number;
    };
    const first = attention === "causal" ? 1 : 0;
    const total = (tokens: readonly number[]) =>
      tokens.reduce((sum, _token, t) => (t < first ? sum : sum + logP(tokens, t)), 0);
    const rows = await ask(model, params);
    for (const words of ["equal", "unequal"]) {
      for (const paradigm of [undefined, "early", "late"]) {
        const pairs = PAIRS.filter(
          (pair, i) =>
            (i % 2 === 0) === (words === "equal") && (paradigm === undefined || pair.paradigm === paradigm),
        );
        const of = (metric: string) =>
          rows.filter(
            (row) => row.metric === metric && row.at.words === words && row.at.paradigm === paradigm,
          );
        if (pairs.length === 0) {
          expect(of("minimal_accuracy")).toEqual([]);
          continue;
        }
        const margins = pairs.map(({ good, bad }) => total(good) - total(bad));
        const share = (values: readonly number[]) =>
          values.filter((value) => value > 0).length / values.length;
        const [accuracy, margin] = [of("minimal_accuracy"), of("minimal_margin")];
        expect([accuracy[0]?.n, accuracy[0]?.value]).toEqual([pairs.length, share(margins)]);
        const mean = margins.reduce((sum, value) => sum + value, 0) / margins.length;
        expect(Math.abs((margin[0]?.value as number) - mean)).toBeLessThan(ROUNDING);
        const there = pairs.flatMap(({ good, bad }) => {
          const at = good.findIndex((token, t) => token !== bad[t]);
          return at < first ? [] : [logP(good, at) - logP(bad, at)];
        });
        const [difference] = of("minimal_accuracy_at_difference");
        if (there.length === 0) expect(difference).toBeUndefined();
        else expect([difference?.n, difference?.value]).toEqual([there.length, share(there)]);
      }
    }
    disposeTree(params);
  });
});

test("a bidirectional model without positions gets exactly ½ on pairs of equal words, and not on others", async () => {
  const model = smallModel({ kind: "none" }, { attention: "bidirectional" });
  const params = livelyParams(model);
  const rows = await ask(model, params);
  for (const { at, value } of rows.filter(({ metric }) => metric === "minimal_accuracy"))
    if (at.words === "equal") expect(value, `${at.paradigm}`).toBe(0.5);
  const margins = rows.filter(({ metric, at }) => metric === "minimal_margin" && at.paradigm === undefined);
  expect(Math.abs(margins[0]?.value as number)).toBeLessThan(1e-5);
  expect(Math.abs(margins[1]?.value as number)).toBeGreaterThan(0.01);
  disposeTree(params);
});

test("opening tokens are read and never scored, and a paradigm has no more pairs than asked for", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1 });
  const params = livelyParams(model);
  const opened = [{ good: [0, 1, 2], bad: [0, 2, 1] }];
  const [, difference] = await ask(model, params, opened, 1);
  expect([difference?.metric, difference?.n]).toEqual(["minimal_accuracy_at_difference", 1]);
  const [unopened] = (await ask(model, params, [{ good: [1, 2], bad: [2, 1] }])).slice(1);
  expect(unopened?.metric).toBe("minimal_margin"); // nothing comes before the difference
  const few = await ask(model, params, PAIRS, 0, { pairs: 3 });
  const counts = few.filter(({ metric, at }) => metric === "minimal_accuracy" && at.paradigm === "early");
  expect(counts.map(({ n }) => n)).toEqual([3]);
  disposeTree(params);
});

describe("a file of minimal pairs", () => {
  const words = wordsTokenizer(["<bos>", "dog", "bites", "man"]);
  const read = (text: string) => pairMaterial(text, words, [0], "my.jsonl");
  const good =
    '{"sentence_good": "dog bites man", "sentence_bad": "man bites dog", "UID": "swap", "pairID": "0"}';
  const order = '{"context": "dog bites", "swapped": "bites dog", "answer": "man"}';

  test("is known by its first line, and its sentences are opened", () => {
    expect(read(`${good}\n`)).toEqual({
      minimal: {
        fixed: 1,
        split: "file",
        pairs: [{ good: [0, 1, 2, 3], bad: [0, 3, 2, 1], paradigm: "swap" }],
      },
    });
    expect(read(order).pairs?.of("file")).toHaveLength(1);
  });

  test.each([
    [`${good}\n\n${order}`, /^my\.jsonl: line 3: should be \{"sentence_good".*, and is \{"context"/],
    [`${order}\n${good}`, /^my\.jsonl: line 2: should be \{"context".*each kind a file of its own$/],
    ['{"sentence_good": "dog"}', /^my\.jsonl: line 1: sentence_bad: /],
    ['{"sentence_good": "cat", "sentence_bad": "dog"}', /^my\.jsonl: line 1: .*cat/],
  ])("%j is refused by its line", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
