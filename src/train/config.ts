/** The fields of `train` in a preset. */
import { z } from "zod";
import { contiguous, schemeSchema } from "../model/positions.ts";

/** Of steps; random numbers of a step take it as an int32. */
export const MOST_STEPS = 2 ** 31 - 1;
/** Of contexts a step. */
export const MOST_BATCH = 65_536;

const step = z.int().positive().max(MOST_STEPS);

/**
 * Fields of `train` in a preset, each with its default.
 *
 * @example
 * assert.equal(trainSchema.parse({}).optimizer, "adamw");
 */
export const trainSchema = z.strictObject({
  steps: step.default(1500),
  /** Contexts a step. */
  batch: z.int().positive().max(MOST_BATCH).default(64),
  /** Highest learning rate of the schedule. */
  learningRate: z.number().positive().max(1e30).default(3e-3), // float32 holds it; what diverges says so
  /** Steps of linear warm-up. */
  warmup: z.int().min(0).max(MOST_STEPS).default(50),
  optimizer: z.enum(["adamw"]).default("adamw"),
  /** AdamW's β₁ and β₂: how much of the moments before stays. */
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.99),
  /** AdamW's ε, added to the root of the second moment. */
  epsilon: z.number().positive().max(1).default(1e-8),
  weightDecay: z.number().min(0).max(1000).default(0.1),
  /** Largest global norm of the gradient. */
  clip: z.number().positive().max(1e12).default(1),
  objective: z.enum(["causal", "masked"]).default("causal"),
  /**
   * Of the operands of products of matrices in training steps; weights, norms, softmax, moments and,
   * where attention is a kernel of the engine's, attention are float32. bfloat16 needs the native
   * engine.
   */
  precision: z.enum(["float32", "bfloat16"]).default("float32"),
  /** Which positions contexts stand at in training; `randomized` is Ruoss et al. 2023. */
  positions: schemeSchema.default(contiguous),
  /** Steps between validations. */
  evalEvery: step.default(100),
  /** Batches of a validation, the same each time: 256 contexts at the defaults. */
  evalBatches: z.int().positive().max(65_536).default(4),
  /** Steps between checkpoints. */
  saveEvery: step.default(500),
  /**
   * Steps that stay on the disk: all; the last; it and the best by validation; both and each 1, 2,
   * 4, 8, … saves.
   */
  keep: z.enum(["all", "last", "best", "powers"]).default("all"),
});

/** The fields of `train` in a preset, with every default filled in. */
export type TrainConfig = z.output<typeof trainSchema>;
