/**
 * Is a longer context used, or does it only spare the model short ones?
 *
 * A mean loss over windows falls with their length for two reasons: the first tokens of each window
 * have little context, and fewer tokens are first in longer windows (the early-token curse, Press
 * et al. 2022); and a model may use the more distant tokens. Told apart here, on held-out text, at
 * lengths L' that are multiples of L:
 *
 *     window_nll        windows of L' tokens side by side (stride L'), and sliding ones, of which only what no earlier one had is scored;
 *                       means over tokens, all of the same stretches: not means of window means
 *     early_token_cost  what windows side by side lose against sliding ones of the same length
 *     matched_nll       the same targets, each with c tokens of context: nothing differs but what can be read
 *     lsd               LSD = log p(x|long) − log p(x|short), mean over the matched targets (Fang et al. 2025, arXiv:2410.23771, equation 2)
 *     key_share         share of targets with LSD above `lsd` nats and log p(x|long) above `likelihood`: key tokens (α = 2, β = −2 there)
 *     long_ppl          perplexity with the long context on the key tokens alone (LongPPL)
 *
 * Departure: the paper picks key tokens by a larger model; here the model itself picks them, so
 * long_ppl cannot exceed e^−β and compares lengths of one model, not models. A masked model has its
 * target hidden in the middle of the context.
 *
 * A window begins wherever it does in the text. Where every row of training begins with a story, as
 * in `who`, absolute positions tell a place in the story, and windows that begin elsewhere are new
 * to such a model, however short.
 */
import { z } from "zod";
import { meanWithError, ratioWithError } from "../tensor/numbers.ts";
import { variantsPast } from "./beyond.ts";
import type { LossSums } from "./degradation.ts";
import { defineProbe, type MeasurementSite, type Row, type SubjectWith } from "./probe.ts";
import { openTokenLosses, type TokenLosses } from "./token-losses.ts";
import {
  lossesInContext,
  lossesInWindows,
  type MatchedTarget,
  matchedTargets,
  type Stretch,
  stretchesOf,
} from "./windows-material.ts";
import { WINDOW_METRICS } from "./windows-metrics.ts";

type WindowRow = Row<keyof typeof WINDOW_METRICS>;

export const windows = defineProbe({
  name: "windows",
  question: "Is a longer context used, or does it only spare the model short ones?",
  needs: ["windows"],
  metrics: WINDOW_METRICS,
  config: z.strictObject({
    /** L of the lengths: L_max, or this where it is less. */
    context: z.int().positive().max(65_536).default(32),
    /** Lengths, in multiples of L. */
    factors: z.array(z.number().positive().max(1024)).min(1).default([0.25, 0.5, 1, 2, 4]),
    /** Of sliding windows, in multiples of L. */
    stride: z.number().positive().max(1024).default(0.25),
    /** Stretches of the longest length that windows are cut from. */
    stretches: z.int().positive().max(65_536).default(16),
    /** Targets that are read with every length of context. */
    targets: z.int().positive().max(65_536).default(256),
    /** α: a key token is likelier by more than so many nats with the long context. */
    lsd: z.number().min(-1000).max(1000).default(2),
    /** β: and its log p with the long context is above. */
    likelihood: z.number().min(-1000).max(0).default(-2),
  }),
  large: { factors: [0.5, 1, 2], stretches: 4, targets: 32 },
  async run(subject, config) {
    const L = Math.min(subject.model.shape.context, config.context);
    const tokens = (factor: number) => Math.max(1, Math.round(factor * L));
    const lengths = [...new Set(config.factors.map(tokens))].sort((a, b) => a - b);
    const stride = tokens(config.stride);
    const longest = lengths.at(-1) as number; // there is one or more
    const { windows: text } = subject.material;
    const material = {
      stretches: stretchesOf(subject, text, config.stretches, longest),
      targets: matchedTargets(subject, text, config.targets, { longest, spare: L }),
    };
    const rows: WindowRow[] = [];
    let inside: Measured[] | undefined; // up to L_max all policies are one
    for (const { beyond, model } of variantsPast(subject.model, longest)) {
      const fresh = lengths.filter((length) => inside === undefined || length > model.shape.context);
      const measured = await measure({ ...subject, model }, material, fresh, stride);
      const all = [...(inside ?? []), ...measured];
      inside ??= measured.filter(({ length }) => length <= model.shape.context);
      rows.push(...rowsOf(all, { beyond, split: text.split }, config));
    }
    return rows;
  },
});

interface Measured {
  readonly length: number;
  /** By stride; windows side by side have the stride `length`. */
  readonly windows: readonly { readonly stride: number; readonly losses: LossSums }[];
  readonly matched: readonly number[];
}

interface WindowsMaterial {
  readonly stretches: readonly Stretch[];
  readonly targets: readonly MatchedTarget[];
}

async function measure(
  subject: SubjectWith<"windows">,
  { stretches, targets }: WindowsMaterial,
  lengths: readonly number[],
  stride: number,
): Promise<Measured[]> {
  const reader: TokenLosses = openTokenLosses(subject);
  const N = stretches[0]?.tokens.length ?? 0;
  const measured: Measured[] = [];
  try {
    for (const length of lengths) {
      const strides = stride < length && length < N ? [length, stride] : [length];
      const found: Measured["windows"][number][] = [];
      for (const each of strides)
        found.push({ stride: each, losses: await lossesInWindows(reader, stretches, length, each) });
      const matched = await lossesInContext(reader, targets, length, subject.model.shape.causal);
      measured.push({ length, windows: found, matched });
    }
  } finally {
    reader.close();
  }
  return measured;
}

interface KeyTokens {
  readonly lsd: number;
  readonly likelihood: number;
}

function rowsOf(measured: readonly Measured[], at: MeasurementSite, key: KeyTokens): WindowRow[] {
  const [short] = measured;
  return measured.flatMap((one) => [
    ...windowRows(one, at),
    ...(one.matched.length === 0
      ? []
      : [
          {
            metric: "matched_nll" as const,
            ...meanWithError(one.matched),
            at: { length: one.length, ...at },
          },
        ]),
    ...(short === undefined || short === one || one.matched.length === 0
      ? []
      : differenceRows(short, one, at, key)),
  ]);
}

function windowRows({ length, windows: found }: Measured, at: MeasurementSite): WindowRow[] {
  const rows = found.map(({ stride, losses: { sums, counts } }): WindowRow => {
    const { value, n, se } = ratioWithError(sums, counts);
    return { metric: "window_nll", value, n, se, at: { length, stride, ...at } };
  });
  const [beside, sliding] = found;
  if (beside === undefined || sliding === undefined) return rows;
  const { counts } = beside.losses; // the same targets
  const apart = beside.losses.sums.map((sum, i) => sum - (sliding.losses.sums[i] as number));
  return [
    ...rows,
    {
      metric: "early_token_cost",
      ...ratioWithError(apart, counts),
      at: { length, stride: sliding.stride, ...at },
    },
  ];
}

/**
 * What the targets gain by a longer context than the shortest, and the perplexity of those that
 * gain most.
 */
function differenceRows(
  short: Measured,
  long: Measured,
  where: MeasurementSite,
  { lsd: most, likelihood }: KeyTokens,
): WindowRow[] {
  const at = { length: long.length, from: short.length, ...where };
  const lsd = long.matched.map((nll, i) => (short.matched[i] as number) - nll);
  const key = lsd.map((gain, i) => gain > most && -(long.matched[i] as number) > likelihood);
  const { value, n, se } = meanWithError(long.matched.filter((_, i) => key[i]));
  const ppl = Math.exp(value);
  return [
    { metric: "lsd", ...meanWithError(lsd), at },
    { metric: "key_share", ...meanWithError(key.map(Number)), at },
    n === 0
      ? { metric: "long_ppl", value: null, n, se: null, at }
      : { metric: "long_ppl", value: ppl, n, se: se === null ? null : ppl * se, at },
  ];
}
