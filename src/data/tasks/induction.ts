import { letters, oneOf, several, type Task } from "./task.ts";

const symbols = letters(16);

/** c a b d a : b. The last item has occurred once before; what followed it then follows now (Olsson et al. 2022). */
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
