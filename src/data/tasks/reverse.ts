import { bagsPerSequence } from "../bags.ts";
import { letters, several, type Task } from "./task.ts";

const symbols = letters(10);

/** c a b : b a c */
export const reverse: Task = {
  name: "reverse",
  title: "write the input backwards",
  order: "all of it: the k-th answer is the k-th item from the end, a distance that grows by two a step",
  symbols,
  shortest: 1,
  heldOutFrom: 3,
  inputLength: (n) => n,
  answerLength: (n) => n,
  chance: (n) => symbols.length ** -n,
  // Of a bag that M sequences make, one in M is right; a bag has M chances in kⁿ. Each bag adds 1/kⁿ.
  orderBlind: (n) => bagsPerSequence(n, symbols.length),
  draw(n, rng) {
    const input = several(n, symbols, rng);
    return { input, answer: input.toReversed() };
  },
};
