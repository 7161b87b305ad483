/**
 * One number for how far answers carry, from the exact match EM at the sizes that were tested; L is
 * the most that fits in training:
 *
 *     exact_match_past   mean EM of the sizes in (L, 2L], each size alike
 *     success_at_2l      1 where EM at 2L reaches the threshold, else 0. Over seeds its mean is P(success): at such lengths EM tends to be
 *                        near 1 or near 0, and a mean EM of one half tells no run (arXiv:2502.17356)
 *     effective_length   the longest size with EM at the threshold or above at it and at every smaller one (Hsieh et al. 2024, RULER)
 */
import { mean, meanWithError } from "../tensor/numbers.ts";
import type { MeasurementSite, Metric, Row } from "./probe.ts";

export const SUMMARY_METRICS = {
  exact_match_past: {
    title: "exact match past L_max",
    unit: "accuracy",
    better: "higher",
    meaning:
      "Mean exact match over the sizes that were tested past the most that fits in training, up to twice as many; each size counts alike.",
  },
  success_at_2l: {
    title: "success at 2·L_max",
    unit: "accuracy",
    better: "higher",
    meaning:
      "1 where exact match at twice the most that fits in training reaches the threshold, else 0; the mean over seeds is the probability of success.",
    success: true,
  },
  effective_length: {
    title: "effective length",
    unit: "items or tokens",
    better: "higher",
    meaning: "The longest size at which, and at all smaller ones tested, exact match reaches the threshold.",
    missing: { lies: "below", means: "at no size" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

interface Asked {
  readonly longest: number;
  readonly threshold: number;
  readonly beyond: string;
  place(size: number): MeasurementSite;
}

/** @param matches outcomes by size, smaller sizes first */
export function summaryRows(
  matches: readonly { readonly size: number; readonly right: readonly boolean[] }[],
  { longest, threshold, place, beyond }: Asked,
): Row<keyof typeof SUMMARY_METRICS>[] {
  const measured = matches.map(({ size, right }) => ({ size, ...meanWithError(right.map(Number)) }));
  const past = measured.filter(({ size }) => size > longest && size <= 2 * longest);
  const twice = measured.find(({ size }) => size === 2 * longest);
  const failing = measured.findIndex(({ value }) => value < threshold);
  const mastered = failing < 0 ? measured : measured.slice(0, failing);
  const at = { ...place(2 * longest), beyond };
  return [
    ...(past.length === 0
      ? []
      : [
          {
            metric: "exact_match_past" as const,
            value: mean(past.map(({ value }) => value)),
            n: past.reduce((sum, { n }) => sum + n, 0),
            se: meanError(past.map(({ se }) => se)),
            at,
          },
        ]),
    ...(twice === undefined
      ? []
      : [
          {
            metric: "success_at_2l" as const,
            value: twice.value >= threshold ? 1 : 0,
            n: twice.n,
            se: null,
            at: { ...at, threshold },
          },
        ]),
    {
      metric: "effective_length",
      value: mastered.at(-1)?.size ?? null,
      n: measured.length,
      se: null,
      at: { ...place(longest), beyond, threshold },
    },
  ];
}

/** Of a mean of independent means. */
function meanError(errors: readonly (number | null)[]): number | null {
  if (errors.some((se) => se === null)) return null;
  return Math.hypot(...(errors as number[])) / errors.length;
}
