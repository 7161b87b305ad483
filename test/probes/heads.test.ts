/** Types of heads, against templates written as matrices and the reference's patterns. */
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/node/native/engines.ts";
import { evenPattern, HEAD_TYPES, scoreOf, templatesOf } from "../../src/probes/head-templates.ts";
import { runProbe } from "../../src/probes/run.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import { meanOf, scalarAttention, someWords, subjectReading, valueAt } from "./scalar-attention.ts";

beforeAll(async () => {
  await startEngine("cpu"); // tiny models, and nothing to compile
});

const x = [5, 7, 5, 7, 9, 5];

/** The templates as pictures, a row for each query. */
function picture(type: string, causal: boolean): string[] {
  const cells = templatesOf(x, causal, 0).find((one) => one.type === type)?.cells ?? [];
  return x.map((_, i) => x.map((__, j) => (cells.includes(i * x.length + j) ? "1" : "·")).join(""));
}

describe("templates, the first column left out", () => {
  test.each([
    ["previous token", ["······", "······", "·1····", "··1···", "···1··", "····1·"]],
    ["duplicate token", ["······", "······", "······", "·1····", "······", "··1···"]],
    ["induction", ["······", "······", "·1····", "··1···", "······", "·1·1··"]],
  ])("causal: %s", (type, expected) => {
    expect(picture(type, true)).toEqual(expected);
  });

  test.each([
    ["next token", ["·1····", "··1···", "···1··", "····1·", "·····1", "······"]],
    ["duplicate token", ["··1··1", "···1··", "·····1", "·1····", "······", "··1···"]],
    ["induction", ["···1··", "····1·", "·1····", "··1···", "······", "·1·1··"]],
  ])("bidirectional: %s", (type, expected) => {
    expect(picture(type, false)).toEqual(expected);
  });

  test("causal models have no type that looks ahead", () => {
    expect(templatesOf(x, true, 0).map(({ type }) => type)).not.toContain("next token");
    expect(templatesOf(x, false, 0).map(({ type }) => type)).toEqual([...HEAD_TYPES]);
  });
});

test("a head on its template has a score of 1, wherever the first column draws attention", () => {
  const T = x.length;
  const A = new Float64Array(T * T);
  for (let i = 0; i < T; i++) {
    A[i * T] = 0.75; // a sink
    if (i > 1) A[i * T + i - 1] = 0.25;
  }
  const [previous, duplicate] = templatesOf(x, true, 0);
  expect(scoreOf(A, T, 0, previous as never)).toBe(1);
  // of the four cells one step back, the one of query 3 … none is a duplicate but those two steps back
  expect(scoreOf(A, T, 0, duplicate as never)).toBe(0);
});

test("scores on text and on repeated words are those of the reference's patterns", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1 });
  const params = livelyParams(model);
  const contexts = someWords(3, 6);
  const subject = subjectReading(model, params, contexts);
  const rows = await runProbe("heads", subject, 1, { contexts: 3, length: 6 });
  for (const head of [0, 1]) {
    const scores = contexts.map((tokens) => {
      const A = scalarAttention(model, params, tokens).pattern[0]?.[head] as number[][];
      let [matched, all] = [0, 0];
      for (let i = 0; i < 6; i++)
        for (let j = 1; j <= i; j++) {
          all += A[i]?.[j] as number;
          if (tokens[j - 1] === tokens[i]) matched += A[i]?.[j] as number;
        }
      return matched / all;
    });
    const at = { fed: "text", layer: 0, head, type: "induction" };
    expect(valueAt(rows, "head_score", at)).toBeCloseTo(meanOf(scores), 5);
  }
  // three words twice: from query 3 on, even attention gives 1/(i + 1) to one key of i, the first left out
  const even = [3, 4, 5].map((i) => ({ one: 1 / (i + 1), all: i / (i + 1) }));
  const share = meanOf(even.map(({ one }) => one)) / meanOf(even.map(({ all }) => all));
  expect(valueAt(rows, "head_score_even", { fed: "repeated words", type: "induction" })).toBeCloseTo(
    share,
    9,
  );
  expect(
    rows.filter(({ metric, at }) => metric === "head_score" && at.fed === "repeated words"),
  ).toHaveLength(6);
});

test("of even attention the length alone decides what the previous token gets", async () => {
  const model = smallModel({ kind: "none" }, { layers: 1, width: 8 });
  const subject = subjectReading(model, livelyParams(model), someWords(2, 6));
  const rows = await runProbe("heads", subject, 1, { contexts: 2, length: 6 });
  const errors = (type: string) =>
    rows
      .filter(({ metric, at }) => metric === "head_score_even" && at.type === type)
      .map(({ se, at }) => [at.fed, se]);
  expect(errors("previous token")).toEqual([
    ["text", "exact"],
    ["repeated words", "exact"],
  ]);
  // each word of a block is there once, so that each context has as many repeats
  expect(errors("induction")).toEqual([
    ["text", expect.any(Number)],
    ["repeated words", 0],
  ]);
});

test("even attention is what it is called", () => {
  expect([...evenPattern(3, true)]).toEqual([1, 0, 0, 1 / 2, 1 / 2, 0, 1 / 3, 1 / 3, 1 / 3]);
  expect([...evenPattern(2, false)]).toEqual([1 / 2, 1 / 2, 1 / 2, 1 / 2]);
});
