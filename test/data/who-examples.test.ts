import { expect, test } from "vitest";
import { storyWords, whoConfig } from "../../src/data/corpora/who.ts";
import { longStories, swapExamples } from "../../src/data/corpora/who-examples.ts";
import { drawStory } from "../../src/data/corpora/who-rows.ts";
import { openWho } from "../../src/data/index.ts";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";

const open = (fields: object = {}, seed = 1) => openWho(whoConfig.parse({ kind: "who", ...fields }), seed);

test("a drawn story's tokens are those of its text", () => {
  for (const facts of [1, 3]) {
    const { world, tokenizer } = open({ facts });
    const rng = createRng(1, "test");
    for (let i = 0; i < 50; i++) {
      const story = drawStory(world, "train", rng);
      expect(tokenizer.decode(story.tokens)).toBe(storyWords(story.facts, story.questions, true).join(" "));
    }
  }
});

test("validation says where the answers are, and which of them test order", () => {
  for (const split of ["heldout", "train"] as const) {
    const { validation, tokenizer } = open({ facts: 2 });
    const { tokens, targets, length, answers } = validation(split, 0, 8, 64);
    const question = tokenizer.encode("?")[0];
    // Every "?" among the inputs is a site, so none is missing and none is made up.
    expect(answers.length).toBe(tokens.filter((id) => id === question).length);
    for (const { row, position, answer, foil, split: at } of answers) {
      expect(tokens[row * length + position]).toBe(question);
      expect(targets[row * length + position]).toBe(answer);
      expect(answer).not.toBe(foil);
      expect(at).toBe(split);
    }
    const whole = answers.filter(({ row, position }) => row === 0 && position < 40);
    expect(whole.slice(0, 4).filter(({ first }) => first).length).toBe(2);
  }
});

test("validation of each split and index is its own and always the same", () => {
  const { validation, batch } = open();
  expect(validation("train", 0, 4, 32)).toEqual(open().validation("train", 0, 4, 32));
  expect(validation("train", 1, 4, 32).tokens).not.toEqual(validation("train", 0, 4, 32).tokens);
  expect(validation("train", 0, 4, 32).tokens).not.toEqual(batch(0, 4, 32).tokens);
});

test("swap examples ask each held-out fact both questions, told in both orders", () => {
  const { world, tokenizer } = open();
  const examples = swapExamples(world, "heldout");
  expect(examples.length).toBe(2 * world.facts.heldout.length);
  const dog = examples.find(({ story }) => tokenizer.decode(story) === "<bos> dog bites man .");
  expect(dog && [dog.swapped, dog.question, [dog.answer], [dog.foil]].map(tokenizer.decode)).toEqual([
    "<bos> man bites dog .",
    "who bites ?",
    "dog",
    "man",
  ]);
  expect(swapExamples(open().world, "heldout")).toEqual(examples);
});

for (const facts of [1, 2]) {
  test(`swap examples of ${facts} fact(s) are balanced: each has its mirror, of the same words`, () => {
    const { world } = open({ facts, nouns: 8, verbs: 4 });
    const examples = swapExamples(world, "heldout");
    const key = (story: readonly number[], question: readonly number[], answer: number, foil: number) =>
      [story, question, answer, foil].join(" | ");
    const all = new Set(
      examples.map(({ story, question, answer, foil }) => key(story, question, answer, foil)),
    );
    for (const { story, swapped, question, answer, foil } of examples) {
      expect(all.has(key(swapped, question, foil, answer))).toBe(true);
      expect(story.toSorted()).toEqual(swapped.toSorted());
    }
    const early = examples.filter(({ story, answer, foil }) => story.indexOf(answer) < story.indexOf(foil));
    expect(early.length).toBe(examples.length / 2);
  });
}

test("without bos or without passives the examples follow", () => {
  const { world, tokenizer } = open({ bos: false, passive: 0 });
  const examples = swapExamples(world, "heldout");
  expect(examples.length).toBe(960);
  expect(examples.some(({ story }) => story.includes(tokenizer.bos ?? -1))).toBe(false);
  expect(examples.every(({ voice }) => voice === "active")).toBe(true);
});

test("long stories fill sixteen contexts and end in a question about a held-out fact", () => {
  const { world, tokenizer } = open();
  const contexts = longStories(world, { length: 512, count: 16 }, createRng(1, "test"));
  const question = tokenizer.encode("?")[0];
  for (const [row, { tokens, answers }] of contexts.entries()) {
    expect(tokens.length).toBeLessThanOrEqual(512);
    expect(tokens.length).toBeGreaterThan(512 - 18);
    expect(answers.every(({ position, row: at }) => tokens[position] === question && at === row)).toBe(true);
    expect(answers.at(-1)).toMatchObject({ position: tokens.length - 1, split: "heldout", first: true });
    for (const { position, answer, split } of answers.slice(0, -1)) {
      expect([tokens[position + 1], split]).toEqual([answer, "train"]);
    }
    const last = tokenizer.decode(tokens.slice(tokens.lastIndexOf(tokenizer.bos ?? -1)));
    expect(last).toContain(tokenizer.token(answers.at(-1)?.answer ?? -1));
    expect(last).toContain(tokenizer.token(answers.at(-1)?.foil ?? -1));
  }
});

test("a context of one story holds it alone, and one too short is refused", () => {
  const { world } = open({ facts: 2 });
  const [alone] = longStories(world, { length: 20, count: 1, split: "train" }, createRng(1, "test"));
  expect(alone?.answers.length).toBe(1);
  expect(() => longStories(world, { length: 4, count: 1 }, createRng(1, "test"))).toThrow(InputError);
});
