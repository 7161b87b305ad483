/** The words that a reader of the report may not know, and the commands that make it again. */
import { metrics } from "../../probes/index.ts";

const meaningOf = (metric: string): string => metrics[metric]?.meaning ?? "";

/** What says where a measurement was taken. */
export const PLACES: Readonly<Record<string, string>> = {
  split:
    "heldout was never trained on, train was, longer is past all that fits in training, else the file that was given",
  layer: "of states: 0 is the embedding, then each block; of heads: the block, from 0",
  head: "of the block, from 0",
  inverted: "share of word pairs that the shuffle inverts",
  length: "tokens in the context",
  items: "items in the problem's input",
  words: "equal where both sentences have the same tokens, in another order",
  site: "resid_pre is the residual stream before a block, z a head's output, attn_out and mlp_out those of its two parts",
  token: "of the context, from 0",
  material: "pairs are stories and questions, windows running text",
  block: "tokens that a shuffle keeps together",
  permutations: "of each context",
  paradigm: "what the two sentences differ in",
  depth: "where the item lies, 0 first, 1 last",
  position: "of the token that is predicted, from 0",
  ablated: "what was taken out of the model in every pass",
  of: "what the accuracy is of",
  target: "the loss that is enough",
  until: "the last step that was asked",
  distance: "between two positions; of attention, how far the key lies before the query, negative after it",
  basis:
    "direct is straight from the embedding; by means, what a position's vectors have in common is of the position",
  within: "distances up to this one",
  offset: "positions added",
  table: "the encoding's vectors, or random ones of that size",
  fed: "what the model read: the text, the same with its first token replaced by a word, random words, random words twice, or one word repeated",
  type: "what such a head looks at",
  class: "of a kernel: local, slow or uniform",
  pair: "of columns that turn together, from the fastest, 0",
  omega: "radians that a pair turns a position",
  zeroed: "which pairs of columns are zero in every query and key",
  pairs: "how many",
  beyond: "policy for positions past L_max, contiguous where the encoding defines them all",
  from: "the first row or token, or the shorter length that is compared with",
  to: "the last row or token",
  scheme: "at which positions the tokens stand; contiguous is 0, 1, 2, …",
  policy: "what the encoding does at positions that it does not define",
  scaling: "how the encoding stretches its frequencies",
  state: "trained, or birth: at the initial parameters",
  share: "of the influence that lies within",
  stride: "tokens from the start of a window to the start of the next",
  threshold: "share of right answers from which on it counts as mastered",
  step: "updates of training after which the model was asked",
};

export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    "L_max",
    "The number of tokens in a training window (`model.context`). The model never saw a token at a later position while it learned.",
  ],
  [
    "Loss, NLL in nats",
    "Negative log-likelihood: −ln of the probability that the model gave to the token that came. 0 is certainty; guessing evenly among V tokens costs ln V, so 0.69 nats is a coin toss.",
  ],
  ["Swap accuracy", meaningOf("swap_accuracy")],
  [
    "Control",
    "A model that provably cannot know order: without positions, and either of one causal layer or bidirectional. Then every order of the words before the last gives the same prediction whatever the weights, so half of all swaps are right, exactly. Nothing is estimated, so there is no interval, and a bidirectional control need not be trained for long. In two or more causal layers the mask tells order: a token sees those before it alone.",
  ],
  [
    "Floor",
    "The loss of a perfect model of these stories, computed from their rules: which nouns, which verb, which voice and which question comes first nobody can know, and all the rest, the answers included, follows. No model does better but by luck.",
  ],
  [
    "Prefix shuffle",
    "The words before the question's last token are put in random order, the last token stays. ΔNLL is how much worse the true answer fares; 0 means that order played no part.",
  ],
  [
    "Jensen-Shannon divergence",
    "How far two distributions over the next token are apart, in bits: 0 if they are equal, 1 if they share no token.",
  ],
  ["Hidden-state distance", meaningOf("hidden_distance")],
  ["Headroom", meaningOf("headroom")],
  [
    "Policy past L_max",
    "What a table without a row for a position does: clamp (its last row again), wrap (start over), zero (no vector), untrained (a random row), interpolate (squeeze positions into the table).",
  ],
];

/** Commands that make the report and its parts, with what each does. */
export const COMMANDS: readonly (readonly [command: string, does: string])[] = [
  ["npm start", "trains the presets of this page, probes them and writes it"],
  ["npm run -s train -- models/rope.json", "one encoding; the folder has a preset for each"],
  ["npm start -- --seed 2", "the same page of another seed: one seed is an anecdote"],
  ["npm run -s probe -- CHECKPOINT --probe order,length", "the probes alone, on a checkpoint"],
  ['npm run -s probe -- CHECKPOINT --pair "dog bites man" "man bites dog"', "any two sentences side by side"],
];
