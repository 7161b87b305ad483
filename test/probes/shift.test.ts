/**
 * What moving all positions changes: against logits of the moved scheme, and nothing for encodings
 * of differences.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import type { Model } from "../../src/model/model.ts";
import { contiguous } from "../../src/model/positions.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, logitsFor, smallModel } from "../model/small.ts";
import { CONTEXT_TOKENS, CONTEXTS, sum, windows } from "./score-loops.ts";

/**
 * Of logits of size 1 to 10 in float32, at positions up to 40: the contract's tolerance of relative
 * encodings.
 */
const ROUNDING = 1e-4;
const HALF = 4; // of L_max

beforeAll(async () => {
  await startTestEngine();
});

async function asked(model: Model, params: Params, more: object = {}): Promise<Measurement[]> {
  const subject = { model, params, tokenizer: wordsTokenizer(["dog"]), material: { windows }, ...more };
  return runProbe("shift", subject, 1, { contexts: CONTEXTS });
}

const softmax = (logits: readonly number[]) => {
  const total = sum(logits.map(Math.exp));
  return logits.map((logit) => Math.exp(logit) / total);
};

describe("a learned table", () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 8 });
  let params: Params;
  let rows: Measurement[];
  beforeAll(async () => {
    params = livelyParams(model);
    rows = await asked(model, params);
  });

  test("is moved as far as it has rows", () => {
    const offsets = rows.filter(({ metric }) => metric === "shift_js").map(({ at }) => at.offset);
    expect(offsets).toEqual([1, 2, 4]); // 4 tokens of 8 rows
  });

  test("the three measures are those of the logits at moved positions", () => {
    const contexts = CONTEXT_TOKENS.map((tokens) => tokens.slice(0, HALF));
    const still = logitsFor(model, params, contexts, contiguous);
    const moved = logitsFor(model, params, contexts, { kind: "shifted", by: 2 });
    const pairs = still.map((rows, c) => rows.map((a, t) => [a, moved[c]?.[t] as number[]] as const));
    const at = (metric: string) => rows.find((row) => row.metric === metric && row.at.offset === 2)?.value;
    const largest = Math.max(
      ...pairs.flat().flatMap(([a, b]) => a.map((x, n) => Math.abs(x - (b[n] as number)))),
    );
    expect(at("shift_max_logits")).toBeCloseTo(largest, 4);
    const kl = (p: readonly number[], m: readonly number[]) =>
      sum(p.map((x, n) => x * Math.log2(x / (m[n] as number))));
    const js = pairs.flat().map(([a, b]) => {
      const [p, q] = [softmax(a), softmax(b)];
      const m = p.map((x, n) => (x + (q[n] as number)) / 2);
      return (kl(p, m) + kl(q, m)) / 2;
    });
    expect(at("shift_js")).toBeCloseTo(sum(js) / js.length, 6);
    const nll = (logits: readonly number[], next: number) => -Math.log(softmax(logits)[next] as number);
    const worse = pairs.map((rows, c) =>
      rows.slice(0, -1).map(([a, b], t) => {
        const next = contexts[c]?.[t + 1] as number;
        return nll(b, next) - nll(a, next);
      }),
    );
    expect(at("shift_delta_nll")).toBeCloseTo(sum(worse.flat()) / worse.flat().length, 5);
    expect(at("shift_max_logits")).toBeGreaterThan(0.1); // it knows places
    expect(at("shift_js")).toBeGreaterThan(1e-3);
  });
});

test.each(["none", "rope", "alibi", "relative", "t5"])("%s: nothing changes, at any offset", async (kind) => {
  const model = smallModel({ kind }, { layers: 1, width: 8 });
  expect(model.definition.relative).toBe(true);
  const rows = await asked(model, livelyParams(model));
  expect(rows.filter(({ metric }) => metric === "shift_js").map(({ at }) => at.offset)).toEqual([
    1, 2, 4, 8, 16, 32,
  ]);
  for (const { metric, value } of rows) expect(Math.abs(value as number), metric).toBeLessThan(ROUNDING);
});

test("offsets are added to the positions of a scheme, and a masked model has no next token to predict", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1, width: 8, attention: "bidirectional" });
  const placing = { scheme: { kind: "shifted", by: 3 }, seed: 1 } as const;
  const rows = await asked(model, livelyParams(model), { placing });
  expect(rows.map(({ metric, at }) => [metric, at.offset])).toEqual([
    ["shift_max_logits", 1],
    ["shift_js", 1],
  ]); // from 3 … 6 to 4 … 7
});
