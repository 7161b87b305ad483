/** How far past L_max the mean loss stays what it was. */

/**
 * k* = max{k : NLL(L + k) ≤ NLL(L) + ε}; at most the length that was measured, less L; null where
 * NLL(L) was not measured.
 */
export function headroomOf(losses: readonly number[], context: number, tolerance: number): number | null {
  let [sum, measured, furthest] = [0, 0, 0];
  let atContext = Number.NaN;
  losses.forEach((loss, position) => {
    const tokens = position + 1;
    const known = !Number.isNaN(loss); // else nothing was masked at this position
    if (known) {
      sum += loss;
      measured++;
    }
    if (tokens === context) atContext = sum / measured;
    if (known && tokens > context && sum / measured <= atContext + tolerance) furthest = tokens - context;
  });
  return Number.isNaN(atContext) ? null : furthest;
}
