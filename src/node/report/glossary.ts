/** The words that a reader of the report may not know, and the commands that make it again. */

/** What each metric of the probes means, where it is printed and in the glossary of the page. */
export const METRICS = {
  swap_accuracy:
    "A story and its swap, “dog bites man” and “man bites dog”, have the same words. The model is right where it finds the answer likelier after the order that makes it true than after the swap. A tie counts one half, so a model blind to order gets 50%.",
  swap_score:
    "How much likelier the right answer is, in nats, after the story that makes it true than after its swap; 0 in a model blind to order.",
  answer_nll: "−ln of the probability of the right answer; 0 is certainty.",
  answer_accuracy: "How often the right answer is the likeliest word of all.",
  hidden_distance:
    "1 − cos of the angle between the hidden states of the last token in a story and in its swap: 0 if the layer cannot tell them apart.",
  prefix_shuffle_delta_nll:
    "How much worse the right answer fares, in nats, when the words before the last token are put in random order; 0 where order played no part.",
  prefix_shuffle_js:
    "How far that shuffle moves the distribution of the next token (Jensen-Shannon), in bits: 0 not at all, 1 to other tokens altogether.",
  nll: "Mean loss at a position, in nats: −ln of the probability of the token that came. Ranges of positions are averaged.",
  story_accuracy:
    "How often the right answer is the likeliest word, at the end of a context of so many tokens.",
  headroom:
    "The most tokens k past L_max at which the mean loss over the first L_max + k positions is still that over the first L_max, give or take 0.02 nats.",
  row_coverage:
    "The share of a table's rows that some batch of training gave a gradient; the others are as they were drawn.",
  dead_rows: "A run of rows, from … to, that no batch of training gave a gradient.",
  exact_match:
    "The share of problems whose whole answer, end sign included, the model writes, taking the likeliest token at each step.",
  exact_match_at_depth: "exact_match by where in the input the item lies that is asked for.",
  chance: "How often the best guess is right that knows the number of items and nothing else.",
  order_blind: "How often the best guess is right that knows all words of the problem but not their order.",
  l50: "The first number of items, past the most that fit in training, at which fewer than half of the problems are right; – if there was none.",
} as const;

/** What says where a measurement was taken. */
export const PLACES: Readonly<Record<string, string>> = {
  split: "heldout was never trained on, longer is past all that fits in training",
  layer: "0 is the embedding, then each block",
  inverted: "share of word pairs that the shuffle inverts",
  length: "tokens in the context",
  items: "items in the problem's input",
  depth: "where the item lies, 0 first, 1 last",
  position: "of the token that is predicted, from 0",
  beyond: "policy for positions past L_max, contiguous where the encoding defines them all",
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
  ["Swap accuracy", METRICS.swap_accuracy],
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
  ["Hidden-state distance", METRICS.hidden_distance],
  ["Headroom", METRICS.headroom],
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
