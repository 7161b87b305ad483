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
 */
import { z } from "zod";
import { longStories } from "../data/corpora/who-examples.ts";
import { requireKind } from "../data/index.ts";
import { variantsPast } from "./beyond.ts";
import { openLongContexts } from "./long-context.ts";
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
    const furthest = Math.max(config.factor * context, ...stories.map(({ tokens }) => tokens));
    for (const { beyond, model } of variantsPast(subject.model, furthest)) {
      const long = openLongContexts({ ...subject, model });
      const losses = await long.losses(config.factor * context, config.contexts);
      rows.push(
        ...nllRows(losses, config.contexts, beyond),
        headroom(losses, context, { ...config, beyond }),
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

function nllRows(losses: readonly number[], n: number, beyond: string): Measurement[] {
  const rows = losses.map((value, position) => ({
    metric: "nll",
    value,
    unit: "nats",
    n,
    at: { position, beyond, split: "heldout" },
  }));
  return rows.filter(({ value }) => !Number.isNaN(value)); // nothing was masked there
}

function headroom(
  losses: readonly number[],
  context: number,
  { tolerance, contexts, beyond }: { tolerance: number; contexts: number; beyond: string },
): Measurement {
  const value = headroomOf(losses, context, tolerance);
  return {
    metric: "headroom",
    value,
    unit: "tokens",
    n: contexts,
    at: { length: context, beyond, split: "heldout" },
  };
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
