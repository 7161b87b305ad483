import { bagsPerSequence } from "../bags.ts";
import { letters, several, type Task } from "./task.ts";

const symbols = letters(10);

/** c a b : c a b */
export const copy: Task = {
  name: "copy",
  title: "copy the input",
  order: "all of it: the k-th answer is the k-th item, one distance back at each length",
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
    return { input, answer: input };
  },
};
