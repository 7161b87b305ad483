/**
 * Safetensors, the file format of Hugging Face models: named arrays, to the byte as the
 * `safetensors` package 0.8.0 writes them. Tensors are sorted by type, widest first, then by name
 * in UTF-8 order; the header is padded with spaces to 8 bytes.
 *
 * Metadata are written in the order of their names: the package writes them in a random order,
 * which would make two equal checkpoints differ. Empty metadata are left out.
 */
import { InputError } from "../errors.ts";
import { joined } from "../tensor/joined.ts";
import type { ReusedMemory } from "./reused-memory.ts";
import {
  DTYPES,
  type Dtype,
  dtypeBytes,
  fromBytes,
  isFloatDtype,
  type TensorData,
  toBytes,
} from "./safetensors-dtypes.ts";
import { headerLength, PREFIX_BYTES, parseHeader, type TensorEntry } from "./safetensors-header.ts";
import { hasLoneSurrogate, quoted } from "./strict-json.ts";

/** An array as a file holds it. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Type in the file; in memory F… and BF16 are float32, integers and BOOL int32. */
  readonly dtype: Dtype;
  /** Row-major values, as many as the product of the shape. */
  readonly data: TensorData;
}

/** Contents of a file. Both records have no prototype: a tensor may be named `__proto__`. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file that is in memory; the result shares no memory with it.
 *
 * @param where names the file in error messages
 * @throws InputError for every file that is not valid, or holds values that float32 and int32 do not
 * @example
 * const bytes = encodeSafetensors({ w: { shape: [2], dtype: "F32", data: Float32Array.of(1, 2) } });
 * const { tensors } = decodeSafetensors(bytes, "model.safetensors");
 * assert.deepEqual(tensors.w?.shape, [2]);
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const length = headerLength(bytes.subarray(0, PREFIX_BYTES), bytes.length, where);
  const start = PREFIX_BYTES + length;
  const { entries, metadata } = parseHeader(bytes.subarray(PREFIX_BYTES, start), bytes.length - start, where);
  const tensors: Record<string, StoredTensor> = Object.create(null);
  for (const entry of entries) {
    const own = new Uint8Array(entry.end - entry.begin);
    own.set(bytes.subarray(start + entry.begin, start + entry.end));
    tensors[entry.name] = storedTensor(entry, own, where);
  }
  return { tensors, metadata };
}

/**
 * Turns the bytes of one entry into a tensor.
 *
 * @param bytes from the beginning of a buffer of their own on, which the tensor may keep
 * @param memory that a tensor of another type is made in
 * @throws InputError for a value that float32 or int32 does not hold
 */
export function storedTensor(
  entry: TensorEntry,
  bytes: Uint8Array<ArrayBuffer>,
  where: string,
  memory?: ReusedMemory,
): StoredTensor {
  const { name, dtype, shape } = entry;
  try {
    return { dtype, shape, data: fromBytes(dtype, bytes, memory) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const problem = `${where}: tensor ${quoted(name)}: ${cause.message}`;
    throw new InputError(`${problem}; convert the tensor to F32 or I32`, { cause });
  }
}

/**
 * The whole file as one array.
 *
 * @throws TypeError, RangeError as `safetensorsChunks`
 * @example
 * const bytes = encodeSafetensors({ w: { shape: [2], dtype: "F32", data: Float32Array.of(1, 2) } });
 * assert.ok(bytes instanceof Uint8Array);
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  return joined((length) => new Uint8Array(length), [...safetensorsChunks(tensors, metadata)]);
}

/**
 * The file piece by piece: the header, then each tensor's bytes, which for F32 and I32 are its own memory.
 *
 * @throws TypeError before the first piece when names, shapes and data do not fit together
 * @throws RangeError while writing, for a value that the dtype does not hold
 */
export function safetensorsChunks(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Iterable<Uint8Array> {
  const sorted = Object.entries(tensors).sort(fileOrder);
  const header = encodeHeader(sorted, metadata);
  return (function* () {
    yield header;
    for (const [, { dtype, data }] of sorted) yield toBytes(dtype, data);
  })();
}

type Named = readonly [name: string, tensor: StoredTensor];

function fileOrder([nameA, a]: Named, [nameB, b]: Named): number {
  return DTYPES.indexOf(a.dtype) - DTYPES.indexOf(b.dtype) || compareCodePoints(nameA, nameB);
}

/** The order of UTF-8 bytes, which is that of code points and not that of JavaScript's UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  const isLow = (a.charCodeAt(i) & 0xfc00) === 0xdc00 || (b.charCodeAt(i) & 0xfc00) === 0xdc00;
  const from = isLow && i > 0 && (a.charCodeAt(i - 1) & 0xfc00) === 0xd800 ? i - 1 : i;
  return (a.codePointAt(from) ?? -1) - (b.codePointAt(from) ?? -1);
}

function encodeHeader(sorted: readonly Named[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const fields: string[] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => compareCodePoints(a, b));
  for (const text of texts.flat()) checkText(text);
  const members = texts.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`);
  if (members.length > 0) fields.push(`"__metadata__":{${members.join(",")}}`);
  let end = 0;
  for (const [name, tensor] of sorted) {
    const begin = end;
    end += checkedBytes(name, tensor);
    const { dtype, shape } = tensor;
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(PREFIX_BYTES + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, PREFIX_BYTES);
  return header;
}

function checkedBytes(name: string, { shape, dtype, data }: StoredTensor): number {
  const where = `safetensors: tensor ${quoted(name)}`;
  checkText(name);
  if (name === "__metadata__") throw new TypeError(`${where}: the format keeps this name; choose another`);
  if (!DTYPES.includes(dtype)) {
    throw new TypeError(`${where}: dtype ${dtype} is not one of ${DTYPES.join(", ")}`);
  }
  const size = shape.reduce(
    (product, n) => (Number.isSafeInteger(n) && n >= 0 ? product * n : Number.NaN),
    1,
  );
  if (size !== data.length) {
    throw new TypeError(`${where}: ${data.length} values for shape (${shape}), expected ${size}`);
  }
  if (data instanceof Float32Array !== isFloatDtype(dtype)) {
    throw new TypeError(`${where}: dtype ${dtype} does not go with a ${data.constructor.name}`);
  }
  return data.length * dtypeBytes(dtype);
}

function checkText(text: string): void {
  if (typeof text === "string" && !hasLoneSurrogate(text)) return;
  throw new TypeError(`safetensors: ${quoted(String(text))} is not text that UTF-8 can hold`);
}
