/**
 * Does it answer, and at sizes that it never saw?
 *
 *     exact_match   share of problems whose whole answer is what the model generates by taking the likeliest token at each step
 *                   (`answers.ts`): up to L_max on held-out problems, then past it. Problems are of a number of items (at L_max+1 …
 *                   L_max+16, 2·L_max and 4·L_max; L_max the most items that fit the model's context) or fill a number of tokens
 *                   (at multiples of L_max)
 *     chance        how often the best guess is right that knows the size and nothing else
 *     order_blind   how often the best guess is right that knows all words of the problem but not their order: a model that reaches this and
 *                   no more has learned nothing of what the task asks; 1 where no order counts
 *     l50           the first size past L_max at which fewer than half are right; tested sizes only, null if there is none
 *
 * and, over the sizes that were tested (`length-summary.ts`): exact_match_past, success_at_2l, effective_length.
 *
 *     exact_match_at_depth   the same of problems that look one item up, by the fifth of the input in which it lies; its ends against its
 *                            middle are exact_match_primacy and exact_match_recency (`serial-position.ts`)
 *
 * Rows are filled on the right, which changes nothing before it under causal attention.
 */
import { z } from "zod";
import type { Problem, Problems } from "../data/index.ts";
import { meanWithError } from "../tensor/numbers.ts";
import type { Rng } from "../tensor/rng.ts";
import { openAnswers } from "./answers.ts";
import { variantsPast } from "./beyond.ts";
import { SUMMARY_METRICS, summaryRows } from "./length-summary.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row, type SubjectWith } from "./probe.ts";
import { SERIAL_METRICS, serialRows } from "./serial-position.ts";

const DEPTHS = 5;

const METRICS = {
  exact_match: {
    title: "exact match",
    unit: "accuracy",
    better: "higher",
    meaning:
      "The share of problems whose whole answer, end sign included, the model writes, taking the likeliest token at each step.",
  },
  exact_match_at_depth: {
    title: "exact match by depth",
    unit: "accuracy",
    better: "higher",
    meaning: "exact_match by where in the input the item lies that is asked for.",
  },
  chance: {
    title: "chance",
    unit: "accuracy",
    better: "neither",
    meaning: "How often the best guess is right that knows the size of a problem and nothing else.",
  },
  order_blind: {
    title: "order-blind",
    unit: "accuracy",
    better: "neither",
    meaning: "How often the best guess is right that knows all words of the problem but not their order.",
  },
  l50: {
    title: "L50",
    unit: "items or tokens",
    better: "higher",
    meaning:
      "The first size, past the most that fits in training, at which fewer than half of the problems are right.",
    missing: { lies: "above", means: "past all sizes" },
  },
  ...SUMMARY_METRICS,
  ...SERIAL_METRICS,
} as const satisfies Readonly<Record<string, Metric>>;

type ExactRow = Row<keyof typeof METRICS>;

export const exact = defineProbe({
  name: "exact",
  question: "Does it answer, and at sizes that it never saw?",
  needs: ["problems"],
  metrics: METRICS,
  config: z.strictObject({
    /** Problems a size. */
    problems: z.int().positive().max(65_536).default(128),
    /** How far past L_max every number of items is tested. */
    dense: z.int().min(0).max(65_536).default(16),
    /** Multiples of L_max items that are tested besides. */
    multiples: z.array(z.int().min(2).max(1024)).default([2, 4]),
    /** Multiples of L_max tokens, for problems that fill a number of tokens. */
    factors: z.array(z.number().min(1).max(1024)).min(1).default([1, 1.5, 2, 4, 8, 16]),
    /** Exact match from which on a size counts as mastered; RULER has 85.6 % (Hsieh et al. 2024, section 4). */
    threshold: z.number().min(0).max(1).default(0.85),
  }),
  async run(subject, config, rng) {
    const { problems } = subject.material;
    const longest = problems.longest(subject.model.shape.context);
    const sets = sizesOf(problems, longest, config).map((size) =>
      drawSet(problems, size, longest, config.problems, rng),
    );
    const known = (metric: ExactRow["metric"], value: number, at: MeasurementSite): ExactRow => ({
      ...{ metric, value, n: config.problems, se: "exact", at },
    });
    const rows = sets.flatMap(({ size, at }) => {
      const blind = problems.orderBlind?.(size);
      return [
        known("chance", problems.chance(size), at),
        ...(blind === undefined ? [] : [known("order_blind", blind, at)]),
      ];
    });
    const furthest = Math.max(...sets.map(({ size }) => problems.positions(size)));
    for (const { beyond, model } of variantsPast(subject.model, furthest)) {
      rows.push(...(await measure({ ...subject, model }, sets, { longest, beyond, ...config })));
    }
    return rows;
  },
});

/** Problems of one size. */
interface ProblemSet {
  readonly size: number;
  readonly problems: readonly Problem[];
  readonly at: MeasurementSite;
}

interface Sizes {
  readonly dense: number;
  readonly multiples: readonly number[];
  readonly factors: readonly number[];
}

/** Up to four numbers of items that were trained, of which some problems are held out, then those past them; or multiples of L_max. */
function sizesOf({ unit, least }: Problems, longest: number, { dense, multiples, factors }: Sizes): number[] {
  const trained = [0, 1, 2, 3].map((third) => Math.round(least + ((longest - least) * third) / 3));
  const past = Array.from({ length: dense }, (_, k) => longest + k + 1);
  const sizes =
    unit === "items"
      ? [...trained, ...past, ...multiples.map((multiple) => multiple * longest)]
      : factors.map((factor) => Math.max(least, Math.round(factor * longest)));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function drawSet(from: Problems, size: number, longest: number, count: number, rng: Rng): ProblemSet {
  const split = size > longest ? undefined : "heldout"; // all that is longer is new
  const problems = Array.from({ length: count }, () => from.problem(size, rng, split));
  const length = from.positions(size);
  const at = { ...(from.unit === "items" && { items: size }), length, split: split ?? "longer" };
  return { size, problems, at };
}

interface Asked {
  readonly longest: number;
  readonly beyond: string;
  readonly threshold: number;
}

async function measure(
  subject: SubjectWith<"problems">,
  sets: readonly ProblemSet[],
  { longest, beyond, threshold }: Asked,
): Promise<ExactRow[]> {
  const { problems: source } = subject.material;
  const answers = openAnswers({ ...subject, problems: source });
  const rows: ExactRow[] = [];
  const push = (metric: ExactRow["metric"], right: readonly boolean[], at: MeasurementSite) =>
    rows.push({ metric, ...meanWithError(right.map(Number)), at: { ...at, beyond } });
  const matches: { size: number; right: readonly boolean[] }[] = [];
  try {
    for (const { size, problems, at } of sets) {
      const right = await answers.right(problems, source.positions(size));
      matches.push({ size, right });
      push("exact_match", right, at);
      const fifths = byDepth(problems, right);
      for (const [depth, some] of fifths) push("exact_match_at_depth", some, { ...at, depth });
      rows.push(...serialRows(fifths, { ...at, beyond }));
    }
  } finally {
    answers.close();
  }
  const past = matches.filter(({ size }) => size > longest);
  const l50 = past.find(({ right }) => meanWithError(right.map(Number)).value < 0.5)?.size ?? null;
  const place = (size: number) => (source.unit === "items" ? { items: size } : { length: size });
  const at = { ...place(longest), beyond };
  return [
    ...rows,
    ...(past.length > 0 ? [{ metric: "l50" as const, value: l50, n: past.length, se: null, at }] : []),
    ...summaryRows(matches, { longest, threshold, place, beyond }),
  ];
}

/** Outcomes by the fifth of the input in which the asked-for item lies; none where no item is asked for. */
function byDepth(
  problems: readonly Problem[],
  right: readonly boolean[],
): [depth: number, right: boolean[]][] {
  return Array.from({ length: DEPTHS }, (_, fifth): [number, boolean[]] => [
    (fifth + 0.5) / DEPTHS,
    right.filter((_, i) => {
      const depth = problems[i]?.depth;
      return depth !== undefined && Math.min(DEPTHS - 1, Math.floor(depth * DEPTHS)) === fifth;
    }),
  ]).filter(([, some]) => some.length > 0);
}
