import { largestCount } from "../bags.ts";
import { letters, MOST_EXACT, numbers, oneOf, type Task } from "./task.ts";

const keys = letters(16);
const values = numbers(16);

/**
 * c 4 a 7 b 4 ? a : 7, associative recall, a needle at any depth of a haystack of any length. The
 * key asked for occurs once, the others as they come.
 */
export const recall: Task = {
  name: "recall",
  title: "which value stood after this key?",
  order: "which value follows the key, one step; where the pair stands does not matter",
  symbols: [...keys, ...values, "?"],
  shortest: 1,
  heldOutFrom: 2,
  inputLength: (n) => 2 * n + 2,
  answerLength: () => 1,
  chance: () => 1 / values.length,
  /** Names the commonest value: that of n equally likely ones is right as often as it occurs among them. */
  orderBlind: (n) =>
    n > MOST_EXACT
      ? undefined
      : largestCount(n, values.length).reduce((sum, p, most) => sum + (p * most) / n, 0),
  draw(n, rng) {
    const asked = oneOf(keys, rng);
    const others = keys.filter((key) => key !== asked);
    const at = rng.integer(n);
    const pairs = Array.from({ length: n }, (_, i) => [
      i === at ? asked : oneOf(others, rng),
      oneOf(values, rng),
    ]);
    const answer = [String(pairs[at]?.[1])];
    return { input: [...pairs.flat(), "?", asked], answer, depth: n > 1 ? at / (n - 1) : 1 };
  },
  kind: ({ answer }) => String(answer[0]),
};
