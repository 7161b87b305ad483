/**
 * A task as data to train on: one problem a row, of any length that fits, the loss on its answer
 * and its end sign alone.
 *
 * A fifth of the problems is never trained on. Longer problems than fit are none that training has
 * seen, held out or not.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { createRng, type Rng } from "../tensor/rng.ts";
import type { Batch } from "./batches.ts";
import { type Data, type Split, specialIds, splits } from "./data.ts";
import type { Problem, Problems } from "./material.ts";
import { tasks } from "./tasks/index.ts";
import type { Example, Task } from "./tasks/task.ts";
import { specialTokens } from "./tokenizers/tokenizer.ts";
import { wordsTokenizer } from "./tokenizers/words.ts";

/** Fields of `data` for a task. @param known the tasks that `data.task` may name */
export function taskSchema(known: readonly Task[] = tasks) {
  const names = known.map(({ name }) => name);
  return z.strictObject({
    kind: z.literal("task"),
    task: z.enum(names, {
      error: () =>
        `unknown task; known: ${names.map((name) => `"${name}"`).join("|")}; one of your own is given by --task FILE`,
    }),
    /** Open each problem with `<bos>`. */
    bos: z.boolean().default(true),
  });
}

/**
 * Fields of `data` for a listed task.
 *
 * @example
 * assert.equal(taskConfig.parse({ kind: "task", task: "copy" }).bos, true);
 */
export const taskConfig = taskSchema();

export type TaskConfig = z.output<typeof taskConfig>;

/** A problem of a task, with the words that it was made of. */
export interface TaskProblem extends Problem {
  readonly example: Example;
}

/** Problems of a task, each with what it was made of. */
export interface TaskProblems extends Problems {
  problem(n: number, rng: Rng, split?: Split): TaskProblem;
}

/** A task: problems with answers, drawn by length. */
export interface TaskData extends Data<Split> {
  readonly kind: "task";
  readonly task: Task;
  readonly problems: TaskProblems;
}

/** Between what is shown and the answer. */
export const COLON = ":";
/** The end sign of an answer. */
export const END = ".";
/**
 * Draws before a split is taken to hold no such problem; one in five is held out, one in 29 has a
 * given answer.
 */
const MOST_DRAWS = 100_000;
const SHARE = 0.2;

/**
 * A task as data: the same config and seed give the same problems.
 *
 * @param seed of all problems that are drawn
 * @param known the tasks that `config.task` may name
 * @throws InputError, from `batch` and `validation`, where no problem fits the length.
 * @example
 * const data = openTask(taskConfig.parse({ kind: "task", task: "copy" }), 1);
 * const { tokens, batch, length } = data.batch(0, 4, 16); // (B,L) = (4,16)
 * assert.equal(tokens.length, batch * length);
 */
export function openTask(config: TaskConfig, seed: number, known: readonly Task[] = tasks): TaskData {
  const task = taskNamed(config.task, known);
  const { bos: opening, mask, pad } = specialTokens;
  const tokenizer = wordsTokenizer([opening, mask, pad, COLON, END, ...task.symbols]);
  const idOf = (word: string) => tokenizer.encode(word)[0] as number; // the task's own words are known
  const ids = new Map([opening, pad, COLON, END, ...task.symbols].map((word) => [word, idOf(word)]));
  const id = (word: string) => ids.get(word) as number;
  const positions = (n: number) => (config.bos ? 1 : 0) + task.inputLength(n) + 1 + task.answerLength(n);
  const problem: TaskProblems["problem"] = (n, rng, split) => {
    const example = drawFrom(task, n, rng, seed, split);
    const shown = [...(config.bos ? [opening] : []), ...example.input, COLON];
    const { answer, depth } = example;
    return { tokens: [...shown, ...answer, END].map(id), answerAt: shown.length, depth, example };
  };
  const longest = (context: number) => longestOf(task, positions, context);
  const batchOf = (problems: readonly Problem[], length: number) => pack(problems, length, id(pad));
  const rows = (split: Split, rng: Rng, size: number, length: number) => {
    const most = longest(length);
    const least = Math.min(most, split === "heldout" ? task.heldOutFrom : task.shortest);
    const drawn = () => problem(least + rng.integer(most - least + 1), rng, split);
    return batchOf(Array.from({ length: size }, drawn), length);
  };
  return {
    kind: "task",
    seed,
    task,
    tokenizer,
    bos: config.bos,
    special: specialIds(tokenizer),
    splits,
    problems: {
      unit: "items",
      least: Math.max(task.shortest, task.heldOutFrom),
      longest,
      positions,
      problem,
      batchOf,
      chance: (n) => task.chance(n),
      orderBlind: (n) => task.orderBlind(n),
    },
    batch: (step, size, length) => rows("train", createRng(seed, `data/train/${step}`), size, length),
    validation: (split, index, size, length) =>
      rows(split, createRng(seed, `data/validation/${split}/${index}`), size, length),
  };
}

function taskNamed(name: string, known: readonly Task[]): Task {
  const found = known.find((task) => task.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    `data.task: unknown task "${name}"; known: ${known.map((task) => task.name).join(", ")}`,
  );
}

/**
 * The first problem of the split that is drawn; redrawing keeps the kind of its answer, so no split
 * prefers one.
 */
function drawFrom(task: Task, n: number, rng: Rng, seed: number, split: Split | undefined): Example {
  const first = task.draw(n, rng);
  if (split === undefined) return first;
  const kind = task.kind?.(first);
  for (let example = first, draws = 1; draws < MOST_DRAWS; example = task.draw(n, rng), draws++) {
    if (task.kind?.(example) === kind && splitOf(task, example, n, seed) === split) return example;
  }
  throw new InputError(
    `data: found no ${split} problem of "${task.name}" with ${n} items; ask for more items`,
  );
}

/** Which split a problem belongs to. */
export function splitOf(task: Task, example: Example, n: number, seed: number): Split {
  if (n < task.heldOutFrom) return "train";
  const key = example.key ?? example.input.join(" ");
  const held = task.heldOut
    ? task.heldOut(example, n)
    : createRng(seed, `data/task/${task.name}/${key}`).uniform() < SHARE;
  return held ? "heldout" : "train";
}

function longestOf(task: Task, positions: (n: number) => number, context: number): number {
  const least = Math.max(task.shortest, task.heldOutFrom);
  if (positions(least) > context) {
    throw new InputError(
      `data: "${task.name}" needs contexts of ${positions(least)} tokens or more, and model.context is ${context}; raise it`,
    );
  }
  let n = least;
  while (n < context && positions(n + 1) <= context) n++; // an item takes a position at least, but who knows of a task of a user's own
  return n;
}

function pack(problems: readonly Problem[], length: number, pad: number): Batch {
  const size = problems.length;
  const tokens = new Int32Array(size * length).fill(pad); // (B,L)
  const targets = new Int32Array(size * length).fill(pad); // (B,L)
  const weights = new Float32Array(size * length); // (B,L)
  problems.forEach(({ tokens: ids, answerAt }, row) => {
    if (ids.length > length + 1) throw new TypeError(`data: ${ids.length} tokens are more than ${length}+1`);
    ids.forEach((id, i) => {
      if (i < length) tokens[row * length + i] = id;
      if (i > 0) targets[row * length + i - 1] = id;
      if (i >= answerAt) weights[row * length + i - 1] = 1;
    });
  });
  return { tokens, targets, weights, batch: size, length };
}
