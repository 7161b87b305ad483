/**
 * Facts of the little world "who", and which of them training never sees.
 *
 * What is held out is an unordered pair of nouns with a verb, in both orders and both voices, so a
 * held-out fact's reverse gives nothing away. For each verb the held-out pairs are whole rounds of
 * a round-robin schedule (the circle method): in a round every noun meets exactly one other. So
 * every noun has as many training facts as any other, in either role of every verb, and a question
 * without its story tells nothing: its best answer is right once in as many times as there are
 * nouns, among training facts and among held-out ones.
 */

import { createRng, type Rng, shuffled } from "../../tensor/rng.ts";
import type { Split } from "../data.ts";
import type { Verb } from "./who-words.ts";

/** What a noun is in a fact. */
export type Role = "agent" | "patient";
/** How a fact is told. */
export type Voice = "active" | "passive";
export type { Split };

/** Who did what to whom, and in which voice it is told. */
export interface Fact {
  readonly agent: string;
  readonly verb: Verb;
  readonly patient: string;
  readonly voice: Voice;
}

/** "dog bites man ." or "man is bitten by dog .", as words. */
export function statementWords({ agent, verb, patient, voice }: Fact): string[] {
  return voice === "active"
    ? [agent, verb.active, patient, "."]
    : [patient, "is", verb.participle, "by", agent, "."];
}

/** The same words told the other way round: "man bites dog ." for "dog bites man .". */
export function exchanged(fact: Fact): Fact {
  return { ...fact, agent: fact.patient, patient: fact.agent };
}

/**
 * All facts of a world, split.
 * @param nouns An even number of nouns.
 * @param heldOut Share to hold out, rounded to whole rounds; each split keeps at least one.
 * @param always A pair held out with the first verb under every seed.
 * @returns For each split, verb by verb and pair by pair in the order given: both orders, each in
 *   all `voices`.
 */
export function splitFacts(
  nouns: readonly string[],
  verbs: readonly Verb[],
  voices: readonly Voice[],
  heldOut: number,
  seed: number,
  always: readonly [string, string],
): Record<Split, Fact[]> {
  const facts: Record<Split, Fact[]> = { train: [], heldout: [] };
  const count = Math.min(nouns.length - 2, Math.max(1, Math.round(heldOut * (nouns.length - 1))));
  for (const verb of verbs) {
    const rng = createRng(seed, `data/who/heldout/${verb.active}`);
    const rounds = shuffledRounds(nouns, rng);
    if (verb === verbs[0])
      rounds.sort((a, b) => Number(b.has(pairKey(...always))) - Number(a.has(pairKey(...always))));
    const chosen = rounds.slice(0, count);
    for (const [one, other] of pairsOf(nouns)) {
      const split = chosen.some((round) => round.has(pairKey(one, other))) ? "heldout" : "train";
      for (const voice of voices) facts[split].push({ agent: one, verb, patient: other, voice });
      for (const voice of voices) facts[split].push({ agent: other, verb, patient: one, voice });
    }
  }
  return facts;
}

function pairsOf(nouns: readonly string[]): [string, string][] {
  return nouns.flatMap((one, i) => nouns.slice(i + 1).map((other): [string, string] => [one, other]));
}

/** The same for both orders. */
function pairKey(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/**
 * The n−1 rounds in which n nouns, placed at random, meet each other once: one stays, the rest turn
 * by a seat a round.
 */
function shuffledRounds(nouns: readonly string[], rng: Rng): Set<string>[] {
  const [fixed = "", ...ring] = shuffled(nouns, rng);
  const rounds = ring.map((_, turn) => {
    const seats = [fixed, ...ring.slice(turn), ...ring.slice(0, turn)];
    const half = seats.length / 2;
    return new Set(
      seats.slice(0, half).map((noun, seat) => pairKey(noun, seats[seats.length - 1 - seat] ?? "")),
    );
  });
  return shuffled(rounds, rng);
}
