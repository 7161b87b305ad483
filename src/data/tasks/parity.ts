import { several, type Task } from "./task.ts";

/** 0 1 1 : even */
export const parity: Task = {
  name: "parity",
  title: "is the number of ones even or odd?",
  order: "none: the number of ones decides; but each item counts, at every length",
  symbols: ["0", "1", "even", "odd"],
  shortest: 1,
  heldOutFrom: 10,
  inputLength: (n) => n,
  answerLength: () => 1,
  chance: () => 1 / 2,
  orderBlind: () => 1,
  draw(n, rng) {
    const input = several(n, ["0", "1"], rng);
    const ones = input.filter((bit) => bit === "1").length;
    return { input, answer: [ones % 2 === 0 ? "even" : "odd"] };
  },
  kind: ({ answer }) => String(answer[0]),
};
