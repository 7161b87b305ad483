/** What the metrics of `shuffles.ts` say. */
import type { Metric } from "./probe.ts";

const BLIND =
  "a model that is blind to order: bidirectional without positions, or one causal layer without them";

export const SHUFFLES_METRICS = {
  block_shuffle_delta_nll: {
    title: "block shuffle ΔNLL",
    unit: "nats",
    better: "neither",
    meaning:
      "How much worse the true next token fares, in nats, when blocks of so many tokens before the last one are put in another order. Blocks of one lose all order; longer ones keep what is near together.",
    null: { value: 0, of: BLIND },
  },
  confounded_shuffle_delta_nll: {
    title: "confounded shuffle ΔNLL",
    unit: "nats",
    better: "neither",
    meaning:
      "The same for single tokens with the last one among them. It mixes the loss of the order with that of the token that a causal model answers at, so it is above zero in a causal model that knows no order.",
  },
  query_moved_delta_nll: {
    title: "query moved ΔNLL",
    unit: "nats",
    better: "neither",
    meaning:
      "How much worse the true next token fares, in nats, when the last token trades places with one before it and the others stay: what losing the query costs by itself.",
  },
  confounded_gap: {
    title: "confounded gap",
    unit: "nats",
    better: "neither",
    meaning:
      "The confounded shuffle's ΔNLL less that of the shuffle that keeps the last token: the part that is no loss of order. Where it is near the cost of moving the query alone, the query is all of it.",
  },
  effective_order_range: {
    title: "effective order range",
    unit: "tokens",
    better: "neither",
    meaning:
      "The length of blocks that must stay whole for half of what shuffling single tokens costs to come back, between measured lengths on a log scale. Without a value where that cost is within two standard errors of zero.",
  },
  permutation_acceptance: {
    title: "permutation acceptance",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of permutations of the tokens before the last one that leave the likeliest next token what it was.",
    null: { value: 1, of: BLIND },
  },
  permutation_acceptance_any: {
    title: "permutation acceptance, any",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of contexts of which one permutation or more leaves the likeliest next token what it was.",
    null: { value: 1, of: BLIND },
  },
  permutation_acceptance_above_chance: {
    title: "permutation acceptance above chance",
    unit: "ratio",
    better: "neither",
    meaning: "The share of contexts whose share of accepted permutations is above chance.",
    null: { value: 1, of: `${BLIND}, where contexts differ in their likeliest token` },
  },
  permutation_acceptance_chance: {
    title: "permutation acceptance, chance",
    unit: "ratio",
    better: "neither",
    meaning: "How often two of the contexts have the same likeliest next token.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
