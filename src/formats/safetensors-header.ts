/**
 * The header of a safetensors file: which tensors it holds, and where.
 *
 *   bytes 0 … 7      N, the header's length, little-endian
 *   bytes 8 … 7+N    {"__metadata__": {name: text}, name: {"dtype": "F32", "shape": [2,3], "data_offsets": [0,24]}, …}
 *   the rest         data; offsets count from its start
 *
 * Everything is checked against the size of the file before memory is set aside or a byte of data
 * is read: tensors must tile the data without hole, overlap or rest, each as long as its shape and
 * type say. Where the format's own reader is lenient (a name given twice, white space before the
 * first brace) this one refuses; fields of a tensor beyond the three are ignored by both.
 *
 * Format: https://huggingface.co/docs/safetensors, "Format"; limits as in the `safetensors` package 0.8.0.
 */
import { InputError } from "../errors.ts";
import { DTYPES, type Dtype, dtypeBytes } from "./safetensors-dtypes.ts";
import { parseStrictJson, quoted, type StrictJson, type StrictObject } from "./strict-json.ts";

/** Bytes before the header. */
export const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";
const REMEDY = "the file is damaged or not a safetensors file: write or fetch it again";

/** Numbers of 8 bits and fewer, such as F8_E4M3. */
const SCALED = /^(F[468]|E\d|U?I[24])(_|$)/;
const SCALES = "numbers of 8 bits and fewer mean nothing without the scales of who quantized them";

/** One tensor of a file; offsets are bytes from the start of the data. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their data. */
  readonly entries: readonly TensorEntry[];
  /** Without a prototype, so that any name is safe. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Length of the header in bytes.
 *
 * @param prefix the first 8 bytes, or fewer if the file has fewer
 * @throws InputError when the file is too short, or the header longer than it or than 100 MB
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, where: string): number {
  if (fileBytes < PREFIX_BYTES || prefix.length < PREFIX_BYTES) {
    throw new InputError(`${where}: ${fileBytes} bytes, expected at least ${PREFIX_BYTES}; ${REMEDY}`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new InputError(`${where}: a header of ${length} bytes, more than ${MAX_HEADER_BYTES}; ${REMEDY}`);
  }
  if (Number(length) > fileBytes - PREFIX_BYTES) {
    throw new InputError(`${where}: a header of ${length} bytes in a file of ${fileBytes}; ${REMEDY}`);
  }
  return Number(length);
}

/**
 * Parses and checks a header.
 *
 * @param dataBytes length of what follows the header
 * @throws InputError when it is malformed or its tensors do not tile the data
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, where: string): Header {
  if (bytes[0] !== 0x7b) throw new InputError(`${where}: the header does not start with "{"; ${REMEDY}`);
  const header = parseStrictJson(decodeUtf8(bytes, where), where);
  if (!(header instanceof Map)) throw new InputError(`${where}: the header is not an object; ${REMEDY}`);
  const entries: TensorEntry[] = [];
  for (const [name, value] of header) {
    if (name !== METADATA) entries.push(parseEntry(name, value, `${where}: tensor ${quoted(name)}`));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkTiling(entries, dataBytes, where);
  return { entries, metadata: parseMetadata(header, where) };
}

function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(`${where}: the header is not UTF-8; ${REMEDY}`, { cause });
  }
}

function parseMetadata(header: StrictObject, where: string): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  const value = header.get(METADATA) ?? new Map<string, StrictJson>();
  if (!(value instanceof Map)) throw new InputError(`${where}: ${METADATA} is not an object; ${REMEDY}`);
  for (const [name, text] of value) {
    if (typeof text !== "string") {
      throw new InputError(`${where}: ${METADATA} ${quoted(name)} is not a string; ${REMEDY}`);
    }
    metadata[name] = text;
  }
  return metadata;
}

function parseEntry(name: string, value: StrictJson, where: string): TensorEntry {
  if (!(value instanceof Map)) throw new InputError(`${where}: not an object; ${REMEDY}`);
  const dtype = DTYPES.find((known) => known === value.get("dtype"));
  if (dtype === undefined) {
    const given = value.get("dtype");
    const shown = typeof given === "string" ? quoted(given) : "missing";
    const why = typeof given === "string" && SCALED.test(given) ? `, and ${SCALES}` : "";
    throw new InputError(
      `${where}: dtype ${shown} is not one of ${DTYPES.join(", ")}${why}; convert the tensor to F32`,
    );
  }
  const shape = integers(value.get("shape"), "shape", where);
  const [begin, end, ...more] = integers(value.get("data_offsets"), "data_offsets", where);
  if (begin === undefined || end === undefined || more.length > 0) {
    throw new InputError(`${where}: data_offsets is not a pair; ${REMEDY}`);
  }
  const bytes = byteLength(shape, dtype, where);
  if (end - begin !== bytes) {
    const needed = `${dtype} of shape (${shape}) needs ${bytes} bytes`;
    throw new InputError(`${where}: data_offsets [${begin}, ${end}], but ${needed}; ${REMEDY}`);
  }
  return { name, dtype, shape, begin, end };
}

function integers(value: StrictJson | undefined, field: string, where: string): number[] {
  if (!Array.isArray(value)) throw new InputError(`${where}: ${field} is not a list; ${REMEDY}`);
  return value.map((item) => {
    if (typeof item === "bigint" && item >= 0n && item <= Number.MAX_SAFE_INTEGER) return Number(item);
    const shown = typeof item === "bigint" || typeof item === "number" ? String(item) : typeof item;
    throw new InputError(`${where}: ${field} holds ${shown}, expected integers from 0 below 2^53; ${REMEDY}`);
  });
}

/**
 * Sizes other than 0 must have a safe product, so that no order of multiplying overflows, here or
 * in a reader to come.
 */
function byteLength(shape: readonly number[], dtype: Dtype, where: string): number {
  let bytes = dtypeBytes(dtype);
  for (const size of shape) {
    if (size > 0) bytes *= size;
    if (bytes > Number.MAX_SAFE_INTEGER) {
      throw new InputError(`${where}: shape (${shape}) has 2^53 bytes or more; ${REMEDY}`);
    }
  }
  return shape.includes(0) ? 0 : bytes;
}

function checkTiling(entries: readonly TensorEntry[], dataBytes: number, where: string): void {
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const fault = entry.begin < end ? "overlaps the tensor before it" : "leaves a hole before it";
      const at = `starts at byte ${entry.begin}, expected ${end}`;
      throw new InputError(`${where}: tensor ${quoted(entry.name)} ${fault} (${at}); ${REMEDY}`);
    }
    end = entry.end;
  }
  if (end !== dataBytes) {
    throw new InputError(`${where}: ${dataBytes} bytes of data, the tensors fill ${end}; ${REMEDY}`);
  }
}
