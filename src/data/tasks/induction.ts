import { largestCount } from "../bags.ts";
import { letters, MOST_EXACT, oneOf, several, type Task } from "./task.ts";

const symbols = letters(16);

/**
 * c a b d a : b. The last item has occurred once before; what followed it then follows now (Olsson
 * et al. 2022).
 */
export const induction: Task = {
  name: "induction",
  title: "what followed the last item before?",
  order: "which item follows which, one step; where they stand does not matter",
  symbols,
  shortest: 3,
  heldOutFrom: 4,
  inputLength: (n) => n,
  answerLength: () => 1,
  chance: () => 1 / symbols.length,
  orderBlind: (n) => (n > MOST_EXACT ? undefined : neighbourOrderBlind(n - 2)),
  draw(n, rng) {
    const asked = oneOf(symbols, rng);
    const others = symbols.filter((symbol) => symbol !== asked);
    const items = several(n - 1, others, rng);
    const at = rng.integer(n - 2);
    items[at] = asked;
    return { input: [...items, asked], answer: [String(items[at + 1])], depth: n > 3 ? at / (n - 3) : 1 };
  },
  kind: ({ answer }) => String(answer[0]),
};

/**
 * Of 16 symbols, one that is asked for occurs twice in all, once beside the answer; N others are
 * drawn from the 15 left.
 *
 * The asked item is one of the D that occur twice, each equally likely, and the answer one of the N
 * others: an item that occurs c times is it with probability c/N, or (D−1)/D of that if it occurs
 * twice.
 */
export function neighbourOrderBlind(N: number): number {
  const k = symbols.length - 1;
  const thrice = largestCount(N, k).reduce((sum, p, most) => sum + (most > 2 ? p * most : 0), 0);
  let sum = thrice;
  for (let pairs = 0; 2 * pairs <= N; pairs++)
    sum += pairsAlone(N, pairs, k) * (pairs > 0 ? (2 * pairs) / (pairs + 1) : 1);
  return sum / N;
}

/**
 * P(`pairs` of k items occur twice, N − 2·pairs once, the rest never): N!/2^pairs · k!/(pairs!
 * (N−2·pairs)! (k−N+pairs)!) / k^N.
 */
function pairsAlone(N: number, pairs: number, k: number): number {
  const absent = k - N + pairs;
  if (absent < 0) return 0;
  const factorial = (m: number): number => (m < 2 ? 1 : m * factorial(m - 1));
  const ways = factorial(k) / (factorial(pairs) * factorial(N - 2 * pairs) * factorial(absent));
  return (factorial(N) / 2 ** pairs / k ** N) * ways;
}
