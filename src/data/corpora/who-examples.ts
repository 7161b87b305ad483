/**
 * What probes ask of a model of the little world "who". Only first questions are scored: see `who.ts`.
 *
 * - Swap test: S = log p(y | a v b . q) − log p(y | b v a . q), y the right answer to q after "a v b .". Both directions,
 *   voices and roles are there equally often, so a model that ignores order scores one half.
 * - Long stories: contexts of any length, filled with stories as in training, that end in a question about a chosen split.
 */
import { InputError } from "../../errors.ts";
import { createRng, type Rng } from "../../tensor/rng.ts";
import type { OrderPair } from "../material.ts";
import { type Question, questionWords, storyWords, type WhoWorld } from "./who.ts";
import { exchanged, type Fact, type Role, type Split, type Voice } from "./who-facts.ts";
import { type AnswerSite, drawStory, idsOf, nounsOf, sitesOf } from "./who-rows.ts";

/**
 * One question, told in both orders. A causal model's prompt is `story` and `question`; a masked
 * model's ends in `<mask>`.
 */
export interface SwapExample {
  /** `<bos>` if the world has it, and the facts. */
  readonly story: readonly number[];
  /** The same tokens with agent and patient of the asked fact exchanged. */
  readonly swapped: readonly number[];
  /** Up to and with "?". */
  readonly question: readonly number[];
  /** Right after `story`; after `swapped` the foil is. */
  readonly answer: number;
  readonly foil: number;
  readonly fact: Fact;
  readonly role: Role;
  readonly voice: Voice;
  readonly split: Split;
}

/**
 * Every fact of a split with each of its two questions, in an order that config and seed fix;
 * shuffle before taking a part. With several facts a story, the others are training facts, the same
 * for both orders of a pair.
 */
export function swapExamples(world: WhoWorld, split: Split): SwapExample[] {
  return world.facts[split].flatMap((fact) => {
    const rng = createRng(world.seed, `data/who/swap/${topicOf(fact)}/${fact.voice}`);
    const beside = companions(world, fact, rng);
    const place = rng.integer(beside.length + 1);
    const told = (asked: Fact) =>
      idsOf(world, storyWords(beside.toSpliced(place, 0, asked), [], world.config.bos));
    const [story, swapped] = [told(fact), told(exchanged(fact))];
    return (["agent", "patient"] as const).map((role): SwapExample => {
      const question: Question = { fact, role };
      const ids = idsOf(world, questionWords(question));
      return {
        story,
        swapped,
        question: ids,
        ...nounsOf(world, question),
        fact,
        role,
        voice: fact.voice,
        split,
      };
    });
  });
}

/** The example as a pair of contexts, both of which end in the question. */
export const orderPair = ({ story, swapped, question, answer, fact }: SwapExample): OrderPair => ({
  context: [...story, ...question],
  swapped: [...swapped, ...question],
  answer,
  topic: topicOf(fact),
});

/** What a fact shares with its exchange, in both voices: the two nouns and the verb. */
const topicOf = ({ agent, patient, verb }: Fact) => `${[agent, patient].sort().join(" ")} ${verb.active}`;

/** A context that ends in the "?" of a question about a fact of the asked split. */
export interface LongStory {
  readonly tokens: readonly number[];
  /**
   * In the order of their positions; the last, at the last token, is of the asked split, the others
   * of training facts.
   */
  readonly answers: readonly AnswerSite[];
}

/** How long the contexts are, how many there are, and what the last question of each is about. */
export interface LongStoryOptions {
  /** Most tokens a context may have. Whole stories fill it, so it is at most a story shorter. */
  readonly length: number;
  readonly count: number;
  /** "heldout" when left out. */
  readonly split?: Split;
}

/**
 * Contexts of stories as in training, at most `length` tokens each, of lengths that differ by less
 * than a story: group them by length, or, under causal attention, fill them up on the right with
 * anything.
 * @throws InputError when not even the last story fits.
 */
export function longStories(
  world: WhoWorld,
  { length, count, split = "heldout" }: LongStoryOptions,
  rng: Rng,
): LongStory[] {
  return Array.from({ length: count }, (_, row) => {
    const last = lastStory(world, split, rng);
    const room = length - last.tokens.length;
    if (room < 0) {
      throw new InputError(
        `data: a story takes ${last.tokens.length} tokens, more than ${length}; ask for a longer context`,
      );
    }
    const tokens: number[] = [];
    const answers: AnswerSite[] = [];
    for (;;) {
      const { facts, questions, tokens: next } = drawStory(world, "train", rng);
      if (tokens.length + next.length > room) break;
      for (const site of sitesOf(world, facts, questions, "train")) {
        answers.push({ ...site, row, position: tokens.length + site.position });
      }
      tokens.push(...next);
    }
    tokens.push(...last.tokens);
    answers.push({ ...last.site, row, position: tokens.length - 1 });
    return { tokens, answers };
  });
}

/** One fact of `split`, among training facts where stories have several, and one question about it. */
function lastStory(world: WhoWorld, split: Split, rng: Rng) {
  const [fact] = world.draw(split, 1, rng) as [Fact]; // one was asked for
  const beside = companions(world, fact, rng);
  const facts = beside.toSpliced(rng.integer(beside.length + 1), 0, fact);
  const question: Question = { fact, role: rng.integer(2) === 0 ? "agent" : "patient" };
  const words = [...storyWords(facts, [], world.config.bos), ...questionWords(question)];
  const site = { ...nounsOf(world, question), first: true, role: question.role, voice: fact.voice, split };
  return { tokens: idsOf(world, words), site };
}

/** The other facts of a story about `fact`: training facts with other nouns and verbs. */
function companions(world: WhoWorld, fact: Fact, rng: Rng): Fact[] {
  return world.draw("train", world.config.facts - 1, rng, [fact]);
}
