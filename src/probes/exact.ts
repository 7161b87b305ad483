/**
 * Does it solve the task, and at lengths that it never saw?
 *
 *     exact_match   share of problems whose whole answer, end sign included, is what the model generates from the problem by taking the
 *                   likeliest token at each step (`answers.ts`): up to L_max on held-out problems, then at L_max+1 … L_max+16, 2·L_max and
 *                   4·L_max; L_max the most items that fit the model's context
 *     chance        how often the best guess is right that knows the number of items and nothing else
 *     order_blind   how often the best guess is right that knows all words of the problem but not their order: a model that reaches this and
 *                   no more has learned nothing of what the task asks; 1 where no order counts
 *     l50           the first number of items past L_max at which fewer than half are right; tested lengths only, null if there is none
 *
 *     exact_match_at_depth   the same of tasks that look one item up, by the fifth of the input in which it lies
 *
 * Rows are filled on the right, which changes nothing before it under causal attention.
 */
import { z } from "zod";
import { type Problem, requireKind, type TaskData } from "../data/index.ts";
import { InputError } from "../errors.ts";
import type { Model } from "../model/config.ts";
import type { Params } from "../tensor/params.ts";
import type { Rng } from "../tensor/rng.ts";
import { openAnswers } from "./answers.ts";
import { variantsPast } from "./beyond.ts";
import { defineProbe, type Measurement, type MeasurementSite } from "./probe.ts";

const DEPTHS = 5;

export const exact = defineProbe({
  name: "exact",
  data: ["task"],
  question: "Does it solve the task, and at lengths that it never saw?",
  config: z.strictObject({
    /** Problems a length. */
    problems: z.int().positive().max(65_536).default(128),
    /** How far past L_max every length is tested. */
    dense: z.int().min(0).max(65_536).default(16),
    /** Multiples of L_max that are tested besides. */
    multiples: z.array(z.int().min(2).max(1024)).default([2, 4]),
  }),
  async run(subject, { problems, dense, multiples }, rng) {
    const data = requireKind(subject.data, "task", "probe exact");
    if (!subject.model.shape.causal) {
      throw new InputError("probe exact: a bidirectional model sees the answer; give a causal one");
    }
    const longest = data.longest(subject.model.shape.context);
    const sets = lengthsOf(data, longest, dense, multiples).map((items) =>
      drawSet(data, items, longest, problems, rng),
    );
    const known = (metric: string, value: number, at: MeasurementSite): Measurement => ({
      ...{ metric, value, unit: "accuracy", n: problems, at },
    });
    const rows = sets.flatMap(({ items, at }) => {
      const blind = data.task.orderBlind(items);
      return [
        known("chance", data.task.chance(items), at),
        ...(blind === undefined ? [] : [known("order_blind", blind, at)]),
      ];
    });
    const furthest = Math.max(...sets.map(({ items }) => data.positions(items)));
    for (const { beyond, model } of variantsPast(subject.model, furthest)) {
      rows.push(...(await measure(model, subject.params, data, sets, longest, beyond)));
    }
    return rows;
  },
});

/** Problems of one number of items. */
interface ProblemSet {
  readonly items: number;
  readonly problems: readonly Problem[];
  readonly at: MeasurementSite;
}

/** Up to four lengths that were trained, of which some problems are held out, then those past them. */
function lengthsOf(
  { task }: TaskData,
  longest: number,
  dense: number,
  multiples: readonly number[],
): number[] {
  const least = Math.max(task.shortest, task.heldOutFrom);
  const trained = [0, 1, 2, 3].map((third) => Math.round(least + ((longest - least) * third) / 3));
  const past = Array.from({ length: dense }, (_, k) => longest + k + 1);
  const lengths = [...trained, ...past, ...multiples.map((multiple) => multiple * longest)];
  return [...new Set(lengths)].sort((a, b) => a - b);
}

function drawSet(data: TaskData, items: number, longest: number, count: number, rng: Rng): ProblemSet {
  const split = items > longest ? undefined : "heldout"; // all that is longer is new
  const problems = Array.from({ length: count }, () => data.problem(items, rng, split));
  return { items, problems, at: { items, length: data.positions(items), split: split ?? "longer" } };
}

async function measure(
  model: Model,
  params: Params,
  data: TaskData,
  sets: readonly ProblemSet[],
  longest: number,
  beyond: string,
): Promise<Measurement[]> {
  const answers = openAnswers({ model, params, data });
  const rows: Measurement[] = [];
  const push = (metric: string, right: readonly boolean[], at: MeasurementSite) =>
    rows.push({
      metric,
      value: share(right),
      unit: "accuracy",
      n: right.length,
      at: { ...at, beyond },
    });
  let l50: number | null = null;
  try {
    for (const { items, problems, at } of sets) {
      const right = await answers.right(problems, data.positions(items));
      push("exact_match", right, at);
      if (items > longest && l50 === null && share(right) < 0.5) l50 = items;
      for (const [depth, some] of byDepth(problems, right))
        push("exact_match_at_depth", some, { ...at, depth });
    }
  } finally {
    answers.close();
  }
  const n = sets.filter(({ items }) => items > longest).length;
  return [...rows, { metric: "l50", value: l50, unit: "items", n, at: { items: longest, beyond } }];
}

/** Outcomes by the fifth of the input in which the asked-for item lies; none where no item is asked for. */
function byDepth(
  problems: readonly Problem[],
  right: readonly boolean[],
): [depth: number, right: boolean[]][] {
  return Array.from({ length: DEPTHS }, (_, fifth): [number, boolean[]] => [
    (fifth + 0.5) / DEPTHS,
    right.filter((_, i) => {
      const depth = problems[i]?.example.depth;
      return depth !== undefined && Math.min(DEPTHS - 1, Math.floor(depth * DEPTHS)) === fifth;
    }),
  ]).filter(([, some]) => some.length > 0);
}

const share = (right: readonly boolean[]) => right.filter(Boolean).length / right.length;
