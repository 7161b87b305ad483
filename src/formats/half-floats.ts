/** F16 and BF16 as bits, to and from those of float32, never through a number: payloads of NaN survive. */

/**
 * float32 bits of binary16 bits (IEEE 754-2008): exponent bias 15 becomes 127, 10 fraction bits
 * become 23.
 */
export function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // a subnormal half is a normal float32: move its first one to bit 10
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** Bits of F16 or BF16 that widen to the given float32 bits. */
export function narrow(dtype: "F16" | "BF16", bits: number, value: number): number {
  const candidate = dtype === "BF16" ? bits >>> 16 : halfBits(bits);
  const widened = dtype === "BF16" ? candidate << 16 : widenHalf(candidate);
  if (widened >>> 0 === bits) return candidate;
  throw new RangeError(`the value ${value} is not exactly ${dtype}`);
}

/** The half with the nearest smaller magnitude; out of range gives some half that does not widen back. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction >> 13);
  // 142 − 112 = 30 is the largest exponent; 103 is 2^−24, the least subnormal.
  if (exponent > 142 || exponent < 103) return sign;
  if (exponent > 112) return sign | ((exponent - 112) << 10) | (fraction >> 13);
  return sign | ((fraction | 0x800000) >> (126 - exponent)); // 113 − exponent places below the normal 13
}
