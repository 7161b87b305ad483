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
  const all = [...world.facts.train, ...world.facts.heldout];
  const share = (fact: Fact) => (fact.voice === "passive" ? config.passive : 1 - config.passive);
  const told = sets(all, config.facts).map((facts) => ({
    facts,
    p: facts.reduce((p, fact) => p * share(fact), 1),
  }));
  const total = told.reduce((sum, { p }) => sum + p, 0);
  return told.flatMap(({ facts, p }) => {
    const orders = questionsAbout(facts, config.questions === "one");
    return orders.map((questions) => ({
      words: storyWords(facts, questions, config.bos),
      p: p / total / orders.length,
    }));
  });
}

/** Facts in any order that share no noun and no verb. */
function sets(all: readonly Fact[], count: number): Fact[][] {
  if (count === 0) return [[]];
  const words = ({ agent, patient, verb }: Fact) => [agent, patient, verb.active];
  return sets(all, count - 1).flatMap((some) =>
    all
      .filter((fact) => !some.some((other) => words(other).some((word) => words(fact).includes(word))))
      .map((fact) => [...some, fact]),
  );
}

const roles = ["agent", "patient"] as const;

/** Every choice of roles in every order, each equally likely. */
function questionsAbout(facts: readonly Fact[], one: boolean): Question[][] {
  const chosen = facts.reduce<Question[][]>(
    (all, fact) =>
      all.flatMap((some) =>
        one
          ? roles.map((role) => [...some, { fact, role }])
          : [[...some, ...roles.map((role): Question => ({ fact, role }))]],
      ),
    [[]],
  );
  return chosen.flatMap(orders);
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => orders(items.filter((one) => one !== item)).map((rest) => [item, ...rest]));
}

/** −Σ P(words up to t) ln P(word t | words before it), of rows of one story or of two. */
function entropies(fields: object, length: number, two: boolean): number[] {
  const all = stories(fields);
  const prefixes = new Map<string, number>([["", 1]]);
  for (const first of all)
    for (const second of two ? all : [{ words: [], p: 1 }]) {
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
    const expected = entropies(fields, Math.min(length, 2 * shortest - 1), true);
    perfectLoss(configOf(fields), expected.length)?.forEach((loss, i) => {
      expect(loss, `position ${i}`).toBeCloseTo(expected[i] as number, 9);
    });
  },
);

test.each([
  { questions: "one", passive: 0.25 },
  { bos: false, passive: 0 },
])("equals it over all stories of two facts: %o", (given) => {
  const fields = { ...given, facts: 2 };
  const shortest = Math.min(...stories(fields).map(({ words }) => words.length));
  const expected = entropies(fields, shortest - 1, false);
  expect(expected.length).toBeGreaterThan(15);
  perfectLoss(configOf(fields), expected.length)?.forEach((loss, i) => {
    expect(loss, `position ${i}`).toBeCloseTo(expected[i] as number, 9);
  });
});

test("is 0.57 nats over the 32 positions of the main job, and unknown for stories of one a row", () => {
  const losses = perfectLoss(whoConfig.parse({ kind: "who" }), 32) as number[];
  expect(losses.reduce((sum, loss) => sum + loss, 0) / 32).toBeCloseTo(0.573, 3);
  expect(perfectLoss(whoConfig.parse({ kind: "who", packing: "story" }), 32)).toBeUndefined();
});
