/**
 * Number types of a safetensors file, read into the two that tfjs computes with.
 *
 * One rule: a value is read exactly or the file is refused. Every F16 and BF16 is a float32; an F64
 * is read when float32 holds its value (or it is a NaN, whose payload is then lost); integers, and
 * booleans as 0 and 1, when int32 does. Writing is the mirror image. F32, F16 and BF16 go through
 * their bits, never through a JavaScript number, so that NaN payloads survive both ways. Bytes are
 * little-endian, as are all machines that tfjs-node is built for.
 */

/**
 * Names of the readable types in the order in which the `safetensors` package sorts tensors, first
 * in the file first.
 */
export const DTYPES = [
  "U64",
  "I64",
  "F64",
  "F32",
  "U32",
  "I32",
  "BF16",
  "F16",
  "U16",
  "I16",
  "I8",
  "U8",
  "BOOL",
] as const;

export type Dtype = (typeof DTYPES)[number];

/** Values in memory: float32 for the floating types, int32 for integers and booleans. */
export type TensorData = Float32Array | Int32Array;

/** Bytes of one value in the file. */
export function dtypeBytes(dtype: Dtype): number {
  if (dtype === "BOOL") return 1;
  return Number(dtype.replace(/^[A-Z]+/, "")) / 8;
}

/** Whether values of a type are held in a Float32Array. */
export function isFloatDtype(dtype: Dtype): boolean {
  return dtype === "F64" || dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

/**
 * Values of a tensor's bytes.
 *
 * @param bytes a whole ArrayBuffer of its own, which the result may keep
 * @throws RangeError for a value that float32 or int32 does not hold
 */
export function fromBytes(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): TensorData {
  const { buffer } = bytes;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "F16":
      return new Float32Array(converted(new Uint16Array(buffer), Uint32Array, widenHalf).buffer);
    case "BF16":
      return widenBrain(new Uint16Array(buffer));
    case "F64":
      return converted(new Float64Array(buffer), Float32Array, (value) =>
        exactly(dtype, value, Math.fround(value)),
      );
    case "I64":
      return converted(new BigInt64Array(buffer), Int32Array, (value) => exactInteger(dtype, value));
    case "U64":
      return converted(new BigUint64Array(buffer), Int32Array, (value) => exactInteger(dtype, value));
    default:
      return converted(smallIntegers(dtype, buffer), Int32Array, (value) => exactly(dtype, value, value | 0));
  }
}

/**
 * What `from` of a typed array does, without the list of boxed values that it makes on the way,
 * several times the file.
 */
function converted<V, R extends Float32Array | Int32Array | Uint32Array>(
  source: ArrayLike<V>,
  Target: new (length: number) => R,
  convert: (value: V) => number,
): R {
  const target = new Target(source.length);
  for (let i = 0; i < source.length; i++) target[i] = convert(source[i] as V); // i runs over the source
  return target;
}

/** A loop of its own, as most models are stored so: it takes half the time of `converted`. */
function widenBrain(source: Uint16Array): Float32Array {
  const bits = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

/**
 * Bytes of a tensor's values; for F32 and I32 a view of them, not a copy.
 *
 * @throws RangeError for a value that the type does not hold
 */
export function toBytes(dtype: Dtype, data: TensorData): Uint8Array {
  const target = emptyArray(dtype, data);
  if (target === data) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (const [i, value] of data.entries()) {
    if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
      target[i] = BigInt(value);
      exactly(dtype, value, Number(target[i]));
    } else if (dtype === "F16" || dtype === "BF16") {
      target[i] = narrow(dtype, bits[i] as number, value); // i runs over the same length
    } else {
      target[i] = value;
      exactly(dtype, value, target[i] as number);
    }
  }
  if (dtype === "BOOL") for (const value of data) exactBoolean(value);
  return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
}

function smallIntegers(dtype: Dtype, buffer: ArrayBuffer): ArrayLike<number> & Iterable<number> {
  if (dtype === "U32") return new Uint32Array(buffer);
  if (dtype === "U16") return new Uint16Array(buffer);
  if (dtype === "I16") return new Int16Array(buffer);
  if (dtype === "I8") return new Int8Array(buffer);
  const bytes = new Uint8Array(buffer);
  if (dtype === "BOOL") for (const value of bytes) exactBoolean(value);
  return bytes;
}

function emptyArray(dtype: Dtype, data: TensorData) {
  const n = data.length;
  if (dtype === "F32" || dtype === "I32") return data;
  if (dtype === "F64") return new Float64Array(n);
  if (dtype === "I64") return new BigInt64Array(n);
  if (dtype === "U64") return new BigUint64Array(n);
  if (dtype === "U32") return new Uint32Array(n);
  if (dtype === "I16") return new Int16Array(n);
  if (dtype === "I8") return new Int8Array(n);
  return dtypeBytes(dtype) === 2 ? new Uint16Array(n) : new Uint8Array(n); // F16, BF16, U16; U8, BOOL
}

function exactly(dtype: Dtype, value: number, converted: number): number {
  if (converted === value || Number.isNaN(value)) return converted;
  throw new RangeError(`the ${dtype} value ${value} cannot be converted exactly`);
}

function exactInteger(dtype: Dtype, value: bigint): number {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  throw new RangeError(`the ${dtype} value ${value} does not fit 32 bits`);
}

function exactBoolean(value: number): void {
  if (value !== 0 && value !== 1) throw new RangeError(`the BOOL value ${value} is neither 0 nor 1`);
}

/**
 * float32 bits of binary16 bits (IEEE 754-2008): exponent bias 15 becomes 127, 10 fraction bits
 * become 23.
 */
function widenHalf(half: number): number {
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
function narrow(dtype: "F16" | "BF16", bits: number, value: number): number {
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
  if (exponent > 142 || exponent < 103) return sign; // 142 − 112 = 30 is the largest; 103 is 2^−24, the least subnormal
  if (exponent > 112) return sign | ((exponent - 112) << 10) | (fraction >> 13);
  return sign | ((fraction | 0x800000) >> (126 - exponent)); // 113 − exponent places below the normal 13
}
