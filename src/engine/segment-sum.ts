/**
 * UnsortedSegmentSum over plain arrays: out[s] = Σ over rows r with ids[r] = s of x[r].
 *
 * It is the gradient of `gather`, so every embedding needs it. tfjs 4.22 has no such kernel for
 * wasm (tfjs #8082), and its cpu kernel makes one mask of the whole input for each segment.
 */

/**
 * Adds row r of `x` (rows of `width` numbers) to row `ids[r]` of `out`; ids outside [0, segments)
 * are dropped.
 */
export function addSegments(
  x: Float32Array | Int32Array,
  ids: Int32Array,
  out: Float32Array | Int32Array,
  width: number,
): void {
  const segments = width === 0 ? 0 : out.length / width;
  for (let row = 0; row < ids.length; row++) {
    const segment = ids[row] as number; // row < length
    if (segment < 0 || segment >= segments) continue; // TensorFlow drops negative ids, and so do the tfjs kernels
    const from = row * width;
    const to = segment * width;
    for (let i = 0; i < width; i++) out[to + i] = (out[to + i] as number) + (x[from + i] as number);
  }
}
