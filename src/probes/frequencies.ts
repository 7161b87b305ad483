/**
 * Which rotary frequencies does each head use? q_i·k_j is a sum over pairs of columns, and pair k
 * adds at most ‖q_i,k‖·‖k_j,k‖ to it, whatever the angle (Barbero et al. 2024, arXiv:2410.06205).
 * So the use of a pair is
 *
 *     u_k = mean over i of ‖q_i,k‖ · mean over j of ‖k_j,k‖        share_k = u_k / Σ u
 *
 * before the rotation, over all queries and keys of a context. What the fastest and the slowest
 * pairs are worth is the loss without them.
 */
import { z } from "zod";
import type { TurningPair } from "../encodings/encoding.ts";
import { InputError } from "../errors.ts";
import { encodingOf, type Model } from "../model/model.ts";
import { meanWithError } from "../tensor/numbers.ts";
import { costsWithout } from "./frequency-ablation.ts";
import { contextSizes, type LayerMaps, type LayerReader, readLayers, textContexts } from "./patterns.ts";
import { defineProbe, type Metric, type Row, type SubjectWith } from "./probe.ts";

const METRICS = {
  frequency_use: {
    title: "use of a rotary pair",
    unit: "size of scores",
    better: "neither",
    meaning:
      "The mean length of the queries in a pair of columns times that of the keys: the most that the pair adds to a score, before the scale 1/√D.",
  },
  frequency_share: {
    title: "use of a rotary pair, share of the head's",
    unit: "ratio",
    better: "neither",
    meaning: "The same as a share of all pairs of the head.",
  },
  fast_share: {
    title: "use of the faster half",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of the faster half of a head's pairs, whose angles change most from one token to the next. The slowest hardly turn within L_max, and carry content.",
  },
  frequency_ablation: {
    title: "loss without some frequencies",
    unit: "nats",
    better: "neither",
    meaning:
      "How much more a token costs, in nats, where the fastest or the slowest pairs of every head are zero: what these frequencies are worth.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type FrequencyRow = Row<keyof typeof METRICS>;

export const frequencies = defineProbe({
  name: "frequencies",
  question: "Which rotary frequencies does each head use, and what are they worth?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    ...contextSizes,
    /** Shares of the pairs that are taken out, from the fastest and from the slowest end. */
    ablated: z.array(z.number().positive().max(1)).max(16).default([0.25, 0.5]),
  }),
  large: { contexts: 8, ablated: [0.25] },
  async run(subject, { ablated, ...sizes }) {
    const { windows } = subject.material;
    const contexts = textContexts(subject, windows, sizes);
    const pairs = pairsByLayer(subject.model, Math.max(...contexts.map((tokens) => tokens.length)));
    const rows = await readLayers(subject, contexts, ["q", "k"], (layer) =>
      layerReader(subject.model, pairs[layer] ?? [], (head) => ({ layer, head, split: windows.split })),
    );
    return [...rows.flat(), ...(await ablationRows(subject, sizes, pairs, ablated))];
  },
});

/** Of each layer, fastest first; none where it turns none. @throws InputError where no layer turns any */
function pairsByLayer(model: Model, length: number): TurningPair[][] {
  const { definition, shape } = model;
  const pairs = Array.from(
    { length: shape.layers },
    (_, layer) => encodingOf(model, layer).pairs?.(length) ?? [],
  );
  if (pairs.flat().length === 0)
    throw new InputError(
      `probe frequencies: the encoding ${definition.kind} names no pairs of columns that it turns; ask a model that rotates queries and keys, such as one with rope`,
    );
  const outside = pairs
    .flat()
    .flatMap(({ columns }) => columns)
    .find((column) => column >= shape.headWidth);
  if (outside !== undefined)
    throw new InputError(
      `probe frequencies: the encoding ${definition.kind} names column ${outside} of heads of width ${shape.headWidth}; name columns from 0 to ${shape.headWidth - 1}`,
    );
  return pairs.map((own) => [...own].sort((a, b) => b.frequency - a.frequency));
}

function layerReader(
  { shape: { heads: H, keyValueHeads: G, headWidth: D } }: Model,
  pairs: readonly TurningPair[],
  place: (head: number) => FrequencyRow["at"],
): LayerReader<FrequencyRow[]> {
  /** By head, then by pair: of each context. */
  const uses = Array.from({ length: H }, () => pairs.map(() => [] as number[]));
  return {
    add({ tokens: { length: T }, maps }: LayerMaps) {
      if (pairs.length === 0) return;
      for (const [head, own] of uses.entries()) {
        const q = headOf(maps.q as Float32Array, head, T * D);
        const k = headOf(maps.k as Float32Array, Math.floor((head * G) / H), T * D);
        for (const [p, pair] of pairs.entries())
          own[p]?.push(meanNorm(q, T, D, pair) * meanNorm(k, T, D, pair));
      }
    },
    end: () => (pairs.length === 0 ? [] : uses).flatMap((own, head) => headRows(own, pairs, place(head))),
  };
}

const headOf = (values: Float32Array, head: number, size: number) =>
  values.subarray(head * size, (head + 1) * size);

/** The mean length of rows in two columns. @param x (T,D) */
function meanNorm(x: Float32Array, T: number, D: number, { columns: [a, b] }: TurningPair): number {
  let sum = 0;
  for (let t = 0; t < T; t++) sum += Math.hypot(x[t * D + a] as number, x[t * D + b] as number);
  return sum / T;
}

function headRows(
  uses: readonly (readonly number[])[],
  pairs: readonly TurningPair[],
  at: FrequencyRow["at"],
): FrequencyRow[] {
  const contexts = uses[0]?.length ?? 0;
  const shares = Array.from({ length: contexts }, (_, c) => {
    const total = uses.reduce((sum, of) => sum + (of[c] as number), 0);
    return uses.map((of) => (total === 0 ? 1 / pairs.length : (of[c] as number) / total));
  });
  const faster = shares.map((of) =>
    of.slice(0, Math.ceil(pairs.length / 2)).reduce((sum, share) => sum + share, 0),
  );
  return [
    { metric: "fast_share", ...meanWithError(faster), at },
    ...pairs.flatMap(({ frequency: omega }, pair): FrequencyRow[] => [
      { metric: "frequency_use", ...meanWithError(uses[pair] ?? []), at: { ...at, pair, omega } },
      {
        metric: "frequency_share",
        ...meanWithError(shares.map((of) => of[pair] as number)),
        at: { ...at, pair, omega },
      },
    ]),
  ];
}

/** None where a masked model has no mask to answer at. */
async function ablationRows(
  subject: SubjectWith<"windows">,
  { contexts, length }: { readonly contexts: number; readonly length: number },
  byLayer: readonly (readonly TurningPair[])[],
  ablated: readonly number[],
): Promise<FrequencyRow[]> {
  const { model, tokenizer, material } = subject;
  if (!model.shape.causal && tokenizer.mask === undefined) return [];
  const most = Math.max(...byLayer.map((pairs) => pairs.length));
  const counts = [...new Set(ablated.map((share) => Math.max(1, Math.round(share * most))))];
  const parts = counts.flatMap((pairs) => [
    { zeroed: "fastest", pairs, of: byLayer.map((own) => own.slice(0, pairs)) },
    { zeroed: "slowest", pairs, of: byLayer.map((own) => own.slice(-pairs)) },
  ]);
  const sizes = { contexts, length: Math.min(length, model.shape.context) };
  const columns = parts.map(({ of }) => of.map((own) => own.flatMap((pair) => pair.columns)));
  const costs = await costsWithout(subject, sizes, columns);
  return parts.map(({ zeroed, pairs }, i) => ({
    ...{ metric: "frequency_ablation" as const, ...(costs[i] as (typeof costs)[number]) },
    at: { zeroed, pairs, split: material.windows.split },
  }));
}
