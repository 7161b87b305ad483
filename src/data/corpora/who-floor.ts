/**
 * The loss of a perfect model of the world "who": one that knows its nouns, verbs and rules and
 * reads every word where it stands.
 *
 * Some words nobody can know: which noun comes first, the verb, the other noun, the voice, and
 * which question is asked first. Every other word, the answers among them, costs nothing. Which
 * facts were held out is not known, so all of them are equally likely.
 */
import type { z } from "zod";
import type { whoConfig } from "./who.ts";

/** A way to tell a story: its probability and what each of its words costs, in nats. */
interface Telling {
  readonly p: number;
  readonly costs: readonly number[];
}

/**
 * The mean −log p of the token at each of `length` positions of a row, in nats; the first token of
 * a row is given and costs nothing.
 * @returns undefined for stories of several facts or of one a row, which are told by other rules
 */
export function perfectLoss(config: z.infer<typeof whoConfig>, length: number): number[] | undefined {
  if (config.facts > 1 || config.packing !== "stream") return undefined;
  const tellings = tellingsOf(config);
  const starts = new Float64Array(length + 1); // P(a story starts here)
  const costs = new Float64Array(length + 1);
  starts[0] = 1;
  for (let at = 0; at <= length; at++) {
    for (const { p, costs: each } of tellings) {
      const here = (starts[at] as number) * p;
      each.forEach((cost, i) => {
        if (at + i <= length) costs[at + i] = (costs[at + i] as number) + here * cost;
      });
      const next = at + each.length;
      if (next <= length) starts[next] = (starts[next] as number) + here;
    }
  }
  return Array.from(costs).slice(1);
}

function tellingsOf({ bos, nouns, verbs, passive, questions }: z.infer<typeof whoConfig>): Telling[] {
  const [first, verb, other, half] = [nouns, verbs, nouns - 1, 2].map(Math.log) as [
    number,
    number,
    number,
    number,
  ];
  const opening = bos ? [0] : [];
  const voices: Telling[] = [
    { p: 1 - passive, costs: [first, verb - Math.log(1 - passive), other, 0] }, // dog bites man .
    { p: passive, costs: [first, -Math.log(passive), verb, 0, other, 0] }, // man is bitten by dog .
  ];
  const [agent, patient] = [
    [0, half, 0, 0, 0],
    [0, half, 0, 0, 0, 0],
  ]; // who bites ? dog . / who is bitten ? man .
  const asked: Telling[] = [agent, patient].map((costs, role) => ({
    p: 1 / 2,
    costs: questions === "one" ? costs : [...costs, ...new Array<number>(role === 0 ? 6 : 5).fill(0)],
  }));
  return voices
    .filter(({ p }) => p > 0)
    .flatMap((told) =>
      asked.map(({ p, costs }) => ({ p: told.p * p, costs: [...opening, ...told.costs, ...costs] })),
    );
}
