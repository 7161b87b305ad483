/** Tasks of the user's own: `--task FILE`. */
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { COLON, END } from "../../../data/task-data.ts";
import { tasks } from "../../../data/tasks/index.ts";
import type { Example, Task } from "../../../data/tasks/task.ts";
import { specialTokens } from "../../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../../errors.ts";
import { createRng } from "../../../tensor/rng.ts";
import { guarded } from "./guard.ts";
import type { OwnKind } from "./load.ts";
import { callable, ownName } from "./names.ts";

const RESERVED: readonly string[] = [...Object.values(specialTokens), COLON, END];
const MOST = { symbols: 65_536, items: 2 ** 24 };

const fields: { readonly [K in keyof Required<Task>]: z.ZodType } = {
  name: ownName(
    "task",
    tasks.map(({ name }) => name),
  ),
  title: z.string().min(1),
  order: z.string(),
  symbols: z
    .array(
      z
        .string()
        .regex(/^\S+$/, "words without white space")
        .refine((word) => !RESERVED.includes(word), {
          error: `is a sign of every task (${RESERVED.join(" ")}); choose another word`,
        }),
    )
    .min(1)
    .max(MOST.symbols)
    .refine((words) => new Set(words).size === words.length, { error: "holds a word twice" }),
  shortest: z.int().min(0).max(MOST.items),
  heldOutFrom: z.int().min(0).max(MOST.items),
  inputLength: callable,
  answerLength: callable,
  chance: callable,
  orderBlind: callable,
  draw: callable,
  kind: callable.optional(),
  heldOut: callable.optional(),
};

export const ownTask: OwnKind<Task> = {
  option: "task",
  plural: "tasks",
  marks: ["symbols", "draw"],
  example: 'defineTask({ name: "my-task", … })',
  schema: z.looseObject(fields),
  checked: (task, where) => tried(checked(task, where), where),
};

const length = z.int().min(0).max(MOST.items);
const share = z.number().min(0).max(1);

/** The task, with what its functions return checked. */
function checked(task: Task, where: string): Task {
  const known = new Set(task.symbols);
  const call = <R>(name: string, n: number, schema: z.ZodType<R>, work: () => R): R => {
    const what = `${where}: ${name}`;
    return parseConfig(schema, guarded(what, work), `${what} of ${n} items returned what is no result`);
  };
  const words = (most: number) =>
    z
      .array(z.string().refine((word) => known.has(word), { error: "is no word of symbols" }))
      .max(most, `has more words than its length says, ${most}`);
  const inputLength = (n: number) => call("inputLength", n, length, () => task.inputLength(n));
  const answerLength = (n: number) => call("answerLength", n, length, () => task.answerLength(n));
  return {
    ...task,
    inputLength,
    answerLength,
    chance: (n) => call("chance", n, share, () => task.chance(n)),
    orderBlind: (n) => call("orderBlind", n, share.optional(), () => task.orderBlind(n)),
    draw(n, rng) {
      const example: z.ZodType<Example> = z.looseObject({
        input: words(inputLength(n)),
        answer: words(answerLength(n)).min(1),
        depth: share.optional(),
        key: z.string().optional(),
      }) as never; // the schema copies what it parses, and types it no less
      return call("draw", n, example, () => task.draw(n, rng));
    },
    ...(task.kind && {
      kind: (example: Example) => guarded(`${where}: kind`, () => String(task.kind?.(example))),
    }),
    ...(task.heldOut && {
      heldOut: (example: Example, n: number) =>
        call("heldOut", n, z.boolean(), () => task.heldOut?.(example, n) as boolean),
    }),
  };
}

const SIZES = 8;
const DRAWS = 4;

/** Draws some problems of the first sizes: what is wrong is found before anything of a run is written. */
function tried(task: Task, where: string): Task {
  for (let n = task.shortest; n < task.shortest + SIZES; n++) {
    task.chance(n);
    task.orderBlind(n);
    for (let i = 0; i < DRAWS; i++) {
      const [first, again] = [0, 1].map(() => JSON.stringify(task.draw(n, createRng(i, "own-task/trial"))));
      if (first !== again) {
        throw new InputError(
          `${where}: draw of ${n} items gave two problems for one random stream; draw from its rng alone`,
        );
      }
    }
  }
  return task;
}
