import { oneOf, type Task } from "./task.ts";

const bits = ["0", "1"];
/** Of the instructions between the first and the last, as in the paper's training data; the rest are writes and reads, half each. */
const IGNORED = 0.8;

/**
 * w 1 i 0 i 1 r 1 i 0 r : 1, the flip-flop language of Liu et al. 2023 ("Exposing attention glitches", definition 1): write, ignore or
 * read a bit; a read has the bit last written. Scored at the last read alone.
 */
export const flipFlop: Task = {
  name: "flip-flop",
  title: "which bit was written last?",
  order: "which write is the last, however many instructions ago",
  symbols: ["w", "i", "r", ...bits],
  shortest: 2,
  heldOutFrom: 8,
  inputLength: (n) => 2 * n - 1,
  answerLength: () => 1,
  chance: () => 1 / 2,
  draw(n, rng) {
    let bit = oneOf(bits, rng);
    let at = 0;
    const input = ["w", bit];
    for (let i = 1; i < n - 1; i++) {
      const ignore = rng.uniform() < IGNORED;
      const write = rng.integer(2) === 0;
      if (ignore) input.push("i", oneOf(bits, rng));
      else if (write) {
        bit = oneOf(bits, rng);
        at = i;
        input.push("w", bit);
      } else input.push("r", bit);
    }
    return { input: [...input, "r"], answer: [bit], depth: at / (n - 1) };
  },
  kind: ({ answer }) => String(answer[0]),
};
