/**
 * Which of two sentences does the model prefer, the good one or the bad one?
 *
 *     ℓ(x) = Σ_t ln p(x_t | x_<t)                  a causal model
 *     ℓ(x) = Σ_t ln p(x_t | x without x_t)         a masked model: pseudo-log-likelihood (Salazar et al. 2020, equation 2)
 *     accuracy = share of ℓ(good) > ℓ(bad); a tie counts one half (Warstadt et al. 2020, BLiMP, section 3)
 *
 * Sums over sentences of different tokens also measure how likely the tokens are: rows tell pairs
 * of equal tokens, which differ in order alone, from the others. A causal model's first token has
 * no probability unless `<bos>` opens the sentences.
 */
import { z } from "zod";
import type { MinimalPair } from "../data/index.ts";
import { sameTokens } from "../data/user-pairs.ts";
import { meanWithError } from "../tensor/numbers.ts";
import { shuffled } from "../tensor/rng.ts";
import { groupsOf } from "./groups.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row } from "./probe.ts";
import { openScorer, type Scorer } from "./scorer.ts";

const METRICS = {
  minimal_accuracy: {
    title: "minimal-pair accuracy",
    unit: "accuracy",
    better: "higher",
    meaning:
      "How often the model finds the good sentence of a pair likelier than the bad one, all tokens counted; a tie counts one half. Pairs of equal words differ in their order alone; in the others how frequent the words are counts too.",
    null: { value: 0.5, of: "a bidirectional model without positions, on pairs of equal words" },
  },
  minimal_accuracy_at_difference: {
    title: "minimal-pair accuracy at the difference",
    unit: "accuracy",
    better: "higher",
    meaning:
      "The same at the first token in which the two sentences differ alone: how often the good one's is likelier there than the bad one's.",
  },
  minimal_margin: {
    title: "minimal-pair margin",
    unit: "nats",
    better: "higher",
    meaning: "How much likelier the good sentence is than the bad one, in nats, all tokens counted.",
    null: { value: 0, of: "a bidirectional model without positions, on pairs of equal words" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type MinimalRow = Row<keyof typeof METRICS>;

export const minimal = defineProbe({
  name: "minimal",
  question: "Which of two sentences does it prefer, the good one or the bad one?",
  needs: ["minimal"],
  metrics: METRICS,
  config: z.strictObject({
    /** Most pairs of a paradigm, and of those that name none. */
    pairs: z.int().positive().max(1_000_000).default(200),
  }),
  async run(subject, { pairs: most }, rng) {
    const { minimal } = subject.material;
    const scorer = openScorer(subject);
    try {
      const chosen = groupsOf(minimal.pairs, paradigmOf).flatMap((pairs) =>
        shuffled(pairs, rng).slice(0, most),
      );
      const cases: Case[] = [];
      for (let i = 0; i < chosen.length; i += PAIRS)
        cases.push(...(await casesOf(scorer, chosen.slice(i, i + PAIRS), minimal.fixed)));
      const { split } = minimal;
      const named = cases.filter(({ paradigm }) => paradigm !== undefined);
      return [
        ...rowsOf(cases, { split }),
        ...groupsOf(named, paradigmOf).flatMap((own) => rowsOf(own, { split, paradigm: own[0]?.paradigm })),
      ];
    } finally {
      scorer.close();
    }
  },
});

/** Pairs that are scored before their scores are summed. */
const PAIRS = 256;

/** Log-probabilities closer than this a token, in nats, are a tie: equal but for rounding. */
const TIE_NATS = 1e-5;

interface Case {
  readonly paradigm?: string | undefined;
  readonly words: "equal" | "unequal";
  /** ℓ(good) − ℓ(bad) */
  readonly margin: number;
  readonly credit: number;
  /** At the first difference; undefined where a sentence ends there, or nothing comes before it. */
  readonly creditThere: number | undefined;
}

const paradigmOf = ({ paradigm }: { readonly paradigm?: string | undefined }) => paradigm;

async function casesOf(scorer: Scorer, pairs: readonly MinimalPair[], fixed: number): Promise<Case[]> {
  const scores = await scorer.score(
    pairs.flatMap(({ good, bad }) => [good, bad]),
    fixed,
  );
  return pairs.map(({ good, bad, paradigm }, i) => {
    const [a, b] = [scores[2 * i], scores[2 * i + 1]] as [Float64Array, Float64Array];
    const margin = totalOf(a) - totalOf(b);
    const at = good.findIndex((token, t) => token !== bad[t]);
    const there = (a[at] ?? Number.NaN) - (b[at] ?? Number.NaN);
    return {
      paradigm,
      words: sameTokens(good, bad) ? "equal" : "unequal",
      margin,
      credit: creditOf(margin, Math.max(good.length, bad.length)),
      creditThere: Number.isNaN(there) ? undefined : creditOf(there, 1),
    };
  });
}

const totalOf = (scores: Float64Array): number =>
  scores.reduce((sum, score) => (Number.isNaN(score) ? sum : sum + score), 0);

/** 1, ½ for a tie, or 0. */
const creditOf = (margin: number, tokens: number): number =>
  Math.abs(margin) <= TIE_NATS * tokens ? 0.5 : margin > 0 ? 1 : 0;

function rowsOf(cases: readonly Case[], place: MeasurementSite): MinimalRow[] {
  return (["equal", "unequal"] as const).flatMap((words): MinimalRow[] => {
    const own = cases.filter((one) => one.words === words);
    if (own.length === 0) return [];
    const at = { ...place, words };
    const there = own.flatMap(({ creditThere }) => (creditThere === undefined ? [] : [creditThere]));
    return [
      { metric: "minimal_accuracy", ...meanWithError(own.map(({ credit }) => credit)), at },
      ...(there.length === 0
        ? []
        : [{ metric: "minimal_accuracy_at_difference" as const, ...meanWithError(there), at }]),
      { metric: "minimal_margin", ...meanWithError(own.map(({ margin }) => margin)), at },
    ];
  });
}
