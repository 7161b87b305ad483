/**
 * The loss of a perfect model of the world "who": one that knows its nouns, verbs and rules and
 * reads every word where it stands.
 *
 * Some words nobody can know: which noun comes first, the verb, the other noun, the voice, and
 * which question is asked next. Every other word, the answers among them, costs nothing. Which
 * facts were held out is not known, so all of them are equally likely.
 */
import type { z } from "zod";
import type { whoConfig } from "./who.ts";

type World = z.infer<typeof whoConfig>;

/** A way to tell a part of a story: its probability and what each of its words costs, in nats. */
interface Telling {
  readonly p: number;
  readonly costs: readonly number[];
}

/**
 * The mean −log p of the token at each of `length` positions of a row, in nats; the first token of
 * a row is given and costs nothing.
 * @returns undefined for stories of one a row, which end in padding
 */
export function perfectLoss(config: World, length: number): number[] | undefined {
  if (config.packing !== "stream") return undefined;
  const opening = { p: 1, costs: config.bos ? [0] : [] };
  const parts = [statementsOf(config).map((one) => joined(opening, one)), questionsOf(config)] as const;
  // P(a part begins here): facts, then questions, then the next story's facts.
  const begins = parts.map(() => new Float64Array(length + 1)) as [Float64Array, Float64Array];
  const costs = new Float64Array(length + 1);
  begins[0][0] = 1;
  for (let at = 0; at <= length; at++) {
    parts.forEach((tellings, i) => {
      const next = begins[1 - i] as Float64Array;
      for (const telling of tellings) {
        const here = ((begins[i] as Float64Array)[at] as number) * telling.p;
        telling.costs.forEach((cost, k) => {
          if (at + k <= length) costs[at + k] = (costs[at + k] as number) + here * cost;
        });
        const end = at + telling.costs.length;
        if (end <= length) next[end] = (next[end] as number) + here;
      }
    });
  }
  return Array.from(costs).slice(1);
}

/** The facts of a story share no noun and no verb: each is drawn from those that are left. */
function statementsOf({ facts, nouns, verbs, passive }: World): Telling[] {
  let told: Telling[] = [{ p: 1, costs: [] }];
  for (let k = 0; k < facts; k++) {
    const left = [nouns - 2 * k, verbs - k, nouns - 2 * k - 1].map(Math.log);
    const [first, verb, other] = left as [number, number, number];
    const voices: Telling[] = [
      { p: 1 - passive, costs: [first, verb - Math.log(1 - passive), other, 0] }, // dog bites man .
      { p: passive, costs: [first, -Math.log(passive), verb, 0, other, 0] }, // man is bitten by dog .
    ];
    told = told.flatMap((before) => voices.filter(({ p }) => p > 0).map((one) => joined(before, one)));
  }
  return told;
}

/** In any order; one about each fact is of either role, both are of one each. */
function questionsOf({ facts, questions }: World): Telling[] {
  return questions === "one" ? eitherRole(facts) : bothRoles(facts, facts);
}

function eitherRole(left: number): Telling[] {
  if (left === 0) return [{ p: 1, costs: [] }];
  const half = Math.log(2);
  const next = [
    { p: 1 / 2, costs: [0, half + Math.log(left), 0, 0, 0] }, // who bites ? dog .
    { p: 1 / 2, costs: [0, half, Math.log(left), 0, 0, 0] }, // who is bitten ? man .
  ];
  const rest = eitherRole(left - 1);
  return next.flatMap((one) => rest.map((later) => joined(one, later)));
}

function bothRoles(agents: number, patients: number): Telling[] {
  const left = agents + patients;
  if (left === 0) return [{ p: 1, costs: [] }];
  const asked = (one: Telling, rest: readonly Telling[]) => rest.map((later) => joined(one, later));
  const agent = { p: agents / left, costs: [0, Math.log(left), 0, 0, 0] };
  const is = { p: patients / left, costs: [0, Math.log(left / patients), Math.log(patients), 0, 0, 0] };
  return [
    ...(agents > 0 ? asked(agent, bothRoles(agents - 1, patients)) : []),
    ...(patients > 0 ? asked(is, bothRoles(agents, patients - 1)) : []),
  ];
}

const joined = (a: Telling, b: Telling): Telling => ({ p: a.p * b.p, costs: [...a.costs, ...b.costs] });
