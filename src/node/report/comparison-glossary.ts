/** The words of a comparison that a reader may not know. */

export const COMPARISON_GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    "Paired difference",
    "The difference of two conditions within a seed, averaged over the seeds that both have. What a seed does to both alike is no part of it.",
  ],
  [
    "p (Holm)",
    "How often conditions that do not differ would show so large a difference, corrected for the number of comparisons: the chance of one false difference or more is 5% at most.",
  ],
  [
    "The same within",
    "Two one-sided tests show that the difference is smaller than the margin that was given. Not different is less than that: too few seeds may hide a difference.",
  ],
  [
    "Undecided",
    "Neither a difference nor its absence was shown. A difference of the size that is named would be found in four of five such experiments; a smaller one may be missed.",
  ],
  ["Tied", "Letters mark runs of neighbours, by their means, in which no two were shown to differ."],
  [
    "Place",
    "Of the places that a condition may have, the first comes after all that were shown to be better, the last before all that were shown to be worse.",
  ],
  [
    "Floor",
    "The loss of a perfect model, which reads every word where it stands and knows the rules, not what comes next. Known exactly of the little world “who” and of tasks, of no corpus.",
  ],
  [
    "P(success)",
    "The share of trainings that reach a threshold, with the exact interval of Clopper and Pearson: of trainings that either solve a task or do not, a mean describes none.",
  ],
];
