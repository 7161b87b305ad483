import { expect, test } from "vitest";
import {
  answerTo,
  createWho,
  type Question,
  questionWords,
  storyWords,
  type WhoWorld,
  whoConfig,
} from "../../src/data/corpora/who.ts";
import { type Fact, type Role, type Split, statementWords } from "../../src/data/corpora/who-facts.ts";
import { createRng } from "../../src/tensor/rng.ts";

const splits: readonly Split[] = ["train", "heldout"];
const roles: readonly Role[] = ["agent", "patient"];

const worldOf = (fields: object = {}, seed = 1): WhoWorld =>
  createWho(whoConfig.parse({ kind: "who", ...fields }), seed);

const questionsOf = (facts: readonly Fact[]): Question[] =>
  facts.flatMap((fact) => roles.map((role): Question => ({ fact, role })));

const bagOf = (fact: Fact) => statementWords(fact).toSorted().join(" ");

const tripleOf = ({ agent, verb, patient }: Fact) =>
  `${[agent, patient].toSorted().join(" ")} ${verb.active}`;

/** Share of right answers of the best guesser that sees no more of a question than `view` shows. */
function bestAccuracy(questions: readonly Question[], view: (question: Question) => string): number {
  const counts = new Map<string, Map<string, number>>();
  for (const question of questions) {
    const answers = counts.get(view(question)) ?? new Map<string, number>();
    answers.set(answerTo(question), (answers.get(answerTo(question)) ?? 0) + 1);
    counts.set(view(question), answers);
  }
  const right = [...counts.values()].reduce((sum, answers) => sum + Math.max(...answers.values()), 0);
  return right / questions.length;
}

for (const split of splits) {
  const world = worldOf();
  const all = questionsOf(world.facts[split]);
  const asked = (question: Question) => questionWords(question).join(" ");

  test(`${split}: the question alone is right once in as many times as there are nouns`, () => {
    expect(bestAccuracy(all, asked)).toBe(1 / world.nouns.length);
  });

  test(`${split}: the words of the story without their order are right exactly half the time`, () => {
    expect(bestAccuracy(all, (question) => `${bagOf(question.fact)} | ${asked(question)}`)).toBe(1 / 2);
  });

  test(`${split}: the order of the nouns without the voice is right exactly half the time`, () => {
    const nounsInOrder = ({ agent, patient, voice }: Fact) =>
      voice === "active" ? [agent, patient] : [patient, agent];
    expect(bestAccuracy(all, (question) => `${nounsInOrder(question.fact)} | ${question.role}`)).toBe(1 / 2);
  });

  test(`${split}: the second answer follows by exclusion, without any order`, () => {
    const other = ({ fact, role }: Question) =>
      answerTo({ fact, role: role === "agent" ? "patient" : "agent" });
    const view = (question: Question) => `${bagOf(question.fact)} | ${asked(question)} | ${other(question)}`;
    expect(bestAccuracy(all, view)).toBe(1);
  });
}

test("every question with its statement has one answer", () => {
  const all = splits.flatMap((split) => questionsOf(worldOf().facts[split]));
  const view = (question: Question) => `${statementWords(question.fact)} ${questionWords(question)}`;
  expect(bestAccuracy(all, view)).toBe(1);
});

test("a fifth of the triples is held out, in both orders and both voices", () => {
  const { facts } = worldOf();
  expect(facts.heldout.length).toBe(960);
  expect(facts.train.length).toBe(3840);
  const trained = new Set(facts.train.map(tripleOf));
  const heldOut = new Set(facts.heldout.map(tripleOf));
  expect([trained.size, heldOut.size]).toEqual([960, 240]);
  expect([...trained].filter((triple) => heldOut.has(triple))).toEqual([]);
  expect(new Set([...facts.train, ...facts.heldout].map((fact) => statementWords(fact).join(" "))).size).toBe(
    4800,
  );
});

test("every noun has equally many training facts in each role of each verb and voice, for several sizes", () => {
  for (const fields of [
    {},
    { nouns: 4, verbs: 2 },
    { nouns: 10, verbs: 3, heldOut: 0.5 },
    { heldOut: 0.99 },
  ]) {
    for (const seed of [1, 2]) {
      const world = worldOf(fields, seed);
      const counts = new Map<string, number>();
      for (const fact of world.facts.train) {
        for (const role of roles) {
          const key = [role, fact[role], fact.verb.active, fact.voice].join(" ");
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
      expect(counts.size).toBe(2 * world.nouns.length * world.verbs.length * 2);
      expect(new Set(counts.values()).size).toBe(1);
    }
  }
});

test('"dog bites man" and "man bites dog" are held out under every seed and size', () => {
  for (const fields of [
    {},
    { nouns: 4 },
    { nouns: 6, verbs: 1 },
    { verbs: 3, heldOut: 0.05 },
    { passive: 0 },
  ]) {
    for (let seed = 0; seed < 20; seed++) {
      const world = worldOf(fields, seed);
      const told = new Set(world.facts.heldout.map((fact) => statementWords(fact).join(" ")));
      expect(told.has("dog bites man .") && told.has("man bites dog .")).toBe(true);
    }
  }
});

test("config and seed fix the world; another seed holds out others", () => {
  expect(worldOf().facts).toEqual(worldOf().facts);
  expect(worldOf({}, 2).facts.heldout).not.toEqual(worldOf().facts.heldout);
});

test("a story tells its facts, then asks about each in an order drawn anew", () => {
  const world = worldOf();
  const bites = {
    agent: "dog",
    verb: { active: "bites", participle: "bitten" },
    patient: "man",
    voice: "active",
  } as const;
  const rng = createRng(1, "test");
  const seen = new Set(Array.from({ length: 20 }, () => world.story([bites], rng)));
  expect(seen).toEqual(
    new Set([
      "<bos> dog bites man . who bites ? dog . who is bitten ? man .",
      "<bos> dog bites man . who is bitten ? man . who bites ? dog .",
    ]),
  );
  const passive = { ...bites, voice: "passive" } as const;
  expect(storyWords([passive], [{ fact: passive, role: "agent" }], false).join(" ")).toBe(
    "man is bitten by dog . who bites ? dog .",
  );
});

test("either question of a fact is asked first half the time, and voices have their shares", () => {
  const world = worldOf({ passive: 0.25 });
  const rng = createRng(1, "test");
  let agentFirst = 0;
  let passives = 0;
  for (let i = 0; i < 4000; i++) {
    const facts = world.draw("train", 1, rng);
    if (world.questions(facts, rng)[0]?.role === "agent") agentFirst++;
    if (facts[0]?.voice === "passive") passives++;
  }
  // Four standard errors of 4,000 draws: 0.032 at one half, 0.028 at a quarter.
  expect(Math.abs(agentFirst / 4000 - 0.5)).toBeLessThan(0.032);
  expect(Math.abs(passives / 4000 - 0.25)).toBeLessThan(0.028);
});

test("the facts of one story share no noun and no verb, and each is asked about", () => {
  for (const [nouns, facts] of [
    [16, 3],
    [8, 4],
    [4, 2],
  ] as const) {
    const world = worldOf({ nouns, facts });
    const rng = createRng(1, "test");
    for (let i = 0; i < 50; i++) {
      const told = world.draw("train", facts, rng);
      expect(new Set(told.flatMap(({ agent, patient }) => [agent, patient])).size).toBe(2 * facts);
      expect(new Set(told.map(({ verb }) => verb)).size).toBe(facts);
      expect(world.questions(told, rng).length).toBe(2 * facts);
    }
  }
});

test('questions "one" asks about each fact once, so nothing can be excluded', () => {
  const world = worldOf({ facts: 2, questions: "one" });
  const rng = createRng(1, "test");
  const asked = Array.from({ length: 100 }, () => world.questions(world.draw("train", 2, rng), rng));
  expect(asked.every((questions) => new Set(questions.map(({ fact }) => fact)).size === 2)).toBe(true);
  expect(new Set(asked.flatMap((questions) => questions.map(({ role }) => role))).size).toBe(2);
});

test("a world too small for its stories, odd nouns and unknown fields are refused", () => {
  const refused = [{ nouns: 5 }, { facts: 3, nouns: 4 }, { facts: 2, verbs: 1 }, { noun: 4 }, { heldOut: 1 }];
  for (const fields of refused) expect(whoConfig.safeParse({ kind: "who", ...fields }).success).toBe(false);
  const small = worldOf({ nouns: 4, verbs: 1 });
  expect(() => small.draw("heldout", 2, createRng(1, "test"))).toThrow(/lower data.facts or add nouns/);
});
