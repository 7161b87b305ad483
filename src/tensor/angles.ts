/**
 * Angles p·ω of positions, as good far out as near 0.
 *
 * A float32 product of p and ω is off by up to p·ω·2⁻²³: 0.06 radians at a million tokens. So p is
 * split at multiples of 512,
 *
 *     p = 512·m + r        p·ω ≡ r·ω + 2π·(m·τ mod 1)        τ = 512·ω/2π mod 1
 *
 * and τ, known in double precision, into nine binary digits, whose product with m < 2¹⁵ is exact,
 * and a rest below 2⁻¹⁰. Below 512 the second term is 0 and an angle is the plain product, to the
 * bit. Against double precision, angles are within 7e-5 up to a million and within 1.2e-4 up to
 * 2²⁴, where whole numbers end in float32.
 */
import { tf } from "./tf.ts";

const BLOCK = 512;
/**
 * The inverse of what a digit of τ is worth: BLOCK·DIGITS is 2²⁴ over the most blocks, so that
 * products stay whole.
 */
const DIGITS = 512;

/**
 * Angles in radians, reduced by whole turns from position 512 on.
 *
 * @param positions (T)
 * @param omega radians a position, of K waves, at most 1 each
 * @returns (T,K)
 */
export function anglesOf(positions: tf.Tensor1D, omega: readonly number[]): tf.Tensor2D {
  const row = (values: readonly number[]) => tf.tensor2d([...values], [1, values.length]);
  const turns = omega.map((w) => ((BLOCK * w) / (2 * Math.PI)) % 1); // τ
  const digits = turns.map((turn) => Math.round(turn * DIGITS) / DIGITS);
  const rest = turns.map((turn, k) => turn - (digits[k] as number));
  const p = tf.expandDims(positions, 1);
  const m = tf.floor(tf.div(p, BLOCK)); // (T,1)
  const near = tf.mul(tf.sub(p, tf.mul(m, BLOCK)), row(omega));
  const whole = tf.mul(m, row(digits));
  const fraction = tf.add(tf.sub(whole, tf.floor(whole)), tf.mul(m, row(rest)));
  return tf.add(near, tf.mul(2 * Math.PI, fraction)) as tf.Tensor2D; // (T,K)
}

/**
 * Which columns of R = 2·frequencies turn together: "halves" pairs k with k + R/2, "interleaved" 2k
 * with 2k + 1.
 */
export function pairsOf(frequencies: readonly number[], layout: "halves" | "interleaved") {
  const half = frequencies.length;
  return frequencies.map((frequency, k) => ({
    columns: (layout === "halves" ? [k, k + half] : [2 * k, 2 * k + 1]) as [number, number],
    frequency,
  }));
}
