/**
 * Number types of a safetensors file, read into the two that tfjs computes with.
 *
 * One rule: a value is read exactly or the file is refused. Every F16 and BF16 is a float32; an F64
 * is read when float32 holds its value (or it is a NaN, whose payload is then lost); integers, and
 * booleans as 0 and 1, when int32 does. Writing is the mirror image. F32, F16 and BF16 go through
 * their bits, never through a JavaScript number, so that NaN payloads survive both ways. Bytes are
 * little-endian, as are all machines that tfjs-node is built for.
 */
import { narrow, widenHalf } from "./half-floats.ts";
import { freshMemory, type ReusedMemory } from "./reused-memory.ts";

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
 * @param bytes from the beginning of a buffer on, which the result keeps where it is of F32 or I32
 * @throws RangeError for a value that float32 or int32 does not hold
 */
export function fromBytes(
  dtype: Dtype,
  { buffer, byteLength }: Uint8Array<ArrayBuffer>,
  memory: ReusedMemory = freshMemory,
): TensorData {
  const count = byteLength / dtypeBytes(dtype);
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, 0, count);
    case "I32":
      return new Int32Array(buffer, 0, count);
    case "F16":
      return widened(new Uint16Array(buffer, 0, count), memory, widenHalf);
    case "BF16":
      return widenedBrain(new Uint16Array(buffer, 0, count), memory);
    case "F64":
      return converted(new Float64Array(buffer, 0, count), Float32Array, (value) =>
        exactly(dtype, value, Math.fround(value)),
      );
    case "I64":
      return converted(new BigInt64Array(buffer, 0, count), Int32Array, (value) =>
        exactInteger(dtype, value),
      );
    case "U64":
      return converted(new BigUint64Array(buffer, 0, count), Int32Array, (value) =>
        exactInteger(dtype, value),
      );
    default:
      return converted(smallIntegers(dtype, buffer, count), Int32Array, (value) =>
        exactly(dtype, value, value | 0),
      );
  }
}

/**
 * What `from` of a typed array does, without the list of boxed values that it makes on the way,
 * several times the file.
 */
function converted<V, R extends Float32Array | Int32Array>(
  source: ArrayLike<V>,
  Target: new (length: number) => R,
  convert: (value: V) => number,
): R {
  const target = new Target(source.length);
  for (let i = 0; i < source.length; i++) target[i] = convert(source[i] as V); // i runs over the source
  return target;
}

function widened(source: Uint16Array, memory: ReusedMemory, widen: (bits: number) => number): Float32Array {
  const { buffer } = memory.bytes(4 * source.length);
  const bits = new Uint32Array(buffer, 0, source.length);
  for (let i = 0; i < source.length; i++) bits[i] = widen(source[i] as number);
  return new Float32Array(buffer, 0, source.length);
}

/** A loop of its own, as most models are stored so: it takes half the time of `widened`. */
function widenedBrain(source: Uint16Array, memory: ReusedMemory): Float32Array {
  const { buffer } = memory.bytes(4 * source.length);
  const bits = new Uint32Array(buffer, 0, source.length);
  for (let i = 0; i < source.length; i++) bits[i] = (source[i] as number) << 16;
  return new Float32Array(buffer, 0, source.length);
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

function smallIntegers(
  dtype: Dtype,
  buffer: ArrayBuffer,
  count: number,
): ArrayLike<number> & Iterable<number> {
  if (dtype === "U32") return new Uint32Array(buffer, 0, count);
  if (dtype === "U16") return new Uint16Array(buffer, 0, count);
  if (dtype === "I16") return new Int16Array(buffer, 0, count);
  if (dtype === "I8") return new Int8Array(buffer, 0, count);
  const bytes = new Uint8Array(buffer, 0, count);
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
