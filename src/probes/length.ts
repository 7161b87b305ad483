/**
 * What happens past L_max?
 *
 *     nll             by position, from one forward pass over contexts of `factor`·L_max tokens, held-out facts
 *     story_accuracy  of the answer to a held-out question at the end of contexts of several lengths, over the whole vocabulary;
 *                     of the world "who" alone
 *     headroom        k* = max{k : NLL(L_max + k) ≤ NLL(L_max) + ε}, NLL(n) the mean over the first n positions
 *
 * Each under every policy for positions that the encoding does not define. Right fill of a context changes nothing before it under
 * causal attention; bidirectional contexts are not filled.
 *
 * Where positions are squeezed by how far the context reaches (`dependsOnLength`, the scheme `interpolated`), the loss at a position is
 * that of the shortest of the lengths L_max·(1, 1.5, 2, 4, 8, …) that has it, so that it does not depend on `factor`; NLL(n) is then the
 * mean over contexts of n tokens, and headroom one of those lengths less L_max. Each loss says of which `length` its contexts were.
 */
import { z } from "zod";
import { longStories } from "../data/corpora/who-examples.ts";
import { requireKind } from "../data/index.ts";
import type { Model } from "../model/config.ts";
import { variantsPast } from "./beyond.ts";
import { openLongContexts } from "./long-context.ts";
import type { Placing } from "./placing.ts";
import { defineProbe, type Measurement } from "./probe.ts";

export const length = defineProbe({
  name: "length",
  data: ["who", "text"],
  question: "What happens past L_max?",
  config: z.strictObject({
    /** The longest context, in multiples of L_max. */
    factor: z.int().positive().max(1024).default(16),
    /** Contexts that the loss by position averages. */
    contexts: z.int().positive().max(65_536).default(64),
    /** Questions a length. */
    questions: z.int().positive().max(65_536).default(128),
    /** ε of the headroom, in nats: differences below it are noise at this scale. */
    tolerance: z.number().positive().max(1000).default(0.02),
  }),
  async run(subject, config, rng) {
    const rows: Measurement[] = [];
    const { context } = subject.model.shape;
    const { data } = subject;
    const stories = (data.kind === "who" ? lengthsOf(context, config.factor) : []).map((tokens) => ({
      tokens,
      items: longStories(
        requireKind(data, "who", "probe length").world,
        { length: tokens, count: config.questions },
        rng,
      ),
    }));
    const squeezed = squeezedLengths(context, config.factor);
    const furthest = Math.max(config.factor * context, ...stories.map(({ tokens }) => tokens));
    for (const { beyond, model } of variantsPast(subject.model, furthest)) {
      const long = openLongContexts({ ...subject, model });
      const passes: Pass[] = [];
      for (const tokens of isSqueezed(model, subject.placing) ? squeezed : [config.factor * context])
        passes.push({ tokens, losses: await long.losses(tokens, config.contexts) });
      rows.push(
        ...nllRows(passes, context, { ...config, beyond }),
        headroom(passes, context, { ...config, beyond }),
      );
      for (const { tokens, items } of stories) {
        const at = { length: tokens, beyond, split: "heldout" };
        const value = await long.accuracy(items, tokens);
        rows.push({ metric: "story_accuracy", value, unit: "accuracy", n: items.length, at });
      }
      long.close();
    }
    return rows;
  },
});

/** Context lengths, in tokens: a little past L_max, then doubling. A story takes up to 18 tokens, so none is shorter. */
function lengthsOf(context: number, factor: number): number[] {
  const multiples = [1, 1.5, 2, 4, 8, 16].filter((multiple) => multiple <= factor);
  return [...new Set(multiples.map((multiple) => Math.max(18, Math.round(multiple * context))))];
}

/** The losses by position of contexts of one length. */
export interface Pass {
  readonly tokens: number;
  readonly losses: readonly number[];
}

interface Asked {
  readonly factor: number;
  readonly contexts: number;
  readonly tolerance: number;
  readonly beyond: string;
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
  passes: readonly Pass[],
  context: number,
  { factor, contexts, beyond }: Asked,
): Measurement[] {
  return passes.flatMap(({ tokens, losses }, k) =>
    losses.slice(0, factor * context).flatMap((value, position) =>
      position < (passes[k - 1]?.tokens ?? 0) || Number.isNaN(value) // nothing was masked there
        ? []
        : [
            {
              ...{ metric: "nll", value, unit: "nats", n: contexts },
              at: { position, length: tokens, beyond, split: "heldout" },
            } as const,
          ],
    ),
  );
}

function headroom(
  passes: readonly Pass[],
  context: number,
  { factor, tolerance, contexts, beyond }: Asked,
): Measurement {
  const [only] = passes as [Pass]; // there is one or more
  const asked = passes.filter(({ tokens }) => tokens <= factor * context);
  const value =
    passes.length === 1
      ? headroomOf(only.losses, context, tolerance)
      : squeezedHeadroom(asked, context, tolerance);
  return {
    metric: "headroom",
    value,
    unit: "tokens",
    n: contexts,
    at: { length: context, beyond, split: "heldout" },
  };
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

/** k* = max{k : NLL(L + k) ≤ NLL(L) + ε}; at most the length that was measured, less L; null where NLL(L) was not measured. */
export function headroomOf(losses: readonly number[], context: number, tolerance: number): number | null {
  let [sum, measured, furthest] = [0, 0, 0];
  let atContext = Number.NaN;
  losses.forEach((loss, position) => {
    const tokens = position + 1;
    const known = !Number.isNaN(loss); // else nothing was masked at this position
    if (known) {
      sum += loss;
      measured++;
    }
    if (tokens === context) atContext = sum / measured;
    if (known && tokens > context && sum / measured <= atContext + tolerance) furthest = tokens - context;
  });
  return Number.isNaN(atContext) ? null : furthest;
}
