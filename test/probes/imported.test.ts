/**
 * Every listed probe of models that come from Hugging Face's libraries, with a text and pairs of
 * the user's: each answers in rows, or says in words why not. Sizes are the least that a probe's
 * schema allows, from 4 on.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { startEngine } from "../../src/engine/index.ts";
import { isInputError } from "../../src/errors.ts";
import { loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { subjectOf } from "../../src/node/run/subject.ts";
import { probes } from "../../src/probes/index.ts";
import type { Measurement, Probe, Subject } from "../../src/probes/probe.ts";
import { runProbe, whyNot } from "../../src/probes/run.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { configured } from "../node/run/huggingface-copies.ts";

const ARCHITECTURES = ["gpt2", "gpt-neox", "bloom", "bert", "llama"];
/** Contexts of 10 tokens, as the others have. */
const SHORT: Readonly<Record<string, object>> = {
  bloom: { seq_length: 10 },
  llama: { max_position_embeddings: 10 },
};
/** With two special ones, the 17 tokens of the goldens. */
const WORDS = Array.from({ length: 15 }, (_, i) => `w${i}`);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imported-"));
  await startEngine("cpu"); // nothing is compiled: each probe has shapes of its own
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whole numbers above 4 become 4, or the least that there is. */
function smallest({ config }: Probe): Record<string, number> {
  const sizes = Object.entries(config.parse({})).flatMap(([name, size]): [string, number][] => {
    if (!Number.isInteger(size) || (size as number) <= 4) return [];
    let field: unknown = config.shape[name];
    while (field instanceof z.ZodDefault || field instanceof z.ZodOptional) field = field.unwrap();
    return [[name, Math.max(4, field instanceof z.ZodNumber ? (field.minValue ?? 1) : 1)]];
  });
  return Object.fromEntries(sizes);
}

/** Rows of each probe, or why there are none. */
async function answersOf(subject: Subject): Promise<Record<string, Measurement[] | string>> {
  const answers: Record<string, Measurement[] | string> = {};
  for (const probe of probes) {
    try {
      answers[probe.name] = whyNot(subject, probe) ?? (await runProbe(probe, subject, 1, smallest(probe)));
    } catch (error) {
      if (!isInputError(error)) throw new Error(`probe ${probe.name}`, { cause: error });
      answers[probe.name] = error.message;
    }
  }
  return answers;
}

function writeTexts(): { text: string; pairs: string } {
  const rng = createRng(1, "test/text");
  const words = Array.from({ length: 3000 }, () => WORDS[rng.integer(WORDS.length)] as string);
  const [text, pairs] = ["text.txt", "pairs.jsonl"].map((name) => join(folder, name)) as [string, string];
  writeFileSync(text, words.join(" "));
  const lines = Array.from({ length: 8 }, (_, i) => {
    const [a, b, c, answer] = WORDS.slice(i, i + 4); // no word twice: the two orders differ
    return JSON.stringify({ context: `${a} ${b} ${c}`, swapped: `${b} ${a} ${c}`, answer });
  });
  writeFileSync(pairs, lines.join("\n"));
  return { text, pairs };
}

/** What each lacks, by its nature. */
const REASONS: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  gpt2: { frequencies: /learned names no pairs of columns that it turns/ },
  "gpt-neox": { positions: /rope adds no vectors to tokens/ },
  llama: { positions: /rope adds no vectors to tokens/ },
  bloom: { positions: /alibi adds no vectors/, frequencies: /alibi names no pairs/ },
  bert: { frequencies: /learned names no pairs/ },
};
/** What a folder of theirs and two files never give. */
const LACKED = { coverage: /needs training/, exact: /needs problems/, minimal: /needs minimal/ };

test.each(ARCHITECTURES)("%s: each probe answers, or says why not", async (name) => {
  const copy = configured(folder, name, SHORT[name] ?? {});
  const tokenizer = wordsTokenizer(["<mask>", "<bos>", ...WORDS]);
  writeFileSync(join(copy, "tokenizer.json"), JSON.stringify(tokenizer.toJSON()));
  const checkpoint = await loadCheckpoint(copy);
  const answers = await answersOf(subjectOf(checkpoint, { files: writeTexts() }));
  disposeTree(checkpoint.params);
  const reasons = { ...LACKED, ...REASONS[name] };
  for (const [probe, answer] of Object.entries(answers)) {
    const reason = (reasons as Readonly<Record<string, RegExp>>)[probe];
    if (reason !== undefined) expect(answer, probe).toMatch(reason);
    else if (typeof answer === "string")
      expect(answer).toMatch(/^\S.*[;(] ?\w/); // what to do
    else {
      expect(answer.length, probe).toBeGreaterThan(0);
      for (const { value } of answer) expect(value === null || Number.isFinite(value), probe).toBe(true);
    }
  }
  expect(Object.values(answers).filter(Array.isArray).length).toBeGreaterThan(8);
});
