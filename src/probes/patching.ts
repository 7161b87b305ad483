/**
 * Which activation carries the order?
 *
 * A context and its swap have the same tokens and different answers. The swap is read with one
 * activation replaced by the context's:
 *
 *     recovery = Σ (m(patched) − m(swap)) / Σ (m(context) − m(swap))     m = ln p(answer), sums over pairs
 *
 * 0 where the activation holds nothing of what tells the two apart, 1 where it holds all
 * (denoising; Heimersheim and Nanda 2024, section 2). A ratio of sums, because the difference of
 * one pair may be near 0. Patched are the residual stream before each block at one token, one
 * head's output z at all tokens, and the output of each attention and MLP at all tokens.
 */
import { z } from "zod";
import type { OrderPair } from "../data/index.ts";
import { InputError } from "../errors.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";
import { requireTokens } from "../model/tokens.ts";
import { ratioWithError } from "../tensor/numbers.ts";
import { shuffled } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import { groupsOf, meanOverTopics, sumsByTopic } from "./groups.ts";
import { masksOf, type PatchPass, type PatchSite, patchPass, sitesOf } from "./patch-pass.ts";
import { placed } from "./placing.ts";
import { defineProbe, type Metric, type Row, type Subject } from "./probe.ts";
import { answeringAt } from "./reader.ts";

const METRICS = {
  patch_recovery: {
    title: "patching recovery",
    unit: "ratio",
    better: "neither",
    meaning:
      "How much of the preference for the right answer comes back in the swap when one activation is replaced by that of the story: 0 nothing, 1 all of it. Without a value where there is nothing to recover.",
  },
  patch_effect: {
    title: "patching, all there is to recover",
    unit: "nats",
    better: "neither",
    meaning:
      "How much likelier the right answer is, in nats, after the story than after its swap, on the pairs that are patched.",
    null: { value: 0, of: "a model that is blind to order" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type PatchRow = Row<keyof typeof METRICS>;

export const patching = defineProbe({
  name: "patching",
  question: "Which activation carries the order?",
  needs: ["pairs"],
  metrics: METRICS,
  config: z.strictObject({
    /** Most pairs, of those of the commonest length. */
    pairs: z.int().positive().max(65_536).default(32),
    /** Longest context: each token of each layer is a site. */
    tokens: z.int().min(2).max(65_536).default(64),
  }),
  large: { pairs: 4 },
  async run(subject, { pairs: most, tokens }, rng) {
    const { model, tokenizer, material } = subject;
    const [split = ""] = material.pairs.splits;
    const suffix = answeringAt(model, tokenizer);
    const pairs = ofCommonestLength(shuffled(material.pairs.of(split), rng), tokens)
      .slice(0, most)
      .map((pair) => {
        const { context, swapped } = pair;
        return { ...pair, context: [...context, ...suffix], swapped: [...swapped, ...suffix] };
      });
    const T = (pairs[0] as OrderPair).context.length;
    const sites = sitesOf(model, T);
    const found = await recovered(subject, pairs, sites);
    const at = { split, length: T };
    const effects = found.clean.map((clean, i) => clean - (found.swapped[i] as number));
    const topics = pairs.map(({ topic }) => topic);
    const effect = meanOverTopics(effects, topics);
    const { sums } = sumsByTopic(effects, topics);
    const something = effect.value > Math.max(ROUNDING_NATS, 2 * (effect.se ?? 0));
    return [
      { metric: "patch_effect", ...effect, at },
      ...sites.map((site, k): PatchRow => {
        const gains = (found.patched[k] as number[]).map((one, i) => one - (found.swapped[i] as number));
        const ratio = {
          ...ratioWithError(sumsByTopic(gains, topics).sums, sums),
          n: pairs.length,
        };
        return {
          metric: "patch_recovery",
          ...(something ? ratio : { value: null, n: ratio.n, se: null }),
          at: { ...site, ...at },
        };
      }),
    ];
  },
});

/** Effects below this, in nats, are rounding. */
const ROUNDING_NATS = 1e-4;

/** @throws InputError where all are longer than `most` */
function ofCommonestLength(pairs: readonly OrderPair[], most: number): OrderPair[] {
  const short = pairs.filter(({ context }) => context.length <= most);
  const [commonest] = groupsOf(short, ({ context }) => context.length).sort((a, b) => b.length - a.length);
  if (commonest !== undefined) return commonest;
  const least = Math.min(...pairs.map(({ context }) => context.length));
  throw new InputError(
    `probe patching: every pair is longer than ${most} tokens; give --with patching.tokens=${least} or more`,
  );
}

/** Pairs of one forward pass, and its tokens at most. */
const PAIRS = 8;
const TOKENS = 2048;

/** ln p(answer) of each pair: in its context, in its swap, and in that patched at each site. */
interface Recovered {
  readonly clean: number[];
  readonly swapped: number[];
  /** By site, then by pair. */
  readonly patched: number[][];
}

async function recovered(
  subject: Subject,
  pairs: readonly OrderPair[],
  sites: readonly PatchSite[],
): Promise<Recovered> {
  const T = (pairs[0] as OrderPair).context.length;
  const P = Math.min(PAIRS, pairs.length);
  const K = Math.min(sites.length + 1, Math.max(1, Math.floor(TOKENS / (T * P)) - 1));
  const asked = [undefined, ...sites]; // the first patches nothing
  const found: number[][] = asked.map(() => []);
  const clean: number[] = [];
  const pass = patchPass(subject.model, Math.max(1, answeringAt(subject.model, subject.tokenizer).length));
  try {
    for (const some of groupsOf(pairs, () => 0, P)) {
      for (let from = 0; from < asked.length; from += K) {
        const own = Array.from({ length: K }, (_, k) => asked[from + k]);
        const nll = await nllOf(subject, pass, filled(some, P), own);
        some.forEach((_, i) => {
          if (from === 0) clean.push(-(nll[i] as number));
          own.forEach((_, k) => {
            found[from + k]?.push(-(nll[(1 + k) * P + i] as number));
          });
        });
      }
    }
  } finally {
    pass.close();
  }
  const [swapped = [], ...patched] = found;
  return { clean, swapped, patched };
}

const filled = (pairs: readonly OrderPair[], size: number): OrderPair[] =>
  Array.from({ length: size }, (_, i) => pairs[i % pairs.length] as OrderPair);

/** (P·(1+K)): the contexts, then the swaps for each site. */
async function nllOf(
  { model, params, placing }: Subject,
  pass: PatchPass,
  pairs: readonly OrderPair[],
  sites: readonly (PatchSite | undefined)[],
): Promise<Float32Array> {
  const T = (pairs[0] as OrderPair).context.length;
  const rows = [...pairs.map(({ context }) => context)];
  for (const _ of sites) rows.push(...pairs.map(({ swapped }) => swapped));
  const [scheme, rng] = placed(placing, T, 0);
  const positions = definedPositions(model, scheme, T, rng);
  const answers = rows.map((_, i) => (pairs[i % pairs.length] as OrderPair).answer);
  const inputs = {
    tokens: tf.tensor2d(requireTokens(model, rows.flat()), [rows.length, T], "int32"),
    answers: tf.tensor1d(answers, "int32"),
    positions: tf.tensor1d(positions),
    masks: masksOf(model, T, sites),
  };
  const { nll } = pass({ params, ...inputs });
  const values = (await nll.data()) as Float32Array;
  disposeTree({ nll, ...inputs });
  await requireFiniteValues("probe", values, () => ({ model, params, tokens: rows.flat(), positions }));
  return values;
}
