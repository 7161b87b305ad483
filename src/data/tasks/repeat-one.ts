import { letters, oneOf, type Task } from "./task.ts";

const symbols = letters(10);

/**
 * c c c : c c c, the "repeat single character" of Kazemnejad et al. 2023. There are but ten
 * problems of each length, so two of each are held out, and each symbol is, at a fifth of the
 * lengths.
 */
export const repeatOne: Task = {
  name: "repeat-one",
  title: "repeat one symbol as often as it is shown",
  order: "none among equal items; only where the input ends, so as to stop in time",
  symbols,
  shortest: 1,
  heldOutFrom: 1,
  inputLength: (n) => n,
  answerLength: (n) => n,
  chance: () => 1 / symbols.length,
  orderBlind: () => 1,
  draw(n, rng) {
    const input = new Array<string>(n).fill(oneOf(symbols, rng));
    return { input, answer: input };
  },
  heldOut: ({ input: [symbol = ""] }, n) => (symbols.indexOf(symbol) + n) % 5 === 0,
};
