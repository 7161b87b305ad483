/** The words that a reader of the report may not know, and the commands that make it again. */

export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    "L_max",
    "The number of tokens in a training window (`model.context`). The model never saw a token at a later position while it learned.",
  ],
  [
    "Loss, NLL in nats",
    "Negative log-likelihood: −ln of the probability that the model gave to the token that came. 0 is certainty; guessing evenly among V tokens costs ln V, so 0.69 nats is a coin toss.",
  ],
  [
    "Swap accuracy",
    "A story and its swap, “dog bites man” and “man bites dog”, have the same words. The model is right where it finds the answer likelier after the order that makes it true than after the swap. A tie counts one half, so a model blind to order gets 50%.",
  ],
  [
    "Prefix shuffle",
    "The words before the question's last token are put in random order, the last token stays. ΔNLL is how much worse the true answer fares; 0 means that order played no part.",
  ],
  [
    "Jensen-Shannon divergence",
    "How far two distributions over the next token are apart, in bits: 0 if they are equal, 1 if they share no token.",
  ],
  [
    "Hidden-state distance",
    "1 − cos of the angle between the hidden states of the last token in a story and in its swap: 0 if the layer cannot tell them apart.",
  ],
  [
    "Headroom",
    "The most tokens k past L_max at which the mean loss over the first L_max + k positions is still that over the first L_max, give or take 0.02 nats.",
  ],
  [
    "Policy past L_max",
    "What a table without a row for a position does: clamp (its last row again), wrap (start over), zero (no vector), untrained (a random row), interpolate (squeeze positions into the table).",
  ],
];

/** Commands that make the report and its parts, with what each does. */
export const COMMANDS: readonly (readonly [command: string, does: string])[] = [
  ["npm start", "trains the four encodings, probes them and writes this page"],
  ["npm run -s train -- models/learned.json --seed 2", "one encoding, another seed"],
  ["npm run -s ablate -- models/*.json --seeds 5", "every encoding, five seeds, intervals"],
  ["npm run -s probe -- CHECKPOINT --probe order,length", "the probes alone, on a checkpoint"],
];
