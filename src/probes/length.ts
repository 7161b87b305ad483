/**
 * What happens past L_max?
 *
 *     nll         by position, from one forward pass over contexts of `factor`·L_max tokens that were not trained on
 *     headroom    k* = max{k : NLL(L_max + k) ≤ NLL(L_max) + ε}, NLL(n) the mean over the first n positions
 *     degradation_ratio    PPL(2·L_max)/PPL(L_max) = exp(NLL(2·L_max) − NLL(L_max)), tokens weighted alike
 *
 * Each under every policy for positions that the encoding does not define.
 *
 * Where positions are squeezed by how far the context reaches (`dependsOnLength`, the scheme `interpolated`), the loss at a position is
 * that of the shortest of the lengths L_max·(1, 1.5, 2, 4, 8, …) that has it, so that it does not depend on `factor`; NLL(n) is then the
 * mean over contexts of n tokens, and headroom one of those lengths less L_max. Each loss says of which `length` its contexts were.
 */
import { z } from "zod";
import type { Model } from "../model/model.ts";
import { ratioWithError } from "../tensor/numbers.ts";
import { variantsPast } from "./beyond.ts";
import { degradationOf, sumsBetween } from "./degradation.ts";
import { headroomOf } from "./headroom.ts";
import { type ContextLosses, meansByPosition, openLongContexts } from "./long-context.ts";
import type { Placing } from "./placing.ts";
import { defineProbe, type Metric, type Row } from "./probe.ts";

const METRICS = {
  nll: {
    title: "loss by position",
    unit: "nats",
    better: "lower",
    meaning:
      "Mean loss at a position, in nats: −ln of the probability of the token that came. Ranges of positions are averaged.",
  },
  headroom: {
    title: "headroom",
    unit: "tokens",
    better: "higher",
    meaning:
      "The most tokens k past L_max at which the mean loss over the first L_max + k positions is still that over the first L_max, give or take 0.02 nats.",
  },
  degradation_ratio: {
    title: "degradation ratio",
    unit: "ratio",
    better: "lower",
    meaning:
      "Perplexity over contexts of 2·L_max tokens divided by that over contexts of L_max: 1 where twice the length costs nothing, below 1 where it helps.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type LengthRow = Row<keyof typeof METRICS>;

export const length = defineProbe({
  name: "length",
  question: "What happens past L_max?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    /** The longest context, in multiples of L_max. */
    factor: z.int().positive().max(1024).default(16),
    /** Contexts that the loss by position averages. */
    contexts: z.int().positive().max(65_536).default(64),
    /** ε of the headroom, in nats: differences below it are noise at this scale. */
    tolerance: z.number().positive().max(1000).default(0.02),
  }),
  large: { factor: 2, contexts: 2 },
  async run(subject, { factor, contexts, tolerance }) {
    const rows: LengthRow[] = [];
    const { context } = subject.model.shape;
    const { windows } = subject.material;
    const squeezed = squeezedLengths(context, factor);
    for (const { beyond, model } of variantsPast(subject.model, factor * context)) {
      const long = openLongContexts({ ...subject, model }, windows);
      const passes: MeasuredPass[] = [];
      for (const tokens of isSqueezed(model, subject.placing) ? squeezed : [factor * context])
        passes.push(passOf(await long.contextLosses(tokens, contexts), tokens));
      const asked = { factor, contexts, tolerance, beyond, split: windows.split };
      rows.push(...nllRows(passes, context, asked), ...headroom(passes, context, asked));
      rows.push(...degradation(passes, context, asked));
      long.close();
    }
    return rows;
  },
});

/** The losses by position of contexts of one length. */
export interface Pass {
  readonly tokens: number;
  readonly losses: readonly number[];
}

interface MeasuredPass extends Pass {
  readonly contexts: readonly ContextLosses[];
}

const passOf = (contexts: readonly ContextLosses[], tokens: number): MeasuredPass => ({
  ...{ tokens, contexts, losses: meansByPosition(contexts) },
});

/** The standard error of the mean loss at a position. */
const errorAt = (contexts: readonly ContextLosses[], position: number) => {
  const { sums, counts } = sumsBetween(contexts, position, position + 1);
  return ratioWithError(sums, counts).se;
};

interface Asked {
  readonly factor: number;
  readonly contexts: number;
  readonly tolerance: number;
  readonly beyond: string;
  readonly split: string;
}

const isSqueezed = ({ encoding }: Model, placing: Placing | undefined): boolean =>
  encoding.dependsOnLength === true || placing?.scheme.kind === "interpolated";

/** Lengths of contexts up to the first that reaches factor·L_max. */
export function squeezedLengths(context: number, factor: number): number[] {
  const multiples = [1];
  for (let next = 1.5; (multiples.at(-1) as number) < factor; next = next < 2 ? 2 : 2 * next)
    multiples.push(next);
  return [...new Set(multiples.map((multiple) => Math.round(multiple * context)))];
}

/** Each position once, of the shortest contexts that have it. */
function nllRows(
  passes: readonly MeasuredPass[],
  context: number,
  { factor, contexts: n, beyond, split }: Asked,
): LengthRow[] {
  return passes.flatMap(({ tokens, losses, contexts }, k) =>
    losses.slice(0, factor * context).flatMap((value, position): LengthRow[] =>
      position < (passes[k - 1]?.tokens ?? 0) || Number.isNaN(value) // nothing was masked there
        ? []
        : [
            {
              ...{ metric: "nll", value, n, se: errorAt(contexts, position) },
              at: { position, length: tokens, beyond, split },
            },
          ],
    ),
  );
}

/** None where no context of 2·L_max tokens was read. */
function degradation(
  passes: readonly MeasuredPass[],
  context: number,
  { beyond, split }: Asked,
): LengthRow[] {
  const reaching = (tokens: number) => passes.find((pass) => pass.tokens >= tokens);
  const [short, long] = [reaching(context), reaching(2 * context)];
  if (short === undefined || long === undefined) return [];
  const measured = degradationOf(
    sumsBetween(short.contexts, 0, context),
    sumsBetween(long.contexts, 0, 2 * context),
    short === long,
  );
  return [{ metric: "degradation_ratio", ...measured, at: { length: 2 * context, beyond, split } }];
}

/** None where no token past L_max was read. */
function headroom(
  passes: readonly Pass[],
  context: number,
  { factor, tolerance, contexts, beyond, split }: Asked,
): LengthRow[] {
  if (factor === 1) return [];
  const [only] = passes as [Pass]; // there is one or more
  const asked = passes.filter(({ tokens }) => tokens <= factor * context);
  const value =
    passes.length === 1
      ? headroomOf(only.losses, context, tolerance)
      : squeezedHeadroom(asked, context, tolerance);
  return [{ metric: "headroom", value, n: contexts, at: { length: context, beyond, split } }];
}

/** The same where each length has a pass of its own; that of L_max itself is not squeezed. */
export function squeezedHeadroom(passes: readonly Pass[], context: number, tolerance: number): number | null {
  const meanOf = ({ losses }: Pass) => {
    const known = losses.filter((loss) => !Number.isNaN(loss));
    return known.reduce((sum, loss) => sum + loss, 0) / known.length;
  };
  const baseline = passes.find(({ tokens }) => tokens === context);
  if (baseline === undefined || Number.isNaN(meanOf(baseline))) return null;
  const good = passes.filter((pass) => meanOf(pass) <= meanOf(baseline) + tolerance);
  return Math.max(...good.map(({ tokens }) => tokens)) - context;
}
