/** The tasks: right answers, all equally likely, none given away by what was trained on. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openTask, splitOf } from "../../src/data/task-data.ts";
import { tasks } from "../../src/data/tasks/index.ts";
import type { Example, Task } from "../../src/data/tasks/task.ts";
import { InputError } from "../../src/errors.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { parsePreset } from "../../src/train/preset.ts";

const open = (name: string, fields: object = {}, seed = 1) =>
  openTask({ kind: "task", task: name as never, bos: true, ...fields }, seed);

/** What each task asks for, found another way than by drawing it. */
const solvers: Record<string, (input: readonly string[]) => readonly string[]> = {
  copy: (input) => input,
  reverse: (input) => input.map((_, i) => input[input.length - 1 - i] as string),
  "repeat-one": (input) => input.map(() => input[0] as string),
  count: (input) => input.slice(0, -2).filter((item) => item === input.at(-1)),
  parity: (input) => [["even", "odd"][input.filter((bit) => bit === "1").length % 2] as string],
  sort: (input) => ["a", "b", "c", "d", "e"].flatMap((letter) => input.filter((item) => item === letter)),
  recall: (input) => [input[input.indexOf(input.at(-1) as string) + 1] as string],
  "flip-flop": (input) => [input[input.lastIndexOf("w") + 1] as string],
  "modular-addition": (input) => [String(input.reduce((sum, word) => sum + (Number(word) || 0), 0) % 29)],
  induction: (input) => [input[input.indexOf(input.at(-1) as string) + 1] as string],
  indexing: (input) => [input[input.indexOf(input.at(-1) as string) + Number(input.at(-2))] as string],
  locating: (input) => [...String(input.indexOf(input.at(-1) as string))],
};

const DRAWS = 2000;
/** Standard errors: over all tests of this file, one in a million is further off by chance. */
const FAR = 5.5;
const expectShare = (count: number, n: number, p: number, what: string) =>
  expect(Math.abs(count / n - p), what).toBeLessThan(FAR * Math.sqrt((p * (1 - p)) / n) + 1e-9);

const tally = (values: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};
const keyOf = ({ key, input }: Example) => key ?? input.join(" ");

test("every file of the folder is a task in the list, and no two have one name", () => {
  const files = readdirSync(new URL("../../src/data/tasks", import.meta.url)).map((name) =>
    name.replace(".ts", ""),
  );
  expect(tasks.map(({ name }) => name).sort()).toEqual(
    files.filter((name) => name !== "index" && name !== "task").sort(),
  );
  expect(Object.keys(solvers).sort()).toEqual(tasks.map(({ name }) => name).sort());
});

describe.each(tasks.map((task) => [task.name, task] as const))("%s", (name, task: Task) => {
  const data = open(name);
  const draws = (n: number, split?: "train" | "heldout") => {
    const rng = createRng(3, `test/${name}/${n}/${split}`);
    return Array.from({ length: DRAWS }, () => data.problems.problem(n, rng, split).example);
  };
  const some = Math.max(task.shortest, task.heldOutFrom);
  const lengths = [...new Set([task.shortest, some, some + 1, some + 7, 60])];

  test("has the right answer, in words of its vocabulary and within its lengths", () => {
    for (const n of lengths) {
      const wrong = draws(n).filter(
        ({ input, answer, depth = 0 }) =>
          answer.join() !== solvers[name]?.(input).join() ||
          [...input, ...answer].some((word) => !task.symbols.includes(word)) ||
          input.length !== task.inputLength(n) ||
          answer.length > task.answerLength(n) ||
          !(depth >= 0 && depth <= 1),
      );
      expect(wrong).toEqual([]);
    }
    expect(task.order).toMatch(/\w{3}/);
  });

  test("chance(n) is the share of the likeliest answer", () => {
    for (const n of lengths.filter((one) => task.chance(one) > 0.005)) {
      const counts = tally(draws(n).map(({ answer }) => answer.join(" ")));
      if (name === "count") {
        // Of one number the symbol may be any: somebody who knows it in addition is right this often.
        expectShare(
          draws(n).filter(({ answer }) => answer.length === n - 1).length,
          DRAWS,
          task.chance(n),
          `${n}`,
        );
      } else expectShare(Math.max(...counts.values()), DRAWS, task.chance(n), `${n} items`);
    }
  });

  test("each kind of answer is equally likely, among training and among held-out problems", () => {
    for (const split of ["train", "heldout"] as const) {
      for (const n of [some, some + 7]) {
        const examples = draws(n, split);
        if (task.kind === undefined) continue;
        const counts = tally(examples.map(task.kind));
        expect(counts.size).toBe(Math.round(1 / task.chance(n)));
        for (const [kind, count] of counts)
          expectShare(count, DRAWS, 1 / counts.size, `${split} ${n} ${kind}`);
      }
    }
  });

  test("no problem is in both splits, and about a fifth of them is held out", () => {
    for (const n of [some, some + 7]) {
      const trained = new Set(draws(n, "train").map(keyOf));
      const heldOut = new Set(draws(n, "heldout").map(keyOf));
      expect([...heldOut].filter((key) => trained.has(key))).toEqual([]);
      const all = [...new Map(draws(n).map((example) => [keyOf(example), example])).values()];
      const held = all.filter((example) => splitOf(task, example, n, 1) === "heldout").length;
      expect(held / all.length).toBeGreaterThan(0.1);
      expect(held / all.length).toBeLessThan(0.3);
    }
  });

  test("batches: rows that fit, of every length that does, weight on answers alone", () => {
    const context = data.problems.positions(some + 6);
    expect(data.problems.longest(context)).toBe(some + 6);
    expect(data.problems.longest(context - 1)).toBeLessThan(some + 6);
    const seen = new Set<number>();
    const wrong: string[] = [];
    for (let step = 0; step < 25; step++) {
      const { tokens, targets, weights = [], length } = data.batch(step, 32, context);
      for (let row = 0; row < 32; row++) {
        const at = (list: ArrayLike<number>) => Array.from(list).slice(row * length, (row + 1) * length);
        const words = data.tokenizer.decode([...at(tokens), at(targets).at(-1) ?? 0]).split(" ");
        const colon = words.indexOf(":");
        const end = words.indexOf(".");
        const scored = Array.from({ length }, (_, i) => (i >= colon && i < end ? 1 : 0));
        const answer = solvers[name]?.(words.slice(1, colon)) ?? [];
        const expected = ["<bos>", ...words.slice(1, colon), ":", ...answer, "."].join(" ");
        if (!words.join(" ").startsWith(expected)) wrong.push(words.join(" "));
        if (words.slice(end + 1).some((word) => word !== "<pad>")) wrong.push(words.join(" "));
        if (at(weights).join() !== scored.join()) wrong.push(at(weights).join());
        seen.add(colon - 1);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toEqual(
      new Set(
        Array.from({ length: some + 7 - task.shortest }, (_, i) => task.inputLength(task.shortest + i)),
      ),
    );
  });

  test("a batch depends on seed and step alone", () => {
    const other = open(name);
    const later = data.batch(7, 4, 64);
    for (let step = 0; step < 3; step++) other.batch(step, 4, 64);
    expect(other.batch(7, 4, 64)).toEqual(later);
    expect(data.batch(8, 4, 64)).not.toEqual(later);
    expect(open(name, {}, 2).batch(7, 4, 64)).not.toEqual(later);
    expect(data.validation("heldout", 0, 4, 64)).toEqual(other.validation("heldout", 0, 4, 64));
  });

  test("without bos the same problems come without it; a context too short is refused", () => {
    const bare = open(name, { bos: false });
    const [a, b] = [data, bare].map((one) => one.problems.problem(some, createRng(1, "test")));
    expect(b?.tokens).toEqual(a?.tokens.slice(1));
    expect(() => data.batch(0, 1, data.problems.positions(some) - 1)).toThrow(InputError);
    expect(() => data.batch(0, 1, 1)).toThrow(
      /needs contexts of \d+ tokens or more, and model\.context is 1; raise it$/,
    );
  });
});

test("a task is refused under the masked objective, and by an unknown name", () => {
  const preset = (task: string, train = {}) => ({
    name: "a",
    model: { position: { kind: "none" } },
    data: { kind: "task", task },
    train,
  });
  expect(() => parsePreset(preset("copy", { objective: "masked" }), "a.json")).toThrow(
    /train\.objective: .*set train\.objective=causal$/,
  );
  expect(() => parsePreset(preset("dance"), "a.json")).toThrow(/^a\.json: data\.task: .*"copy"\|"reverse"/);
});
