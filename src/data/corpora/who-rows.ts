/**
 * Stories as rows of tokens, with the places where answers are predicted.
 *
 * A row starts at the start of a story and is filled with whole stories, the last cut at the row's
 * end. Starting anywhere instead would leave questions whose fact was cut away, which no model can
 * answer, and would put `<bos>` first in some rows only. The price is that the first story of every
 * row lies at the same positions; how far a model leans on that is what the probes of shifted and
 * long contexts measure.
 */
import type { Rng } from "../../tensor/rng.ts";
import { type Batch, batchOf } from "../batches.ts";
import { answerTo, foilTo, type Question, questionWords, storyWords, type WhoWorld } from "./who.ts";
import type { Fact, Role, Split, Voice } from "./who-facts.ts";

/** A place where a model has to answer. */
export interface AnswerSite {
  readonly row: number;
  /** Index of the "?" whose next token is the answer. */
  readonly position: number;
  readonly answer: number;
  /** The other noun of the fact. */
  readonly foil: number;
  /** Nothing before it in its story answers about the same fact: only such answers test order. */
  readonly first: boolean;
  readonly role: Role;
  readonly voice: Voice;
  readonly split: Split;
}

/** A batch that says where its answers are. */
export interface AnsweredBatch extends Batch {
  readonly answers: readonly AnswerSite[];
}

/**
 * Rows of stories of one split's facts, one story a row or as many as fit.
 * @returns (B,L+1)
 */
export function whoWindows(
  world: WhoWorld,
  split: Split,
  rng: Rng,
  batch: number,
  length: number,
): Int32Array {
  return pack(world, batch, length, () => drawStory(world, split, rng).tokens);
}

/** The same rows as a batch, with its answers: those whose noun is among the targets. */
export function whoAnswered(
  world: WhoWorld,
  split: Split,
  rng: Rng,
  batch: number,
  length: number,
): AnsweredBatch {
  const answers: AnswerSite[] = [];
  const windows = pack(world, batch, length, (row, at) => {
    const { tokens, facts, questions } = drawStory(world, split, rng);
    answers.push(
      ...sitesOf(world, facts, questions, split).map((site) => ({
        ...site,
        row,
        position: at + site.position,
      })),
    );
    return tokens;
  });
  return {
    ...batchOf(windows, batch, length, padOf(world)),
    answers: answers.filter((site) => site.position < length),
  };
}

/** Id of the padding that rows may hold, if any. */
export function padOf(world: WhoWorld): number | undefined {
  return world.config.packing === "story" ? world.tokenizer.pad : undefined;
}

/** Where the answers of a story are, counted from its first token; `split` is that of all its facts. */
export function sitesOf(
  world: WhoWorld,
  facts: readonly Fact[],
  questions: readonly Question[],
  split: Split,
): Omit<AnswerSite, "row">[] {
  let position = storyWords(facts, [], world.config.bos).length - 1;
  const asked = new Set<Fact>();
  return questions.map((question) => {
    position += questionWords(question).length;
    const { fact, role } = question;
    const site = {
      position,
      ...nounsOf(world, question),
      first: !asked.has(fact),
      role,
      voice: fact.voice,
      split,
    };
    asked.add(fact);
    position += 2; // the answer and its "."
    return site;
  });
}

/** Ids of the noun that answers and of the other one. */
export function nounsOf(world: WhoWorld, question: Question): { answer: number; foil: number } {
  const [answer = -1, foil = -1] = idsOf(world, [answerTo(question), foilTo(question)]);
  return { answer, foil };
}

const idsByWord = new WeakMap<WhoWorld, Map<string, readonly number[]>>();

/** Ids of words that the world made itself. Each word is encoded once: taking text apart is slow. */
export function idsOf(world: WhoWorld, words: readonly string[]): number[] {
  const known = idsByWord.get(world) ?? new Map<string, readonly number[]>();
  idsByWord.set(world, known);
  const all: number[] = [];
  for (const word of words) {
    const ids = known.get(word) ?? world.tokenizer.encode(word);
    known.set(word, ids);
    all.push(...ids);
  }
  return all;
}

/** A story of fresh facts and, in any order, its questions. */
export function drawStory(world: WhoWorld, split: Split, rng: Rng) {
  const facts = world.draw(split, world.config.facts, rng);
  const questions = world.questions(facts, rng);
  return { facts, questions, tokens: idsOf(world, storyWords(facts, questions, world.config.bos)) };
}

function pack(
  world: WhoWorld,
  batch: number,
  length: number,
  story: (row: number, at: number) => readonly number[],
): Int32Array {
  const width = length + 1;
  const windows = new Int32Array(batch * width).fill(world.tokenizer.pad ?? 0); // (B,L+1)
  for (let row = 0; row < batch; row++) {
    let at = 0;
    do {
      const tokens = story(row, at);
      const end = Math.min(width, at + tokens.length);
      for (let i = at; i < end; i++) windows[row * width + i] = tokens[i - at] ?? 0;
      at = end;
    } while (at < width && world.config.packing === "stream");
  }
  return windows;
}
