/**
 * How soon is it learned? What the model knew at each step that was kept, and the first at which
 * that was enough:
 *
 *     accuracy_at_step     swap accuracy (`order.ts`) where the data has pairs of orders; else exact match
 *                          (`answers.ts`) on held-out problems of the largest size in training
 *     validation_at_step   the validation losses of the run's log
 *     steps_to_accuracy    the first kept step with an accuracy of the threshold or above
 *     steps_to_loss        the first validation with a loss of `loss` or below, where `loss` is given
 *
 * A run that never gets there has no value: N steps (`at.until`) say no more than that it was not
 * within them. What is learned between two kept steps counts at the later one.
 */
import { z } from "zod";
import { meanWithError } from "../tensor/numbers.ts";
import { type Rng, shuffled } from "../tensor/rng.ts";
import { disposeTree } from "../tensor/tree.ts";
import { openAnswers } from "./answers.ts";
import { firstReached } from "./first-reached.ts";
import { meanOverTopics } from "./groups.ts";
import { swapCredit, swapScore } from "./order.ts";
import { defineProbe, type Metric, type Row, type Subject } from "./probe.ts";
import { createReader, type Reading } from "./reader.ts";

const METRICS = {
  accuracy_at_step: {
    title: "accuracy by step",
    unit: "accuracy",
    better: "higher",
    meaning:
      "Of each step of training that was kept: swap accuracy where the data has pairs of orders, else exact match on held-out problems of the largest size in training.",
  },
  validation_at_step: {
    title: "validation loss by step",
    unit: "nats",
    better: "lower",
    meaning: "The loss at each validation of the training, as its log has it.",
  },
  steps_to_accuracy: {
    title: "steps to accuracy",
    unit: "steps",
    better: "lower",
    meaning:
      "The first step that was kept at which that accuracy reaches the threshold; none where that is not within the steps of the run.",
    missing: { lies: "above", means: "never" },
  },
  steps_to_loss: {
    title: "steps to loss",
    unit: "steps",
    better: "lower",
    meaning:
      "The first validation with a loss of the target or below; none where that is not within the steps of the run.",
    missing: { lies: "above", means: "never" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type LearningRow = Row<keyof typeof METRICS>;

export const learning = defineProbe({
  name: "learning",
  question: "How soon is it learned?",
  needs: ["history"],
  metrics: METRICS,
  config: z.strictObject({
    /** Accuracy that is enough. */
    threshold: z.number().min(0).max(1).default(0.95),
    /** Validation loss that is enough, in nats. */
    loss: z.number().positive().max(1e6).optional(),
    /** Pairs of orders, at each step the same. */
    pairs: z.int().positive().max(1_000_000).default(512),
    /** Problems, at each step the same. */
    problems: z.int().positive().max(65_536).default(64),
  }),
  async run(subject, { threshold, loss, ...sizes }, rng) {
    const { steps, validation } = subject.history;
    const until = Math.max(...steps.map(({ step }) => step));
    const asked = questionOf(subject, sizes, rng);
    const rows: LearningRow[] = [];
    for (const { step, load } of asked === undefined ? [] : steps) {
      const params = await load();
      try {
        const { of, ...found } = await (asked as Question)({ ...subject, params });
        rows.push({ metric: "accuracy_at_step", ...found, at: { of, step } });
      } finally {
        disposeTree(params);
      }
    }
    const [first] = rows;
    if (first !== undefined) {
      const curve = rows.map(({ at, value }) => ({ step: Number(at.step), value: value as number }));
      const at = { of: first.at.of, threshold, until };
      const value = firstReached(curve, threshold, "higher");
      rows.push({ metric: "steps_to_accuracy", value, n: first.n, se: null, at });
    }
    for (const { step, value } of validation)
      rows.push({ metric: "validation_at_step", value, n: 1, se: null, at: { step } });
    if (loss !== undefined && validation.length > 0) {
      const value = firstReached(validation, loss, "lower");
      rows.push({ metric: "steps_to_loss", value, n: 1, se: null, at: { target: loss, until } });
    }
    return rows;
  },
});

/** What a model is asked at each step, and what the answer is the accuracy of. */
type Question = (subject: Subject) => Promise<Pick<LearningRow, "value" | "n" | "se"> & { of: string }>;

function questionOf(
  { material: { pairs, problems }, model }: Subject,
  sizes: { readonly pairs: number; readonly problems: number },
  rng: Rng,
): Question | undefined {
  if (pairs !== undefined) {
    const chosen = shuffled(pairs.of(pairs.splits[0] as string), rng).slice(0, sizes.pairs);
    return async (subject) => {
      const reader = createReader(subject);
      try {
        const [told, swapped] = [
          await reader.read(chosen.map(({ context }) => context)),
          await reader.read(chosen.map((pair) => pair.swapped)),
        ];
        const credits = chosen.map((pair, i) =>
          swapCredit(swapScore(pair, told[i] as Reading, swapped[i] as Reading)),
        );
        const topics = chosen.map(({ topic }) => topic);
        return { of: "swap accuracy", ...meanOverTopics(credits, topics) };
      } finally {
        reader.close();
      }
    };
  }
  if (problems === undefined) return undefined;
  const size = problems.longest(model.shape.context);
  const chosen = Array.from({ length: sizes.problems }, () => problems.problem(size, rng, "heldout"));
  return async (subject) => {
    const answers = openAnswers({ ...subject, problems });
    try {
      const right = await answers.right(chosen, problems.positions(size));
      return { of: "exact match", ...meanWithError(right.map(Number)) };
    } finally {
      answers.close();
    }
  };
}
