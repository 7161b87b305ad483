import { letters, several, type Task } from "./task.ts";

const symbols = letters(5);

/** c a b a : a a b c */
export const sort: Task = {
  name: "sort",
  title: "sort the input, five symbols with repeats",
  order: "none of the input's; the answer has one of its own",
  symbols,
  shortest: 1,
  heldOutFrom: 5,
  inputLength: (n) => n,
  answerLength: (n) => n,
  chance: likeliestCounts,
  orderBlind: () => 1,
  draw(n, rng) {
    const input = several(n, symbols, rng);
    return { input, answer: input.toSorted() };
  },
};

/** The sorted input that is likeliest has its symbols as evenly as can be: n! / Π cᵢ! · 5⁻ⁿ. */
function likeliestCounts(n: number): number {
  const k = symbols.length;
  let log = -n * Math.log(k);
  for (let i = 2; i <= n; i++) log += Math.log(i);
  for (let symbol = 0; symbol < k; symbol++) {
    const count = Math.floor(n / k) + (symbol < n % k ? 1 : 0);
    for (let i = 2; i <= count; i++) log -= Math.log(i);
  }
  return Math.exp(log);
}
