/** Text that is shown while its tokens come is never taken back, and is all of it in the end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { textStream } from "../../src/data/tokenizers/text-stream.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import { tokenizersOf } from "./tokenizers-of.ts";

const made = { ...tokenizersOf("naïve 🙂 dogs, 2 dögs 🙂!"), who: wordsTokenizer(["dog", "bites", "man"]) };

test.each(Object.entries(made))(
  "%s: the parts joined are the text of any tokens, and no part ends within a character",
  (_, tokenizer) => {
    const someIds = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 30 });
    fc.assert(
      fc.property(someIds, (ids) => {
        const stream = textStream(tokenizer);
        const parts = ids.map((id) => stream.push(id));
        for (const part of parts) expect(part.endsWith("\uFFFD")).toBe(false);
        expect([...parts, stream.end()].join("")).toBe(tokenizer.decode(ids));
      }),
    );
  },
);

test("a character of four tokens is shown when the fourth has come, the half of one at the end", () => {
  const bytes = tokenizersOf("dog").bpe; // no merge makes 🙂
  const ids = bytes.encode("🙂");
  expect(ids.length).toBe(4);
  const stream = textStream(bytes);
  expect(ids.map((id) => stream.push(id))).toEqual(["", "", "", "🙂"]);
  expect(stream.push(ids[0] as number)).toBe("");
  expect(stream.end()).toBe("\uFFFD");
});
