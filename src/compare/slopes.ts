/**
 * Whether training had ended: how far the validation loss still fell over the last fifth of the
 * steps, beside its spread over seeds.
 *
 * Where it fell by more than that, more steps would change the comparison more than another seed.
 */
import { mean, meanWithError } from "../tensor/numbers.ts";

/** Validation losses of a run: steps, and nats. */
export type Validations = readonly (readonly [step: number, loss: number])[];

/** A condition's. */
export interface Slope {
  /** Mean loss after the last fifth less that before it, nats: below 0 it still fell. */
  readonly change: number;
  /** Standard deviation of the last loss over seeds. */
  readonly sd: number;
  /** Whether the change is larger than the spread. */
  readonly isSteep: boolean;
  readonly last: number;
  readonly n: number;
}

/**
 * @param runs of one condition, a run a seed
 * @returns undefined below two seeds, or where a run has fewer than two validations
 * @example
 * const falling = [[80, 0.9], [100, 0.7]] as const;
 * const lower = [[80, 0.91], [100, 0.72]] as const;
 * assert.equal(slopeOf([falling, lower])?.isSteep, true);
 */
export function slopeOf(runs: readonly Validations[]): Slope | undefined {
  const ends = runs.map((losses) => {
    const last = losses.at(-1);
    const before = losses.filter(([step]) => last !== undefined && step <= 0.8 * last[0]).at(-1);
    return last === undefined || before === undefined
      ? undefined
      : { last: last[1], change: last[1] - before[1] };
  });
  const known = ends.filter((end) => end !== undefined);
  const { value: last, se, n } = meanWithError(known.map((end) => end.last));
  if (se === null || known.length < runs.length) return undefined;
  const [change, sd] = [mean(known.map((end) => end.change)), se * Math.sqrt(n)];
  return { change, sd, isSteep: Math.abs(change) > sd, last, n };
}
