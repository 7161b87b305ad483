/** What the metrics of the probe `windows` say. */
import type { Metric } from "./probe.ts";

export const WINDOW_METRICS = {
  window_nll: {
    title: "loss in windows",
    unit: "nats",
    better: "lower",
    meaning:
      "Mean loss of all tokens of a text that is read in windows of one length: side by side where the stride is the length, else sliding, with only the new tokens of each window scored.",
  },
  early_token_cost: {
    title: "early-token cost",
    unit: "nats",
    better: "neither",
    meaning:
      "How much of the loss in windows side by side comes from tokens early in a window: that loss less the loss of the same tokens in sliding windows of the same length.",
  },
  matched_nll: {
    title: "context-matched loss",
    unit: "nats",
    better: "lower",
    meaning:
      "Mean loss of the same tokens, each read with as many tokens of context as its length says: only the use of more context can lower it.",
  },
  lsd: {
    title: "long-short difference",
    unit: "nats",
    better: "higher",
    meaning:
      "How much likelier, in nats, a token is with the long context than with the short one (from): below 0 where more context does harm.",
  },
  key_share: {
    title: "key tokens",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of tokens that the long context makes likelier by more than 2 nats, and that are not unlikely with it (log p above −2).",
  },
  long_ppl: {
    title: "LongPPL",
    unit: "perplexity",
    better: "lower",
    meaning:
      "Perplexity with the long context on the key tokens alone, which the model itself picks; – where there is none.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
