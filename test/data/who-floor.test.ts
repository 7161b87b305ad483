/** The loss of a perfect model: against the entropy of every story of a small world, word by word. */
import { expect, test } from "vitest";
import { createWho, type Question, storyWords, whoConfig } from "../../src/data/corpora/who.ts";
import type { Fact } from "../../src/data/corpora/who-facts.ts";
import { perfectLoss } from "../../src/data/corpora/who-floor.ts";

const configOf = (fields: object) => whoConfig.parse({ kind: "who", nouns: 4, verbs: 2, ...fields });

/** Every story with its probability. */
function stories(fields: object): { words: string[]; p: number }[] {
  const config = configOf(fields);
  const world = createWho(config, 1);
  const facts = [...world.facts.train, ...world.facts.heldout];
  const share = (fact: Fact) => (fact.voice === "passive" ? config.passive : 1 - config.passive);
  const total = facts.reduce((sum, fact) => sum + share(fact), 0);
  return facts.flatMap((fact) =>
    (["agent", "patient"] as const).map((role) => {
      const both = [role, role === "agent" ? "patient" : "agent"] as const;
      const questions = (config.questions === "one" ? [role] : both).map(
        (one): Question => ({ fact, role: one }),
      );
      return { words: storyWords([fact], questions, config.bos), p: share(fact) / total / 2 };
    }),
  );
}

/** −Σ P(words up to t) ln P(word t | words before it), of rows of two stories. */
function entropies(fields: object, length: number): number[] {
  const all = stories(fields);
  const prefixes = new Map<string, number>([["", 1]]);
  for (const first of all)
    for (const second of all) {
      const words = [...first.words, ...second.words];
      let text = "";
      for (const word of words.slice(0, length + 1)) {
        text += `${word} `;
        prefixes.set(text, (prefixes.get(text) ?? 0) + first.p * second.p);
      }
    }
  const costs = new Array<number>(length + 1).fill(0);
  for (const [text, p] of prefixes) {
    const words = text.trimEnd().split(" ");
    if (text === "") continue;
    const before = words
      .slice(0, -1)
      .map((word) => `${word} `)
      .join("");
    costs[words.length - 1] =
      (costs[words.length - 1] as number) - p * Math.log(p / (prefixes.get(before) as number));
  }
  return costs.slice(1);
}

test.each([{}, { passive: 0 }, { passive: 0.25, questions: "one" }, { bos: false }])(
  "equals the entropy of the next word over all stories: %o",
  (fields) => {
    const length = 20; // less than two stories of the shortest kind
    const shortest = Math.min(...stories(fields).map(({ words }) => words.length));
    const expected = entropies(fields, Math.min(length, 2 * shortest - 1));
    perfectLoss(configOf(fields), expected.length)?.forEach((loss, i) => {
      expect(loss, `position ${i}`).toBeCloseTo(expected[i] as number, 9);
    });
  },
);

test("is 0.57 nats over the 32 positions of the main job, and unknown for stories of several facts", () => {
  const losses = perfectLoss(whoConfig.parse({ kind: "who" }), 32) as number[];
  expect(losses.reduce((sum, loss) => sum + loss, 0) / 32).toBeCloseTo(0.573, 3);
  expect(perfectLoss(whoConfig.parse({ kind: "who", facts: 2 }), 32)).toBeUndefined();
});
