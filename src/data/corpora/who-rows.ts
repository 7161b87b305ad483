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
import { type Fact, type Role, type Split, statementWords, type Voice } from "./who-facts.ts";

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

/** Ids of words that the world made itself. */
export function idsOf(world: WhoWorld, words: readonly string[]): number[] {
  return world.tokenizer.encode(words.join(" "));
}

/** A story of fresh facts and, in any order, its questions. */
export function drawStory(world: WhoWorld, split: Split, rng: Rng) {
  const facts = world.draw(split, world.config.facts, rng);
  const questions = world.questions(facts, rng);
  return { facts, questions, tokens: storyTokens(world, facts, questions) };
}

type Pieces = Map<Fact, { statement: number[]; agent: number[]; patient: number[] }>;
const piecesOf = new WeakMap<WhoWorld, Pieces>();

/**
 * `storyWords` as ids, put together from facts that were encoded once: three times as fast as
 * encoding the text.
 */
function storyTokens(world: WhoWorld, facts: readonly Fact[], questions: readonly Question[]): number[] {
  const pieces = piecesOf.get(world) ?? new Map();
  piecesOf.set(world, pieces);
  const encoded = (fact: Fact) => {
    const known = pieces.get(fact);
    if (known !== undefined) return known;
    const asked = (role: Role) => {
      const question = { fact, role };
      return idsOf(world, [...questionWords(question), answerTo(question), "."]);
    };
    const fresh = {
      statement: idsOf(world, statementWords(fact)),
      agent: asked("agent"),
      patient: asked("patient"),
    };
    pieces.set(fact, fresh);
    return fresh;
  };
  const tokens: number[] = [];
  if (world.config.bos && world.tokenizer.bos !== undefined) tokens.push(world.tokenizer.bos);
  for (const fact of facts) tokens.push(...encoded(fact).statement);
  for (const { fact, role } of questions) tokens.push(...encoded(fact)[role]);
  return tokens;
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
