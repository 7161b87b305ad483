/**
 * Does it find what followed a token before, wherever that lies?
 *
 *     needle_accuracy   two pairs of random tokens lie in a text at some depth: … a b c d … a → b? With b and d exchanged the context has the
 *                       same tokens, and d is right. The share of right choices between b and d, both contexts asked; a tie counts one half
 *     needle_score      log p(right) − log p(wrong), mean of both contexts
 *     primacy, recency  accuracy at the first depth, and at the last, less the mean of those between: the ends of the serial-position curve
 *                       (a U in human free recall; Salvatore et al. 2025, arXiv:2510.10276)
 *
 * Nothing but the model and its vocabulary is needed, so that it can be asked of any checkpoint;
 * the haystack is the model's own kind of text where there is some. It asks for induction (Olsson
 * et al. 2022), which a model may never have had to learn: 0.5 at every depth says so. A model that
 * is blind to order gets 0.5 exactly. Problems of a task that look an item up are asked by `exact`,
 * by depth too.
 */
import { z } from "zod";
import { meanWithError } from "../tensor/numbers.ts";
import { variantsPast } from "./beyond.ts";
import { type LastToken, openLastToken } from "./last-token.ts";
import { drawNeedles, NEEDLE, type Needle, needleContexts } from "./needle-cases.ts";
import { swapCredit } from "./order.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row } from "./probe.ts";

const METRICS = {
  needle_accuracy: {
    title: "needle accuracy",
    unit: "accuracy",
    better: "higher",
    meaning:
      "How often the model prefers the token that followed the asked one in the context to one that followed another: two pairs of random tokens in a text, at a depth of it.",
    null: { value: 0.5, of: "a model that is blind to order" },
  },
  needle_score: {
    title: "needle score",
    unit: "nats",
    better: "higher",
    meaning: "How much likelier, in nats, the token that followed the asked one is than the other one.",
    null: { value: 0, of: "a model that is blind to order" },
  },
  primacy: {
    title: "primacy",
    unit: "difference of accuracies",
    better: "neither",
    meaning:
      "Needle accuracy at the beginning of the context, less its mean over the depths between both ends.",
    null: { value: 0, of: "a model that is blind to order" },
  },
  recency: {
    title: "recency",
    unit: "difference of accuracies",
    better: "neither",
    meaning: "Needle accuracy right before the question, less its mean over the depths between both ends.",
    null: { value: 0, of: "a model that is blind to order" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type NeedleRow = Row<keyof typeof METRICS>;

export const needle = defineProbe({
  name: "needle",
  question: "Does it find what followed a token before, wherever that lies?",
  needs: [],
  metrics: METRICS,
  config: z.strictObject({
    /** L of the lengths: L_max, or this where it is less. */
    context: z.int().positive().max(65_536).default(32),
    /**
     * Tokens of a context, in multiples of L; those too short for a needle and a text around it are
     * left out.
     */
    factors: z.array(z.number().positive().max(1024)).min(1).default([0.5, 1, 2, 4]),
    /** Depths, from the beginning to the question. */
    depths: z.int().min(3).max(1024).default(5),
    /** Needles, each at every depth of every length. */
    needles: z.int().positive().max(65_536).default(32),
  }),
  async run(subject, { context, factors, depths, needles }, rng) {
    const L = subject.model.shape.context;
    const suffix = subject.model.shape.causal ? 0 : 1; // a mask after the question
    const lengths = [...new Set(factors.map((factor) => Math.round(factor * Math.min(L, context)) - suffix))]
      .filter((length) => length > NEEDLE + 2)
      .sort((a, b) => a - b);
    const longest = lengths.at(-1);
    if (longest === undefined) return [];
    const cases = drawNeedles(subject, needles, longest, rng);
    const split = subject.material.windows?.split ?? "random";
    const rows: NeedleRow[] = [];
    let inside: NeedleRow[] | undefined; // up to L_max all policies are one
    for (const { beyond, model } of variantsPast(subject.model, longest + suffix)) {
      const reader = openLastToken({ ...subject, model });
      try {
        const found: NeedleRow[] = [];
        for (const length of lengths.filter((one) => inside === undefined || one + suffix > L))
          found.push(...(await needleRows(reader, cases, depths, { length, split })));
        const all = [...(inside ?? []), ...found];
        inside ??= found.filter(({ at }) => (at.length as number) + suffix <= L);
        rows.push(...all.map((row) => ({ ...row, at: { ...row.at, beyond } })));
      } finally {
        reader.close();
      }
    }
    return rows;
  },
});

async function needleRows(
  reader: LastToken,
  cases: readonly Needle[],
  depths: number,
  at: MeasurementSite & { readonly length: number },
): Promise<NeedleRow[]> {
  if (cases.length === 0) return [];
  const rows: NeedleRow[] = [];
  const credits: number[][] = []; // (depths, cases)
  for (let i = 0; i < depths; i++) {
    const depth = i / (depths - 1);
    const questions = cases.flatMap((one) =>
      needleContexts(one, at.length, depth).map((context) => ({ context, asked: [one.b, one.d] })),
    );
    const read = await reader.read(questions);
    const scores = cases.map((_, k): [number, number] => {
      const [b = 0, d = 0] = read[2 * k] ?? [];
      const [wrong = 0, right = 0] = read[2 * k + 1] ?? [];
      return [b - d, right - wrong];
    });
    const credit = scores.map(([told, swapped]) => (swapCredit(told) + swapCredit(swapped)) / 2);
    const score = scores.map(([told, swapped]) => (told + swapped) / 2);
    credits.push(credit);
    rows.push({ metric: "needle_accuracy", ...meanWithError(credit), at: { depth, ...at } });
    rows.push({ metric: "needle_score", ...meanWithError(score), at: { depth, ...at } });
  }
  const ends = (end: readonly number[]) =>
    meanWithError(
      end.map((value, k) => value - meanWithError(credits.slice(1, -1).map((one) => one[k] as number)).value),
    );
  return [
    ...rows,
    { metric: "primacy", ...ends(credits[0] ?? []), at },
    { metric: "recency", ...ends(credits.at(-1) ?? []), at },
  ];
}
