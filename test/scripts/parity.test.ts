/** What the table of parity calls agreement, and what it says without the libraries that it compares with. */
import { expect, test } from "vitest";
import { agrees, type ParityRow } from "../../scripts/peers/parity.ts";
import { sameTokens, tokenizerRows } from "../../scripts/peers/tokenizers.ts";
import { runInside } from "./run-inside.ts";

const row: ParityRow = { model: "gpt2", way: "back", logits: 238, largestDifference: 1e-6 };

test.each<[string, Partial<ParityRow>, boolean]>([
  ["close logits", {}, true],
  ["close logits and no stray key", { missing: [], unexpected: [] }, true],
  ["logits further apart than 1e-4", { largestDifference: 1.1e-4 }, false],
  ["a logit that is no number", { largestDifference: Number.NaN }, false],
  ["a missing key", { missing: ["wte.weight"] }, false],
  ["an unexpected key", { missing: [], unexpected: ["wte"] }, false],
])("%s: agreement %j → %s", (_, fields, agreed) => {
  expect(agrees({ ...row, ...fields })).toBe(agreed);
});

test("a tokenizer whose ids or texts are others' disagrees, with the shortest text that shows it", () => {
  const model = { type: "WordLevel", vocab: { "?": 0, a: 1, b: 2 }, unk_token: "?" };
  const written = { pre_tokenizer: { type: "WhitespaceSplit" }, model };
  const of = (ids: number[][], decoded: string[]) =>
    tokenizerRows({ texts: ["a b a", "b"], kinds: { words: { written, ids, decoded } } });
  const right = of([[1, 2, 1], [2]], ["a b a", "b"]);
  expect(right).toEqual([{ kind: "words", texts: 2, tokens: 4, idsDiffer: 0, textsDiffer: 0 }]);
  expect(right.every(sameTokens)).toBe(true);
  const [wrong] = of([[1, 2, 0], [1]], ["a b ?", "b"]);
  expect(wrong).toMatchObject({ idsDiffer: 2, textsDiffer: 1, example: "b" });
  expect(of([[1, 2, 1], [2]], ["a b a", "c"]).some(sameTokens)).toBe(false);
});

test("a Python without the libraries is an error that says what to do", async () => {
  const { code, stdout, stderr } = await runInside(
    "parity",
    "--python",
    "/nowhere/python",
    "--engine",
    "cpu",
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^whereabouts parity: .*failed: .*give a Python that has the libraries with --python\n$/,
  );
});
