/**
 * The little world "who", in which only order tells who did what:
 *
 *     <bos> dog bites man . who bites ? dog . who is bitten ? man .
 *
 * Every pair and verb is as frequent in one order as in the other, so the question and the words of
 * the story without their order are right half the time and no more; a fifth of the facts is held
 * out (`who-facts.ts`).
 *
 * The second question about a fact is no test of order: whoever knows the two nouns and the first
 * answer names the other by exclusion. So the order of the questions is drawn anew for each story,
 * every answer is marked `first` or not, and probes score first answers only (`who-examples.ts`).
 * `questions: "one"` leaves the shortcut out of training as well.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { type Rng, shuffled } from "../../tensor/rng.ts";
import { specialTokens, type Tokenizer } from "../tokenizers/tokenizer.ts";
import { wordsTokenizer } from "../tokenizers/words.ts";
import { type Fact, type Role, type Split, splitFacts, statementWords, type Voice } from "./who-facts.ts";
import { nouns as allNouns, verbs as allVerbs, type Verb, vocabularyOf } from "./who-words.ts";

/**
 * Fields of `data` for this corpus.
 *
 * @example
 * assert.equal(whoConfig.parse({ kind: "who" }).nouns, 16);
 */
export const whoConfig = z
  .strictObject({
    kind: z.literal("who"),
    /** Open each story with `<bos>`. Without it the vocabulary stays the same. */
    bos: z.boolean().default(true),
    /** "stream": rows are filled with stories; "story": one story a row, the rest padding of weight 0. */
    packing: z.enum(["stream", "story"]).default("stream"),
    /** Even, so that what is held out is spread evenly over the nouns. */
    nouns: z.int().min(4).max(allNouns.length).multipleOf(2).default(16),
    verbs: z.int().min(1).max(allVerbs.length).default(10),
    /**
     * Share of the (pair, verb) combinations that training never sees; rounded so that nouns share
     * it evenly.
     */
    heldOut: z.number().gt(0).lt(1).default(0.2),
    /** Facts told before the questions of one story; more is harder. */
    facts: z.int().min(1).max(4).default(1),
    /** Share of facts told in the passive voice. At one half, "the first noun" is right half the time. */
    passive: z.number().min(0).max(1).default(0.5),
    /** About each fact ask for agent and patient, or for one of them. */
    questions: z.enum(["both", "one"]).default("both"),
  })
  .refine(({ facts, nouns }) => 2 * facts <= nouns, {
    path: ["facts"],
    error: "a story needs two nouns a fact",
  })
  .refine(({ facts, verbs }) => facts <= verbs, { path: ["facts"], error: "a story needs a verb a fact" });

export type WhoConfig = z.infer<typeof whoConfig>;

/** "who bites ?" asks for the agent of its fact, "who is bitten ?" for the patient. */
export interface Question {
  readonly fact: Fact;
  readonly role: Role;
}

/** The facts of "who" and the words that tell them. */
export interface WhoWorld {
  readonly config: WhoConfig;
  readonly seed: number;
  readonly tokenizer: Tokenizer;
  readonly nouns: readonly string[];
  readonly verbs: readonly Verb[];
  /** Every fact of each split, in an order that config and seed fix; voices of share 0 are left out. */
  readonly facts: Readonly<Record<Split, readonly Fact[]>>;
  /**
   * Facts of one split that share no noun and no verb with each other or with `beside`, so that
   * every question has one answer.
   * @throws InputError when so small a world holds none.
   */
  draw(split: Split, count: number, rng: Rng, beside?: readonly Fact[]): Fact[];
  /** The questions of a story in the order they are asked: drawn anew each time. */
  questions(facts: readonly Fact[], rng: Rng): Question[];
  /** The text of a story: the facts in the order given, then their questions with answers. */
  story(facts: readonly Fact[], rng: Rng): string;
}

/** The world of a config and a seed. "dog bites man" and its reverse are held out in all of them. */
export function createWho(config: WhoConfig, seed: number): WhoWorld {
  const nouns = allNouns.slice(0, config.nouns);
  const verbs = allVerbs.slice(0, config.verbs);
  const voices: Voice[] = [];
  if (config.passive < 1) voices.push("active");
  if (config.passive > 0) voices.push("passive");
  const facts = splitFacts(nouns, verbs, voices, config.heldOut, seed, ["dog", "man"]);
  const questions: WhoWorld["questions"] = (told, rng) => {
    const roles: Role[] = ["agent", "patient"];
    const asked = config.questions === "both" ? () => roles : () => [roles[rng.integer(2)] ?? "agent"];
    return shuffled(
      told.flatMap((fact) => asked().map((role): Question => ({ fact, role }))),
      rng,
    );
  };
  return {
    config,
    seed,
    tokenizer: wordsTokenizer(vocabularyOf(nouns, verbs)),
    nouns,
    verbs,
    facts,
    draw: drawer(facts, config.passive),
    questions,
    story: (told, rng) => storyWords(told, questions(told, rng), config.bos).join(" "),
  };
}

/** The words of a story: facts, then questions with answers. */
export function storyWords(facts: readonly Fact[], questions: readonly Question[], bos: boolean): string[] {
  const words: string[] = bos ? [specialTokens.bos] : [];
  for (const fact of facts) words.push(...statementWords(fact));
  for (const question of questions) words.push(...questionWords(question), answerTo(question), ".");
  return words;
}

/** "who bites ?" or "who is bitten ?", as words. */
export function questionWords({ fact, role }: Question): string[] {
  return role === "agent" ? ["who", fact.verb.active, "?"] : ["who", "is", fact.verb.participle, "?"];
}

/** The noun that answers. */
export function answerTo({ fact, role }: Question): string {
  return fact[role];
}

/** The other noun of the fact: the answer of whoever mistakes the order. */
export function foilTo({ fact, role }: Question): string {
  return fact[role === "agent" ? "patient" : "agent"];
}

/** All facts of a world as text, in order: what the manifest's checksum is taken of. */
export function canonicalText(world: WhoWorld): string {
  const lines = (split: Split) =>
    world.facts[split].map((fact) => `${split}: ${statementWords(fact).join(" ")}\n`);
  return [...lines("train"), ...lines("heldout")].join("");
}

/** Tries before a world is taken to hold no such facts; at the defaults four facts need a dozen. */
const maxTries = 100_000;

function drawer(facts: Record<Split, readonly Fact[]>, passive: number): WhoWorld["draw"] {
  const voiced = (split: Split, voice: Voice) => facts[split].filter((fact) => fact.voice === voice);
  const lists = {
    train: { active: voiced("train", "active"), passive: voiced("train", "passive") },
    heldout: { active: voiced("heldout", "active"), passive: voiced("heldout", "passive") },
  };
  const one = (split: Split, rng: Rng): Fact => {
    const list = lists[split][rng.uniform() < passive ? "passive" : "active"];
    return list[rng.integer(list.length)] as Fact; // in range, and no list of a voice that occurs is empty
  };
  return (split, count, rng, beside = []) => {
    // A clash starts the draw afresh, which makes all fitting draws equally likely.
    let drawn: Fact[] = [];
    for (let tries = 0; drawn.length < count; tries++) {
      if (tries === maxTries) {
        throw new InputError(
          `data: no ${count} ${split} facts differ in nouns and verb; lower data.facts or add nouns`,
        );
      }
      const fact = one(split, rng);
      drawn = [...drawn, ...beside].some((other) => clash(fact, other)) ? [] : [...drawn, fact];
    }
    return drawn;
  };
}

function clash(a: Fact, b: Fact): boolean {
  const same =
    a.agent === b.agent || a.agent === b.patient || a.patient === b.agent || a.patient === b.patient;
  return same || a.verb === b.verb;
}
