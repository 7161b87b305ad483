/** A text with more different words than are counted at once: what was left out is said, with its share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { learnTokenizer } from "../../../src/node/run/text/learn.ts";

const folder = mkdtempSync(join(tmpdir(), "forgotten-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ROOM = 64;
/** Letters alone, so that each is one piece. */
const rare = (i: number) => ` zz${String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26))}`;

/** What is told while a tokenizer is learned from a text of `dog`, 400 times, and `n` words, `times` each. */
async function told(kind: "words" | "bpe", vocabSize: number, n: number, times = 1) {
  const words = Array.from({ length: n }, (_, i) => rare(i).repeat(times)).join("");
  const text = `${" dog".repeat(400)}${words}\n`;
  const path = join(folder, `${kind}-${vocabSize}-${n}-${times}.txt`);
  writeFileSync(path, text);
  const heard: string[] = [];
  const parts = { train: [{ path, start: 0, end: Buffer.byteLength(text) }], heldout: [] };
  const tokenizer = await learnTokenizer(parts, kind, vocabSize, {
    room: ROOM,
    tell: (line) => heard.push(line),
  });
  return { heard, tokenizer };
}

describe.each([
  ["words", /words are chosen/],
  ["bpe", /byte pairs are learned/],
] as const)("%s", (kind, what) => {
  test("names how much of the text is in no count, and how often such words occur at most", async () => {
    const { heard } = await told(kind, 300, 200, 2);
    expect(heard).toHaveLength(1);
    const [, share, times] =
      /^data: more different words than are counted at once: .* without ([\d.]+) % of the text, words that occur (\d+) times or less$/.exec(
        heard[0] as string,
      ) ?? [];
    expect(heard[0]).toMatch(what);
    expect(Number(times)).toBe(2);
    // 400 of 801 pieces are of the rare words; a half of the room is kept, which is 32 of 200 or fewer.
    expect(Number(share)).toBeGreaterThanOrEqual((100 * 2 * (200 - ROOM / 2)) / 801 - 0.5);
    expect(Number(share)).toBeLessThan(50);
  });

  test("says nothing where every word was counted", async () => {
    expect((await told(kind, 300, 30)).heard).toEqual([]);
  });
});

test("words whose vocabulary is full of commoner ones than were forgotten lack nothing, and nothing is said", async () => {
  const { heard, tokenizer } = await told("words", 4, 200); // three special tokens and one word
  expect(tokenizer.decode(tokenizer.encode(" dog"))).toBe(" dog");
  expect(heard).toEqual([]);
});
