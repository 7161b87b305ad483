/** Material of the user's: what they bring makes any model answer, whatever it was trained on. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wordsTokenizer } from "../../../src/data/tokenizers/index.ts";
import type { Tokenizer } from "../../../src/data/tokenizers/tokenizer.ts";
import { pairsOfLines } from "../../../src/data/user-pairs.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { dataOf, subjectOf } from "../../../src/node/run/subject.ts";
import { probes } from "../../../src/probes/index.ts";
import { probesFor, runProbe } from "../../../src/probes/run.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { startTestEngine } from "../../engine-for-tests.ts";

const GOLDENS = join(import.meta.dirname, "..", "..", "goldens", "huggingface");
let folder: string;
beforeAll(async () => {
  await startTestEngine();
  folder = mkdtempSync(join(tmpdir(), "user-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A masked model answers at its mask, whose id its tokenizer.json lists. */
function withMask(name: string): string {
  if (name !== "bert") return join(GOLDENS, name);
  const copy = join(folder, name);
  cpSync(join(GOLDENS, name), copy, { recursive: true });
  const added = [{ id: 4, content: "[MASK]", special: true }];
  writeFileSync(
    join(copy, "tokenizer.json"),
    JSON.stringify({ added_tokens: added, model: { type: "WordPiece" } }),
  );
  return copy;
}

test("a masked model without a mask says so", async () => {
  const checkpoint = await loadCheckpoint(join(GOLDENS, "bert"));
  const pairs = join(folder, "bare.jsonl");
  writeFileSync(pairs, '{"context": "5 6", "swapped": "6 5", "answer": "5"}');
  const text = join(folder, "bare.txt");
  writeFileSync(text, "5 6 7 8 ".repeat(500));
  const subject = subjectOf(checkpoint, { files: { pairs, text } });
  for (const name of ["order", "length"]) {
    await expect(runProbe(name, subject, 1)).rejects.toThrow("answers at <mask>, which its tokenizer lacks");
  }
  disposeTree(checkpoint.params);
});

describe.each(["gpt2", "gpt-neox", "bloom", "bert"])("an imported %s", (name) => {
  test("answers about order and length with files of the user's, and without about itself alone", async () => {
    const checkpoint = await loadCheckpoint(withMask(name));
    expect(checkpoint.preset).toBeUndefined();
    expect(await dataOf(checkpoint)).toBeUndefined();
    const unaided = probesFor(subjectOf(checkpoint, {}));
    expect(unaided.map(({ name }) => name)).toEqual(
      probes
        .filter(({ needs, needsOneOf = [] }) => [...needs, ...needsOneOf].length === 0)
        .map(({ name }) => name),
    );
    const files = { pairs: join(folder, "pairs.jsonl"), text: join(folder, "text.txt") };
    writeFileSync(
      files.pairs,
      '{"context": "5 6 7 3", "swapped": "7 6 5 3", "answer": "5"}\n{"context": "8 9 3", "swapped": "9 8 3", "answer": "8"}\n',
    );
    const { context } = checkpoint.model.shape;
    writeFileSync(files.text, Array.from({ length: 2 * context + 50 }, (_, i) => (i * 7) % 11).join(" "));
    const subject = subjectOf(checkpoint, { files });
    expect(probesFor(subject).map((probe) => probe.name)).toEqual(
      expect.arrayContaining(["order", "length"]),
    );
    const order = await runProbe("order", subject, 1);
    expect(
      order.filter(({ metric }) => metric === "swap_accuracy").map(({ n, at }) => [n, at.split]),
    ).toEqual([[2, "file"]]);
    for (const { metric, value, at } of order) {
      const same = metric === "hidden_cka" && at.layer === 0; // the embedding of one token
      if (!same || value !== null) expect(value, metric).toSatisfy(Number.isFinite);
    }
    const length = await runProbe("length", subject, 1, { factor: 2, contexts: 4 });
    const losses = length.filter(({ metric }) => metric === "nll");
    expect(losses.length).toBeGreaterThan(context / 4);
    expect(losses.every(({ value, at }) => Number(value) > 0 && at.split === "text.txt")).toBe(true);
    disposeTree(checkpoint.params);
  });
});

describe("a file of pairs", () => {
  const tokenizer = wordsTokenizer(["<bos>", "dog", "bites", "man", "?"]);
  const read = (text: string) => pairsOfLines(text, tokenizer, [0], "my.jsonl");

  test("gives contexts, each opened, and the first token of each answer", () => {
    const pairs = read(
      '\uFEFF{"context": "dog bites man ?", "swapped": "man bites dog ?", "answer": "dog"}\r\n\n',
    );
    expect(pairs.of("file")).toEqual([{ context: [0, 1, 2, 3, 4], swapped: [0, 3, 2, 1, 4], answer: 1 }]);
    expect([pairs.fixed, pairs.splits]).toEqual([1, ["file"]]);
  });

  test.each([
    ["", /^my\.jsonl: holds no pair; give lines/],
    ["{", /^my\.jsonl: line 1: is not JSON .*; give an object a line$/],
    ['{"context": "dog", "swapped": "dog"}', /^my\.jsonl: line 1: answer: /],
    [
      '{"context": "dog bites", "swapped": "dog dog", "answer": "man"}',
      /^my\.jsonl: line 1: "context" and "swapped" do not have the same tokens/,
    ],
    ['{"context": "cat ?", "swapped": "? cat", "answer": "man"}', /^my\.jsonl: line 1: .*cat/],
  ])("%j is refused by its line", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test("where words keep the space before them, is told to begin with one", () => {
    const words = ["dog", " dog", " bites", "man", " man", "Man"];
    const spaced: Tokenizer = {
      ...tokenizer,
      encode: (text) => (text.match(/ ?\S+/g) ?? []).map((word) => words.indexOf(word)),
      token: (id) => words[id] ?? "",
    };
    const line = (a: string, b: string) => JSON.stringify({ context: a, swapped: b, answer: " dog" });
    const given = (a: string, b: string) => pairsOfLines(line(a, b), spaced, [], "my.jsonl").of("file");
    expect(() => given("dog bites man", "man bites dog")).toThrow(/; a word .* begin both with a space$/);
    expect(() => given("dog bites man", "Man bites dog")).toThrow(/; give two orders of one text$/);
    expect(given(" dog bites man", " man bites dog")).toHaveLength(1);
  });
});
