import { shuffled } from "../../tensor/rng.ts";
import { type Polynomial, poisson, powers } from "../bags.ts";
import { letters, MOST_EXACT, oneOf, several, type Task } from "./task.ts";

const symbols = letters(10);

/**
 * a c a b ? a : a a. The number is written in strokes, so that larger ones need no word that
 * training lacks.
 */
export const count: Task = {
  name: "count",
  title: "repeat a symbol as often as it occurs",
  order: "none of the items' order; which item is asked for is told by its place, the last",
  symbols: [...symbols, "?"],
  shortest: 1,
  heldOutFrom: 4,
  inputLength: (n) => n + 2,
  answerLength: (n) => n - 1,
  chance: (n) => 1 / n,
  orderBlind: (n) => (n > MOST_EXACT ? undefined : orderBlind(n)),
  draw(n, rng) {
    const asked = oneOf(symbols, rng);
    const times = rng.integer(n); // 0 … n−1: with n there would be a single problem
    const others = symbols.filter((symbol) => symbol !== asked);
    const strokes = new Array<string>(times).fill(asked);
    const items = shuffled([...strokes, ...several(n - times, others, rng)], rng);
    return { input: [...items, "?", asked], answer: strokes };
  },
  kind: ({ answer }) => String(answer.length),
};

/**
 * A bag of the n items and the asked one does not say which was asked. That it is one that occurs c
 * times in the bag has the weight
 *
 *     h(c) = kⁿ (k−1)^−(n+1−c) / (n·C(n+1, c)),  c ≤ n,
 *
 * relative to the probability of the bag as n+1 equally likely draws. The answer, c−1 strokes, is
 * one of its own for each item, but for c = 1: the s items that occur once share the empty answer.
 * So the score is the mean of max(s·h(1), h(c) of the items that occur twice or more) over such
 * draws, summed here by which of them is the largest.
 */
function orderBlind(n: number): number {
  const k = symbols.length;
  const p = poisson((n + 1) / k, n + 1);
  const weight = (c: number) =>
    Math.exp(n * Math.log(k) - (n + 1 - c) * Math.log(k - 1) - Math.log(n) - logChoose(n + 1, c));
  const counts = Array.from({ length: n - 1 }, (_, i) => i + 2).sort((a, b) => weight(a) - weight(b));
  const singles = Array.from({ length: k + 1 }, (_, s) => (p[1] as number) ** s * Math.exp(logChoose(k, s)));
  const lighter = new Float64Array(n + 2); // x^c of the counts that weigh less
  lighter[0] = p[0] as number;
  let sum = n < k ? (singles[n + 1] as number) * (p[0] as number) ** (k - n - 1) * (n + 1) * weight(1) : 0;
  for (const c of counts) {
    const below = powers(lighter, k);
    for (let s = 0; s < k; s++)
      sum += (singles[s] as number) * Math.max(weight(c), s * weight(1)) * withSome(c, k - s, n + 1 - s);
    lighter[c] = p[c] as number;

    /** Chance that of m items j ≥ 1 occur c times and the others sum with them to `total`. */
    function withSome(c: number, m: number, total: number): number {
      let chance = 0;
      for (let j = 1; j <= m && j * c <= total; j++) {
        const others = (below[m - j] as Polynomial)[total - j * c] as number;
        chance += Math.exp(logChoose(m, j)) * (p[c] as number) ** j * others;
      }
      return chance;
    }
  }
  return sum / (poisson(n + 1, n + 1)[n + 1] as number);
}

function logChoose(n: number, k: number): number {
  let log = 0;
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return log;
}
