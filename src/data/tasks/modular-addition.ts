import { numbers, type Task } from "./task.ts";

/** p: odd, so that each sum has as many unordered pairs as any other, (p+1)/2 = 15. */
const P = 29;
const residues = numbers(P);
const BLANK = "_";

/**
 * _ 17 _ _ 20 _ : 8, addition modulo 29 with the two numbers anywhere among blanks. Three of the
 * fifteen unordered pairs of each sum are held out, wherever they stand: the table has to be
 * understood, and its place must not matter.
 */
export const modularAddition: Task = {
  name: "modular-addition",
  title: "add two numbers modulo 29, wherever they stand",
  order: "none: a sum has no order; positions vary so that none can be relied on",
  symbols: [...residues, BLANK],
  shortest: 2,
  heldOutFrom: 2,
  inputLength: (n) => n,
  answerLength: () => 1,
  chance: () => 1 / P,
  orderBlind: () => 1,
  draw(n, rng) {
    const a = rng.integer(P);
    const b = rng.integer(P);
    const first = rng.integer(n);
    const second = (first + 1 + rng.integer(n - 1)) % n; // another place, each equally likely
    const input = new Array<string>(n).fill(BLANK);
    input[first] = String(a);
    input[second] = String(b);
    return { input, answer: [String((a + b) % P)], key: [a, b].sort((x, y) => x - y).join("+") };
  },
  kind: ({ answer }) => String(answer[0]),
  heldOut({ key = "" }) {
    const [a = 0, b = 0] = key.split("+").map(Number);
    const difference = Math.min(b - a, P - (b - a)); // 0 … 14: with the sum, it names the pair
    return (difference + 2 * ((a + b) % P)) % 5 === 0;
  },
};
