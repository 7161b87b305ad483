/** A Hugging Face folder with a tokenizer of its own is spoken to in words, and the files travel. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { specialIds } from "../../../src/data/data.ts";
import { startEngine } from "../../../src/engine/index.ts";
import { comparedPair } from "../../../src/node/jobs/compared-pair.ts";
import { lookAt } from "../../../src/node/jobs/look.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { endsOfCheckpoint, promptIds } from "../../../src/node/run/prompt.ts";
import { subjectOf } from "../../../src/node/run/subject.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { copyOf } from "./huggingface-copies.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "words-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const added = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const tokens = ["[UNK]", "the", "dog", "bite", "##s", "man", "."];
const json = {
  added_tokens: [
    { id: 7, content: "<s>", ...added },
    { id: 8, content: "</s>", ...added },
  ],
  normalizer: { type: "BertNormalizer" },
  pre_tokenizer: { type: "BertPreTokenizer" },
  decoder: { type: "WordPiece" },
  model: { type: "WordPiece", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) },
};
const settings = { tokenizer_class: "Own", bos_token: "<s>", eos_token: "</s>", add_bos_token: true };

/** A GPT-2 of 17 rows, of which nine have tokens. */
function inWords(): string {
  const copy = copyOf(folder, "gpt2");
  writeFileSync(join(copy, "tokenizer.json"), JSON.stringify(json));
  writeFileSync(join(copy, "tokenizer_config.json"), JSON.stringify(settings));
  return copy;
}

const PAIR = ["The dog bites the man.", "The man bites the dog."] as const;

test("pairs, prompts, files and looks take words, after what opens a text", async () => {
  const checkpoint = await loadCheckpoint(inWords());
  const { tokenizer, notes, params } = checkpoint;
  expect(tokenizer).toMatchObject({ kind: "foreign", vocabSize: 17, bos: 7, eos: 8, opening: 7, unk: 0 });
  expect(notes.join("\n")).toMatch(/"<s>" opens every text\n.*names no token for 8 of .* 17 rows, first 9$/);
  expect(specialIds(tokenizer)).toEqual([7, 0, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  expect(promptIds(PAIR[0], checkpoint)).toEqual([7, 1, 2, 3, 4, 1, 5, 6]);
  expect(promptIds("<s> dog", checkpoint)).toEqual([7, 2]);
  expect(endsOfCheckpoint(checkpoint)).toEqual({ opening: 7, stops: [8] });
  const [comparison] = await comparedPair(checkpoint, PAIR, { data: undefined });
  expect(comparison?.divergenceBits).toBeGreaterThan(0);
  const look = await lookAt(checkpoint, { data: undefined, pair: PAIR });
  expect(look.contexts[0]?.tokens).toEqual(["<s>", "the", "dog", "bite", "##s", "the", "man", "."]);
  const [pairs, text] = [join(folder, "pairs.jsonl"), join(folder, "text.txt")];
  const orders = { context: "the dog bites the", swapped: "the bites dog the", answer: "man." };
  writeFileSync(pairs, JSON.stringify(orders));
  writeFileSync(text, "the dog bites the man . ".repeat(9));
  const { material } = subjectOf(checkpoint, { files: { pairs, text } });
  expect(material.pairs?.of("file")).toEqual([
    { context: [7, 1, 2, 3, 4, 1], swapped: [7, 1, 3, 4, 2, 1], answer: 5 },
  ]);
  expect([...(material.windows?.window(0, 1, 6).tokens ?? [])]).toEqual([7, 1, 2, 3, 4, 1]);
  tf.dispose(Object.values(params));
});

test("the tokenizer's files travel with import and export", async () => {
  const [ours, theirs] = [join(folder, "ours"), join(folder, "theirs")];
  await importCheckpoint(inWords(), ours);
  const { tokenizer, notes, params } = await loadCheckpoint(ours);
  expect(tokenizer.encode(PAIR[0])).toEqual([1, 2, 3, 4, 1, 5, 6]);
  expect({ opening: tokenizer.opening, notes }).toEqual({ opening: 7, notes: [] });
  tf.dispose(Object.values(params));
  await exportCheckpoint(ours, theirs);
  const read = (file: string) => JSON.parse(readFileSync(join(theirs, file), "utf8"));
  expect([read("tokenizer.json"), read("tokenizer_config.json")]).toEqual([json, settings]);
  expect(read("config.json")).toMatchObject({ bos_token_id: 0, eos_token_id: 0 }); // as its own said, whatever the tokenizer's
});

test("what is not followed is named, and ids take its place", async () => {
  const copy = inWords();
  writeFileSync(join(copy, "tokenizer.json"), JSON.stringify({ ...json, normalizer: { type: "Nmt" } }));
  const { tokenizer, notes, params } = await loadCheckpoint(copy);
  expect(tokenizer.encode("3 1 4")).toEqual([3, 1, 4]);
  expect(notes.join("\n")).toMatch(/normalizer: type "Nmt" is not read; .* tokens are written as their ids/);
  tf.dispose(Object.values(params));
  writeFileSync(join(copy, "tokenizer_config.json"), "[]");
  writeFileSync(join(copy, "tokenizer.json"), JSON.stringify(json));
  const damaged = await loadCheckpoint(copy);
  expect(damaged.notes.join("\n")).toMatch(/tokenizer_config\.json: the value: .*expected record|object/);
  tf.dispose(Object.values(damaged.params));
});
