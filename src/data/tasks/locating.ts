import { letters, numbers, oneOf, several, type Task } from "./task.ts";

const symbols = letters(16);

/**
 * c a b d ? b : 2. Where the item stands that occurs once, counted from 0, in digits, tens before
 * units: numbers past those of training are made of words that it has.
 */
export const locating: Task = {
  name: "locating",
  title: "at which place does this item stand?",
  order: "how many items stand before one of them",
  symbols: [...symbols, "?", ...numbers(10)],
  shortest: 2,
  heldOutFrom: 2,
  inputLength: (n) => n + 2,
  answerLength: (n) => String(n - 1).length,
  chance: (n) => 1 / n,
  /** The place is drawn apart from the items: a bag of them says nothing of it. */
  orderBlind: (n) => 1 / n,
  draw(n, rng) {
    const asked = oneOf(symbols, rng);
    const others = symbols.filter((symbol) => symbol !== asked);
    const items = several(n, others, rng);
    const at = rng.integer(n);
    items[at] = asked;
    return { input: [...items, "?", asked], answer: [...String(at)], depth: at / (n - 1) };
  },
  kind: ({ answer }) => answer.join(""),
};
