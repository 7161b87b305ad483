/**
 * Attention of imported models against what Hugging Face's libraries compute for them, written by
 * `scripts/peers/attentions.py`.
 *
 * Their measures are computed there, in Python's loops, from their own attentions in double precision.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { openActivations, type Traced } from "../../src/probes/activations.ts";
import type { Subject } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { furthest } from "../model/small.ts";
import { subjectReading, valueAt } from "./scalar-attention.ts";

/** float32 here against doubles there. */
const ROUNDING = 1e-5;
const GOLDENS = join(import.meta.dirname, "..", "goldens", "huggingface");

interface Measures {
  readonly attention_by_distance: Readonly<Record<string, number>>;
  readonly "previous token": number;
  readonly mean_distance: number;
  readonly attention_entropy: number;
  readonly first_token_attention: number;
}

interface Case {
  readonly name: string;
  /** By layer, head and context: (T,T). */
  readonly patterns: readonly (readonly (readonly number[][][])[])[];
  readonly measures: readonly (readonly Measures[])[];
  /** By layer, head and rotary pair, the fastest first. */
  readonly frequencies?: readonly (readonly (readonly number[])[])[];
}

const { ids, cases } = JSON.parse(readFileSync(join(GOLDENS, "attentions.json"), "utf8")) as {
  ids: number[][];
  cases: Case[];
};

const SIZES = { contexts: 2, length: 7 };

beforeAll(async () => {
  await startEngine("cpu"); // as exact as any, and compiles nothing: each model would be another shape
});

async function subjectOf(name: string): Promise<Subject> {
  const { model, params } = await loadCheckpoint(join(GOLDENS, name));
  // a vocabulary of 17 ids without special ones, as the models have
  const tokenizer = wordsTokenizer(Array.from({ length: 17 }, (_, id) => `w${id}`));
  return { ...subjectReading(model, params, ids), tokenizer };
}

describe.each(cases)("$name", ({ name, patterns, measures }) => {
  const heads = measures.flatMap((layer, l) =>
    layer.map((one, h) => ({ ...one, at: { layer: l, head: h } })),
  );
  let subject: Subject;
  beforeAll(async () => {
    subject = await subjectOf(name);
  });
  const ask = (probe: string) => runProbe(probe, subject, 1, SIZES);

  test("patterns are its attentions", async () => {
    const names = patterns.map((_, layer) => `blocks.${layer}.attn.pattern`);
    const reader = openActivations(subject, names);
    const read: Traced[] = [];
    for await (const one of reader.trace(ids)) read.push(one);
    reader.close();
    for (const [layer, activation] of names.entries())
      for (const { index, activations } of read) {
        const theirs = patterns[layer]?.map((contexts) => contexts[index]);
        const ours = [...(activations[activation]?.values ?? [])];
        expect(furthest(ours, theirs), `${activation} of context ${index}`).toBeLessThan(ROUNDING);
      }
  });

  test("measures of them are those of its attentions", async () => {
    const rows = await ask("attention");
    for (const { at, ...theirs } of heads) {
      for (const metric of ["mean_distance", "attention_entropy", "first_token_attention"] as const)
        expect(Math.abs(valueAt(rows, metric, at) - theirs[metric]), metric).toBeLessThan(ROUNDING);
      for (const [distance, weight] of Object.entries(theirs.attention_by_distance)) {
        const ours = valueAt(rows, "attention_by_distance", { ...at, distance: Number(distance) });
        expect(Math.abs(ours - weight), `distance ${distance}`).toBeLessThan(ROUNDING);
      }
    }
  });

  test("its heads look at the previous token as much", async () => {
    const rows = await ask("heads");
    for (const { at, ...theirs } of heads) {
      const ours = valueAt(rows, "head_score", { ...at, fed: "text", type: "previous token" });
      expect(Math.abs(ours - theirs["previous token"])).toBeLessThan(ROUNDING);
    }
  });
});

const rotating = cases.filter(
  (one): one is Case & Required<Pick<Case, "frequencies">> => "frequencies" in one,
);
test.each(rotating)("$name: its rotary pairs are used as much", async ({ name, frequencies }) => {
  const rows = await runProbe("frequencies", await subjectOf(name), 1, { ...SIZES, ablated: [] });
  frequencies.forEach((layer, l) => {
    layer.forEach((pairs, head) => {
      pairs.forEach((use, pair) => {
        const ours = valueAt(rows, "frequency_use", { layer: l, head, pair });
        expect(Math.abs(ours - use)).toBeLessThan(10 * ROUNDING);
      });
    });
  });
  expect(rows.filter(({ metric }) => metric === "frequency_use")).toHaveLength(frequencies.flat(2).length);
});
