/** Sizes of models of real size: less is asked of them, but what a person asks for is asked. */
import { expect, test } from "vitest";
import { z } from "zod";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { probes } from "../../src/probes/index.ts";
import { isLarge } from "../../src/probes/large.ts";
import { defineProbe, type Probe } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";

const sized = defineProbe({
  name: "sized",
  question: "Which sizes?",
  needs: [],
  metrics: { sum: { title: "sum", unit: "ones", better: "neither", meaning: "Of its sizes." } },
  config: z.strictObject({ contexts: z.int().default(1000), tokens: z.int().default(100) }),
  large: { contexts: 10 },
  run: async (_subject, { contexts, tokens }) => [{ metric: "sum", value: contexts + tokens, n: 1, at: {} }],
});

/** With a vocabulary alone, 2²⁴ parameters: nothing is computed. */
const modelOf = (vocabulary: number) =>
  createModel(modelSchema().parse({ layers: 1, width: 64, position: { kind: "none" } }), vocabulary);

async function sumOf(vocabulary: number, config?: object) {
  const subject = { model: modelOf(vocabulary), params: {}, tokenizer: wordsTokenizer(["a"]), material: {} };
  const [row] = await runProbe(sized, subject, 1, config);
  return row?.value;
}

test("a large model is asked with the probe's sizes for one, any other with its defaults", async () => {
  expect([isLarge(modelOf(11)), isLarge(modelOf(2 ** 18))]).toEqual([false, true]);
  expect(await sumOf(11)).toBe(1100);
  expect(await sumOf(2 ** 18)).toBe(110);
});

test("a size that is asked for is asked, of a large model too", async () => {
  expect(await sumOf(2 ** 18, { contexts: 500 })).toBe(600);
  expect(await sumOf(2 ** 18, { tokens: 1 })).toBe(11);
});

test.each(probes.filter(({ large }) => large !== undefined))(
  "$name: what it asks of large models are sizes of its own",
  (probe: Probe) => {
    expect(() => probe.config.parse(probe.large)).not.toThrow();
    expect(Object.keys(probe.config.shape)).toEqual(expect.arrayContaining(Object.keys(probe.large ?? {})));
  },
);
