/**
 * The learning rate over a run: linear warm-up, then half a cosine down to a tenth (Loshchilov and
 * Hutter 2017, equation 5).
 */
import type { TrainConfig } from "./config.ts";

const FLOOR = 0.1;

/** The learning rate of step `step`, from 0. */
export function learningRateAt(
  step: number,
  { learningRate, warmup, steps }: Pick<TrainConfig, "learningRate" | "warmup" | "steps">,
): number {
  if (step < warmup) return (learningRate * (step + 1)) / (warmup + 1);
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
