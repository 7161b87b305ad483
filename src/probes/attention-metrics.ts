/** What the probe of attention measures, and the exact values that an even attention has. */
import type { Metric } from "./probe.ts";

const EVEN = "a model that attends evenly to all keys that it sees, such as one whose queries are zero";

export const METRICS = {
  attention_by_distance: {
    title: "attention by distance",
    unit: "weight",
    better: "neither",
    meaning:
      "The mean weight that a head gives to the key so many tokens before the query, over all queries that have one; negative distances are keys after it. Far distances are averaged in ranges.",
  },
  attention_over_even: {
    title: "attention by distance, over even",
    unit: "ratio",
    better: "neither",
    meaning: "The same, as a multiple of what attending evenly to all keys in sight would give.",
    null: { value: 1, of: EVEN },
  },
  mean_distance: {
    title: "mean distance",
    unit: "tokens",
    better: "neither",
    meaning: "How far a head looks: the mean distance from a query to its keys, weighed by attention.",
  },
  mean_distance_share: {
    title: "mean distance, share of the context",
    unit: "ratio",
    better: "neither",
    meaning:
      "The mean distance divided by the context's length; even causal attention in long contexts has 0.25.",
  },
  attention_entropy: {
    title: "entropy of attention",
    unit: "nats",
    better: "neither",
    meaning: "How widely a head spreads its attention: 0 is one key, ln N all of N keys alike.",
  },
  attention_entropy_share: {
    title: "entropy of attention, share of the most",
    unit: "ratio",
    better: "neither",
    meaning: "The entropy as a share of ln N, the most that N keys in sight allow.",
    null: { value: 1, of: EVEN },
  },
  first_token_attention: {
    title: "attention to the first token",
    unit: "weight",
    better: "neither",
    meaning:
      "The mean weight that queries after the first token give to it. A head that has nothing to look for often rests there: an attention sink.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
