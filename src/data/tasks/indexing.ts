import { neighbourOrderBlind } from "./induction.ts";
import { letters, MOST_EXACT, oneOf, several, type Task } from "./task.ts";

const symbols = letters(16);
/** Places from the anchor. */
const offsets = [-3, -2, -1, 1, 2, 3];
const wordOf = (offset: number) => (offset > 0 ? `+${offset}` : `${offset}`);

/**
 * c a b d ? +2 a : d. Which item stands so many places from the anchor, which occurs once: the
 * anchor is found by what it is, the answer by where it stands (indirect indexing,
 * arXiv:2509.10534). The offset is one that stays within the items.
 */
export const indexing: Task = {
  name: "indexing",
  title: "which item stands so many places from this one?",
  order: "which item is up to three steps before or after another",
  symbols: [...symbols, "?", ...offsets.map(wordOf)],
  shortest: 2,
  heldOutFrom: 2,
  inputLength: (n) => n + 3,
  answerLength: () => 1,
  chance: () => 1 / symbols.length,
  /**
   * The offset is drawn by the anchor's place alone, so that the bag tells no more of the answer
   * than in `induction`.
   */
  orderBlind: (n) => (n > MOST_EXACT ? undefined : neighbourOrderBlind(n - 1)),
  draw(n, rng) {
    const anchor = oneOf(symbols, rng);
    const others = symbols.filter((symbol) => symbol !== anchor);
    const items = several(n, others, rng);
    const at = rng.integer(n);
    items[at] = anchor;
    const inside = offsets.filter((offset) => at + offset >= 0 && at + offset < n);
    const offset = oneOf(inside, rng);
    const answer = String(items[at + offset]);
    return {
      input: [...items, "?", wordOf(offset), anchor],
      answer: [answer],
      depth: (at + offset) / (n - 1),
    };
  },
  kind: ({ answer }) => String(answer[0]),
};
