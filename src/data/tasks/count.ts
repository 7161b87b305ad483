import { shuffled } from "../../tensor/rng.ts";
import { letters, oneOf, several, type Task } from "./task.ts";

const symbols = letters(10);

/** a c a b ? a : a a. The number is written in strokes, so that larger ones need no word that training lacks. */
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
