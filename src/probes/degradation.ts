/** How much worse a model predicts with longer contexts: a ratio of perplexities, and how sure it is. */
import { ratioWithError } from "../tensor/numbers.ts";
import type { ContextLosses } from "./long-context.ts";

/** Σ of losses over some positions of each context, and of their weights. */
export interface LossSums {
  readonly sums: readonly number[];
  readonly counts: readonly number[];
}

/** The losses of each context at the positions from … to − 1, added up. */
export function sumsBetween(contexts: readonly ContextLosses[], from: number, to: number): LossSums {
  const sums = contexts.map(({ nll, weights }) => {
    let sum = 0;
    for (let t = from; t < to; t++) sum += (nll[t] as number) * (weights[t] as number);
    return sum;
  });
  const counts = contexts.map(({ weights }) =>
    weights.subarray(from, to).reduce((sum, weight) => sum + weight, 0),
  );
  return { sums, counts };
}

export interface Degradation {
  /** Null where one of the means is not known. */
  readonly value: number | null;
  readonly n: number;
  readonly se: number | null;
}

/**
 * PPL(long)/PPL(short) = exp(mean of the one − mean of the other).
 *
 * @param paired whether both are of the same contexts, in the same order: then what makes a context
 *   hard is in both and cancels
 */
export function degradationOf(short: LossSums, long: LossSums, paired: boolean): Degradation {
  const [a, b] = [short, long].map(({ sums, counts }) => ratioWithError(sums, counts));
  const n = Math.min(a?.n ?? 0, b?.n ?? 0);
  const value = Math.exp((b?.value ?? Number.NaN) - (a?.value ?? Number.NaN));
  if (Number.isNaN(value)) return { value: null, n, se: null };
  const apart = n < 2 ? null : Math.hypot(a?.se ?? 0, b?.se ?? 0);
  const se = paired && n > 1 ? pairedError(short, long) : apart;
  return { value, n, se: se === null ? null : value * se }; // d exp(x) = exp(x) dx
}

/**
 * The standard error of the difference of two ratios of the same cases: that of the difference of
 * their residuals.
 */
function pairedError(short: LossSums, long: LossSums): number {
  const [a, b] = [residuals(short), residuals(long)];
  const n = a.length;
  const squares = a.reduce((sum, one, i) => sum + ((b[i] as number) - one) ** 2, 0);
  return Math.sqrt(squares / (n - 1) / n);
}

function residuals({ sums, counts }: LossSums): number[] {
  const { value, n } = ratioWithError(sums, counts);
  const mean = counts.reduce((sum, count) => sum + count, 0) / n;
  return sums.map((sum, i) => (sum - value * (counts[i] as number)) / mean);
}
