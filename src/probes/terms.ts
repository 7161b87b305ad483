/**
 * Where do attention scores come from: tokens, positions, or both?
 *
 *     q_i·k_j = (v_i + p_i + r_i)·W_Q·W_Kᵀ·(v_j + p_j + r_j)ᵀ
 *
 * split into token-token, token-position (the query's token, the key's position), position-token
 * and position-position, with what the encoding's `transform` and `bias` bring beside them. What
 * counts as the part of tokens and of positions is the `basis`:
 *
 *     direct   v is the token's embedding and p what `embed` adds, each straight through the frozen norms (`direct-path.ts`); all other
 *              products, those of biases and of what earlier blocks added, are `rest`
 *     means    the part of positions is the mean of the block's queries or keys at a position, less its mean over positions; the part of
 *              tokens is all else, so that there is no rest. From the second block on, where positions may have come through earlier blocks.
 *              Means are over contexts that begin at each of their tokens in turn, so that every token stands at every position once and
 *              what tokens stand where says nothing: without positions and mask the part is exactly 0
 *
 * Each query's mean over the keys that it sees is taken out, since softmax does not see it. A
 * term's share is the ratio Σ cov(term, scores) / Σ var(scores) over contexts: shares add up to 1,
 * and one is negative where its term works against the others. Standard errors are a ratio's
 * (Cochran 1977, "Sampling Techniques", equation 2.39). A masked model reads its contexts whole,
 * without a mask.
 *
 * The seed of the four terms: (V + P)·W_Q·((V + P)·W_K)ᵀ; Ke et al. 2021, arXiv:2006.15595, equation 6.
 */
import { z } from "zod";
import { mean, meanWithError } from "../tensor/numbers.ts";
import { openActivations } from "./activations.ts";
import { openDirectPaths } from "./direct-path.ts";
import { namesForTerms, openLayerTerms } from "./layer-terms.ts";
import { namesForMeans, type PositionParts, positionParts, rotationsOf } from "./position-parts.ts";
import {
  defineProbe,
  type MeasurementSite,
  type Metric,
  type Row,
  type StandardError,
  type Subject,
} from "./probe.ts";
import { TERMS, type Variation } from "./score-terms.ts";

const METRICS = {
  term_share: {
    title: "share of the scores",
    unit: "ratio",
    better: "neither",
    meaning:
      "How much of the variance of a head's attention scores over keys a term brings: the covariance of term and scores over the variance of the scores. Shares of one basis add up to 1; a negative one works against the others. Without a head: the mean over the block's heads.",
  },
  term_variance: {
    title: "variance of a term",
    unit: "score²",
    better: "neither",
    meaning:
      "How far a term tells a query's keys apart: the mean square of the term, each query's mean taken out.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type TermRow = Row<keyof typeof METRICS>;

export const terms = defineProbe({
  name: "terms",
  question: "Where do attention scores come from: tokens, positions, or both?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    contexts: z.int().min(1).max(4096).default(16),
    /** Most tokens of a context, at most L_max. */
    tokens: z.int().min(2).max(4096).default(64),
    /**
     * Contexts whose rotations are averaged by position, each as many times as it has tokens; 0
     * leaves the means out.
     */
    rotated: z.int().min(0).max(4096).default(4),
  }),
  large: { contexts: 8, tokens: 32, rotated: 2 },
  async run(subject, { contexts: B, tokens: most, rotated }) {
    const { model, params } = subject;
    const { windows } = subject.material;
    const T = Math.min(most, model.shape.context);
    const all = windows.window(0, B, T).tokens; // (B,T)
    const contexts = Array.from({ length: B }, (_, b) => [...all.subarray(b * T, (b + 1) * T)]);
    const reader = openActivations(subject, namesForTerms(model));
    const paths = openDirectPaths(model, params);
    const found = new Map<string, Found>();
    try {
      const variationsOf = openLayerTerms(model, paths, {
        parts: await partsOf(subject, contexts.slice(0, rotated)),
        T,
      });
      for await (const traced of reader.trace(contexts))
        for (const { variation, at } of await variationsOf(traced)) {
          const key = JSON.stringify(at);
          const one = found.get(key) ?? { at, variations: [] };
          one.variations.push(variation);
          found.set(key, one);
        }
    } finally {
      reader.close();
      paths.close();
    }
    const ofHeads = [...found.values()].flatMap((one) => rowsOf(one, { split: windows.split, length: T }));
    return [...ofHeads, ...blockRows(ofHeads)];
  },
});

async function partsOf(
  subject: Subject,
  contexts: readonly (readonly number[])[],
): Promise<PositionParts[] | undefined> {
  const { model } = subject;
  const [first] = contexts;
  if (first === undefined || model.shape.layers === 1) return undefined;
  const reader = openActivations(subject, namesForMeans(model));
  try {
    return await positionParts(model, reader.trace(rotationsOf(contexts)), first.length);
  } finally {
    reader.close();
  }
}

interface Found {
  /** layer, head and basis */
  readonly at: MeasurementSite;
  /** One of each context. */
  readonly variations: Variation[];
}

function rowsOf({ at, variations }: Found, more: MeasurementSite): TermRow[] {
  const totals = variations.map(({ total }) => total);
  const named = TERMS.filter((term) => variations[0]?.shared.has(term));
  return named.flatMap((term): TermRow[] => {
    const of = (which: "shared" | "squares") => variations.map((one) => one[which].get(term) as number);
    const place = { ...at, term, ...more };
    return [
      { metric: "term_share", ...ratio(of("shared"), totals), at: place },
      { metric: "term_variance", ...meanWithError(of("squares")), at: place },
    ];
  });
}

/** Each block's mean share over its heads that have one. */
function blockRows(rows: readonly TermRow[]): TermRow[] {
  const groups = new Map<string, { readonly at: MeasurementSite; readonly of: TermRow[] }>();
  for (const row of rows) {
    if (row.metric !== "term_share" || row.value === null) continue;
    const { head: _, ...at } = row.at;
    const group = groups.get(JSON.stringify(at)) ?? { at, of: [] as TermRow[] };
    group.of.push(row);
    groups.set(JSON.stringify(at), group);
  }
  return [...groups.values()].map(({ at, of }) => {
    return {
      metric: "term_share",
      value: mean(of.map(({ value }) => value as number)),
      n: of.length,
      se: null,
      at,
    };
  });
}

/** Σa/Σb with its standard error; null where all of b is 0. */
export function ratio(
  a: readonly number[],
  b: readonly number[],
): { value: number | null; n: number; se: StandardError } {
  const n = a.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const total = sum(b);
  if (!(total > 0)) return { value: null, n, se: null };
  const value = sum(a) / total;
  const residuals = sum(a.map((one, i) => (one - value * (b[i] as number)) ** 2));
  return { value, n, se: n > 1 ? Math.sqrt((residuals * n) / (n - 1)) / total : null };
}
