/** The cosine of token + position against loops over its definition. */
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import type { Model } from "../../src/model/model.ts";
import { distancesBelow } from "../../src/probes/cosine.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { type Params, param } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import { CONTEXT_TOKENS, CONTEXTS, dot, rowsOf, sum, T, windows } from "./score-loops.ts";

beforeAll(async () => {
  await startTestEngine();
});

async function asked(model: Model, params: Params): Promise<Measurement[]> {
  const subject = { model, params, tokenizer: wordsTokenizer(["dog"]), material: { windows } };
  return runProbe("cosine", subject, 1, { contexts: CONTEXTS, tokens: T });
}

describe("a learned table beside scaled tokens", () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 8, tokenScale: 1.5 });
  let rows: Measurement[];
  let parts: (context: readonly number[], i: number, j: number) => Record<string, number>;
  beforeAll(async () => {
    const params = livelyParams(model);
    rows = await asked(model, params);
    const wte = rowsOf(param(params, "wte.weight").dataSync(), model.vocabSize);
    const wpe = rowsOf(param(params, "wpe.weight").dataSync(), 8);
    parts = (context, i, j) => {
      const v = (t: number) => (wte[context[t] as number] as number[]).map((x) => 1.5 * x);
      const p = (t: number) => wpe[t] as number[];
      const norm = (t: number) => Math.sqrt(sum(v(t).map((x, c) => (x + (p(t)[c] as number)) ** 2)));
      const products = {
        "token-token": [v(i), v(j)],
        "token-position": [v(i), p(j)],
        "position-token": [p(i), v(j)],
        "position-position": [p(i), p(j)],
      };
      return Object.fromEntries(
        Object.entries(products).map(([name, [a, b]]) => [
          name,
          dot(a as number[], b as number[]) / (norm(i) * norm(j)),
        ]),
      );
    };
  });

  test.each([0, 1, 3, 5])("its four parts at distance %i, which add up to the cosine", (distance) => {
    const means = CONTEXT_TOKENS.map((context) => {
      const pairs = context.slice(distance).map((_, j) => parts(context, j + distance, j));
      return (name: string) => sum(pairs.map((pair) => pair[name] as number)) / pairs.length;
    });
    const found = rows.filter(({ at }) => at.distance === distance);
    const ofParts = found.filter(({ metric }) => metric === "cosine_part");
    expect(ofParts).toHaveLength(4);
    for (const { value, se, n, at } of ofParts) {
      const each = means.map((mean) => mean(at.term as string));
      const wanted = sum(each) / CONTEXTS;
      expect(value).toBeCloseTo(wanted, 5);
      expect(n).toBe(CONTEXTS);
      expect(se).toBeCloseTo(
        Math.sqrt(sum(each.map((one) => (one - wanted) ** 2)) / (CONTEXTS * (CONTEXTS - 1))),
        5,
      );
    }
    const whole = found.find(({ metric }) => metric === "stream_cosine")?.value;
    expect(whole).toBeCloseTo(sum(ofParts.map(({ value }) => value as number)), 12);
    if (distance === 0) expect(whole).toBeCloseTo(1, 12);
    else expect(Math.abs(whole as number)).toBeLessThan(0.99);
  });
});

test("where no positions are added the cosine is that of tokens", async () => {
  const model = smallModel({ kind: "alibi" }, { layers: 1, width: 8 });
  const rows = await asked(model, livelyParams(model));
  for (const { value, at } of rows.filter(({ metric }) => metric === "cosine_part")) {
    expect(at.term).toBe("token-token");
    const whole = rows.find((row) => row.metric === "stream_cosine" && row.at.distance === at.distance);
    expect(value).toBe(whole?.value);
  }
});

test("distances are all small ones, then four an octave", () => {
  expect(distancesBelow(6)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(distancesBelow(64).slice(-6)).toEqual([30, 31, 32, 38, 45, 54]);
});
