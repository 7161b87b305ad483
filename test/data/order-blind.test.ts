/**
 * What blind guessing gets: against every outcome of a task's own draws, and against models of
 * those draws by sample.
 */
import { describe, expect, test } from "vitest";
import { tasks } from "../../src/data/tasks/index.ts";
import type { Example, Task } from "../../src/data/tasks/task.ts";
import { createRng, type Rng } from "../../src/tensor/rng.ts";

/** Every outcome of a draw with its probability: the draw runs once for each path of choices. */
function* outcomes(task: Task, n: number): Generator<{ example: Example; p: number }> {
  const path: { choice: number; of: number }[] = [];
  do {
    let depth = 0;
    const choose = (of: number) => {
      if (depth === path.length) path.push({ choice: 0, of });
      return (path[depth++] as { choice: number }).choice;
    };
    const never = () => {
      throw new Error("no task draws it");
    };
    // The tasks compare uniform numbers with tenths alone.
    const rng: Rng = { integer: choose, uniform: () => (choose(10) + 0.5) / 10, normal: never, state: never };
    const example = task.draw(n, rng);
    yield { example, p: path.reduce((product, { of }) => product / of, 1) };
    while (path.length > 0 && (path.at(-1) as { choice: number; of: number }).choice + 1 === path.at(-1)?.of)
      path.pop();
    if (path.length > 0) (path.at(-1) as { choice: number }).choice++;
  } while (path.length > 0);
}

const bagOf = ({ input }: Example) => [...input].sort().join(" ");

/** Σ over bags of the probability of the likeliest answer. */
function blindScore(all: Iterable<{ example: Example; p: number }>): number {
  const bags = new Map<string, Map<string, number>>();
  for (const { example, p } of all) {
    const bag = bagOf(example);
    const answers = bags.get(bag) ?? new Map<string, number>();
    if (answers.size === 0) bags.set(bag, answers);
    const answer = example.answer.join(" ");
    answers.set(answer, (answers.get(answer) ?? 0) + p);
  }
  return [...bags.values()].reduce((sum, answers) => sum + Math.max(...answers.values()), 0);
}

/** Items that can be enumerated in about a second. */
const SMALL: Record<string, readonly number[]> = {
  copy: [1, 2, 3, 4],
  reverse: [1, 2, 3, 4],
  "repeat-one": [1, 5],
  count: [1, 2, 3],
  parity: [1, 6],
  sort: [1, 4],
  recall: [1, 2],
  "flip-flop": [2, 3, 4, 5],
  "modular-addition": [2, 3],
  induction: [3, 4],
  indexing: [2, 3],
  locating: [2, 3],
};

describe.each(tasks.map((task) => [task.name, task] as const))("%s", (name, task: Task) => {
  test.each(SMALL[name] as readonly number[])("equals the sum over all problems of %i items", (n) => {
    expect(task.orderBlind(n)).toBeCloseTo(blindScore(outcomes(task, n)), 9);
  });

  test("is a probability, no less than chance, at every length that a probe asks for", () => {
    for (const n of [task.shortest, task.shortest + 1, 10, 14, 29, 60]) {
      const score = task.orderBlind(n) as number;
      expect(score).toBeGreaterThanOrEqual(task.chance(n) * (1 - 1e-9));
      expect(score).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(task.orderBlind(250) ?? 0.5).toBeGreaterThan(0);
  });
});

const named = (name: string) => tasks.find((task) => task.name === name) as Task;
const drawn = (task: Task, n: number, count: number) => {
  const rng = createRng(5, `order-blind/${task.name}/${n}`);
  return Array.from({ length: count }, () => task.draw(n, rng));
};

const DRAWS = 40_000;
/** 5 standard errors of a share near a half or below. */
const NEAR = 5 * Math.sqrt(0.25 / DRAWS);
const countOf = (words: readonly string[], word: string) => words.filter((one) => one === word).length;

test("recall: naming the commonest value is right that often at 2, 6 and 13 pairs, and no better than 0.54", () => {
  const recall = named("recall");
  for (const [n, known] of [
    [2, 0.53],
    [6, 0.29],
    [13, 0.21],
  ] as const) {
    const right = drawn(recall, n, DRAWS).filter(({ input, answer }) => {
      const values = input.filter((word) => /\d/.test(word)).sort();
      const most = values.toSorted((a, b) => countOf(values, b) - countOf(values, a))[0];
      return most === answer[0];
    }).length;
    expect(Math.abs(right / DRAWS - (recall.orderBlind(n) as number))).toBeLessThan(NEAR);
    expect(recall.orderBlind(n)).toBeCloseTo(known, 2);
  }
});

test("induction: naming the item that its bag makes likeliest is right that often", () => {
  const induction = named("induction");
  for (const n of [5, 14, 29]) {
    const right = drawn(induction, n, DRAWS).filter(({ input, answer }) => {
      const kinds = [...new Set(input)].sort(); // a tie must not be broken by the order
      const twice = kinds.filter((word) => countOf(input, word) === 2).length;
      const likely = (word: string) =>
        countOf(input, word) === 2 ? (2 * (twice - 1)) / twice : countOf(input, word);
      return kinds.sort((a, b) => likely(b) - likely(a))[0] === answer[0];
    }).length;
    expect(Math.abs(right / DRAWS - (induction.orderBlind(n) as number)), `${n}`).toBeLessThan(NEAR);
  }
});

test("longer problems: a sample of bags that come often enough to learn their best answers agrees", () => {
  // Best guesses learned from one half of a sample and scored on the other are below the score,
  // scored on their own half above it.
  for (const [name, n] of [
    ["flip-flop", 9],
    ["copy", 3],
    ["count", 2],
  ] as const) {
    const task = named(name);
    const sample = drawn(task, n, 2 * DRAWS);
    const p = 1 / DRAWS;
    const above = blindScore(sample.slice(0, DRAWS).map((example) => ({ example, p })));
    const best = new Map<string, Map<string, number>>();
    for (const example of sample.slice(0, DRAWS)) {
      const answers = best.get(bagOf(example)) ?? new Map<string, number>();
      best.set(bagOf(example), answers);
      const answer = example.answer.join(" ");
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    const right = sample.slice(DRAWS).filter((example) => {
      const answers = [...(best.get(bagOf(example)) ?? [])].sort((a, b) => b[1] - a[1]);
      return answers[0]?.[0] === example.answer.join(" ");
    }).length;
    const score = task.orderBlind(n) as number;
    expect(score, name).toBeLessThan(above + NEAR);
    expect(score, name).toBeGreaterThan(right / DRAWS - NEAR);
  }
});
