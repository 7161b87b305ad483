/** What the metrics of the probe `positions` say. */
import type { Metric } from "./probe.ts";

export const POSITION_METRICS = {
  gram_toeplitz_r2: {
    title: "Toeplitz R²",
    unit: "R²",
    better: "neither",
    meaning:
      "Of the variance of p_i·p_j over all i and j, the share that i − j explains. At 1, the vectors say how far apart two positions are and not where they lie. The rows of a random table get a high share from i = j alone: compare with that.",
    null: { value: 1, of: "sinusoidal positions of even width" },
  },
  gram_toeplitz_off_diagonal: {
    title: "Toeplitz R², i ≠ j",
    unit: "R²",
    better: "neither",
    meaning: "The same without the pairs of a position with itself.",
    null: { value: 1, of: "sinusoidal positions of even width" },
  },
  gram_monotonicity: {
    title: "monotonicity",
    unit: "ρ",
    better: "neither",
    meaning:
      "Spearman's correlation of −distance and the mean of p_i·p_j at that distance, up to a distance: 1 where nearer positions are always more alike.",
  },
  gram_dimensions: {
    title: "effective dimensions",
    unit: "dimensions",
    better: "neither",
    meaning:
      "How many directions the position vectors use: (Σλ)²/Σλ² over the eigenvalues λ of their covariance.",
  },
  row_cosine: {
    title: "cosine of rows",
    unit: "cos",
    better: "neither",
    meaning: "Mean cosine of two position vectors at a distance, their mean vector taken out first.",
  },
  head_toeplitz_r2: {
    title: "Toeplitz R² of a head",
    unit: "R²",
    better: "neither",
    meaning:
      "The Toeplitz R² of P·W_Q·W_Kᵀ·Pᵀ: how far a head's scores between positions depend on their distance alone.",
  },
  head_asymmetry: {
    title: "asymmetry of a head",
    unit: "ratio",
    better: "neither",
    meaning:
      "‖G − Gᵀ‖/‖G‖ of the same matrix: 0 where a head treats left and right alike, √2 where the two have nothing in common.",
  },
  shift_identity_error: {
    title: "error of R_Δ",
    unit: "ratio",
    better: "lower",
    meaning:
      "The shift identity: the largest entry of R_Δ·p_i − p_(i+Δ), over the largest entry of p; float32 leaves some 1e-6.",
    null: { value: 0, of: "sinusoidal positions of even width" },
  },
  linear_shift_error: {
    title: "error of the best linear map",
    unit: "1 − R²",
    better: "lower",
    meaning:
      "One linear map for all i that takes p_i to p_(i+Δ), fitted on even i and tested on odd i: the variance it leaves unexplained. 0 is a shift that is linear, 1 no better than always the mean vector, which is what random rows get.",
  },
} as const satisfies Readonly<Record<string, Metric>>;
