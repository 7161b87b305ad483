/**
 * Does a model commute with permutations of its tokens?
 *
 *     equivariance   max |h(πx) − πh(x)| over tokens and channels of a layer's residual stream h; π moves the tokens before the last
 *     invariance     the same at the last token alone: max |h_T(πx) − h_T(x)|
 *
 * Attention without positions is equivariant, not invariant (Lee et al. 2019, property 1); a causal
 * mask breaks it for every token that π moves, and leaves the last one's state as it was in a first
 * layer without positions, for that token sees the same tokens in any order.
 */
import { z } from "zod";
import { mean, meanWithError } from "../tensor/numbers.ts";
import { type Rng, shuffled } from "../tensor/rng.ts";
import { type Activation, openActivations, type Traced } from "./activations.ts";
import { type Followed, followedContexts, type Source } from "./contexts.ts";
import { defineProbe, type Metric, type Row, type Subject } from "./probe.ts";
import { stateNames } from "./readout-fit.ts";
import { errorOver } from "./shuffle.ts";

const METRICS = {
  equivariance_error: {
    title: "equivariance error",
    unit: "state",
    better: "neither",
    meaning:
      "How far, at most, the states of a context with its tokens permuted are from the permuted states of that context, over all tokens and channels of a layer: 0 where the order of the tokens plays no part.",
    null: { value: 0, of: "a bidirectional model without positions, any depth" },
  },
  invariance_error: {
    title: "invariance error",
    unit: "state",
    better: "neither",
    meaning:
      "The same at the last token alone, which stays where it is: how far, at most, its state moves when the tokens before it are permuted.",
    null: {
      value: 0,
      of: "a bidirectional model without positions, any depth, or one causal layer without them",
    },
  },
  state_rms: {
    title: "size of the states",
    unit: "state",
    better: "neither",
    meaning: "The root mean square of the states' channels, to hold those errors against.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type EquivarianceRow = Row<keyof typeof METRICS>;

export const equivariance = defineProbe({
  name: "equivariance",
  question: "Does it commute with permutations of its tokens?",
  needs: [],
  needsOneOf: ["pairs", "windows"],
  metrics: METRICS,
  config: z.strictObject({
    /** Contexts of each material. */
    contexts: z.int().positive().max(65_536).default(16),
    /** Of each context. */
    permutations: z.int().positive().max(10_000).default(4),
    /** Of a window, at most. */
    tokens: z.int().min(4).max(65_536).default(32),
  }),
  async run(subject, config, rng) {
    const rows: EquivarianceRow[] = [];
    for (const source of followedContexts(subject, config, rng))
      rows.push(...(await sourceRows(subject, source, config.permutations, rng)));
    return rows;
  },
});

/** By layer. */
interface Errors {
  readonly all: number[];
  readonly last: number[];
}

async function sourceRows(
  subject: Subject,
  { material, split, contexts }: Source,
  permutations: number,
  rng: Rng,
): Promise<EquivarianceRow[]> {
  const names = stateNames(subject.model.shape.layers);
  const orders = contexts.map((context) =>
    Array.from({ length: permutations }, () => permutationOf(context, rng)),
  );
  // A context stands before its permutations, which have its length: they are read after it.
  const sequences = contexts.flatMap(({ tokens }, i) => [
    tokens,
    ...(orders[i] as number[][]).map((order) => order.map((from) => tokens[from] as number)),
  ]);
  const each = 1 + permutations;
  const stills: Traced[] = [];
  const errors: Errors[] = [];
  const squares: number[][] = [];
  const reader = openActivations(subject, names);
  try {
    for await (const traced of reader.trace(sequences)) {
      const [i, k] = [Math.floor(traced.index / each), traced.index % each];
      if (k === 0) {
        stills[i] = traced;
        squares[i] = statesOf(traced, names).map(({ values }) => mean([...values].map((v) => v * v)));
      } else {
        const order = orders[i]?.[k - 1] as number[];
        errors[i * permutations + k - 1] = errorsOf(stills[i] as Traced, traced, order, names);
      }
    }
  } finally {
    reader.close();
  }
  const over = (values: readonly number[]) => ({
    ...{ value: mean(values), n: values.length, se: errorOver(values, permutations) },
  });
  return names.flatMap((_, layer): EquivarianceRow[] => {
    const at = { layer, material, split };
    const sizes = squares.map((all) => Math.sqrt(all[layer] as number));
    return [
      { metric: "equivariance_error", ...over(errors.map(({ all }) => all[layer] as number)), at },
      { metric: "invariance_error", ...over(errors.map(({ last }) => last[layer] as number)), at },
      { metric: "state_rms", ...meanWithError(sizes), at },
    ];
  });
}

/** Where each token comes from: those between the fixed ones and the last are permuted, and not all stay. */
function permutationOf({ tokens, fixed }: Followed, rng: Rng): number[] {
  const last = tokens.length - 1;
  const places = Array.from({ length: last - fixed }, (_, i) => fixed + i);
  let moved = shuffled(places, rng);
  while (moved.every((from, i) => from === places[i])) moved = shuffled(places, rng);
  return [...Array.from({ length: fixed }, (_, i) => i), ...moved, last];
}

const statesOf = ({ activations }: Traced, names: readonly string[]): Activation[] =>
  names.map((name) => activations[name] as Activation);

function errorsOf(still: Traced, moved: Traced, order: readonly number[], names: readonly string[]): Errors {
  const errors: Errors = { all: [], last: [] };
  const before = statesOf(still, names);
  for (const [layer, { shape, values }] of statesOf(moved, names).entries()) {
    const C = shape[1] as number;
    const own = (before[layer] as Activation).values;
    const distances = order.map((from, t) => {
      let most = 0;
      for (let c = 0; c < C; c++)
        most = Math.max(most, Math.abs((values[t * C + c] as number) - (own[from * C + c] as number)));
      return most;
    });
    errors.all.push(Math.max(...distances));
    errors.last.push(distances.at(-1) as number);
  }
  return errors;
}
