/**
 * Safetensors from disk, one tensor at a time: the header is read and checked first, then each
 * tensor straight into the memory that it keeps, so that the peak is about the size of the file.
 */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { totalmem } from "node:os";
import { InputError, isInputError } from "../../errors.ts";
import { type Safetensors, type StoredTensor, storedTensor } from "../../formats/safetensors.ts";
import { headerLength, PREFIX_BYTES, parseHeader } from "../../formats/safetensors-header.ts";
import { errorCode } from "../files/durable.ts";
import { openRegularHandle } from "../files/regular.ts";
import { hashOf, requireSum } from "../files/sums.ts";

/** Most bytes of one read: a single one of 2 GiB or more is refused by Node. */
const READ_BYTES = 2 ** 26;

/**
 * Reads a safetensors file.
 *
 * @param sum SHA-256 that the bytes read have to have
 * @throws InputError when the file is missing, not a plain file, not valid, changes while it is
 *   read, or exceeds memory; DamagedError where its bytes are others
 */
export async function readSafetensors(path: string, sum?: string): Promise<Safetensors> {
  if (sum === undefined) return readWith(path, () => {});
  const hash = createHash("sha256");
  try {
    const read = await readWith(path, (bytes) => hash.update(bytes));
    requireSum(path, sum, hash.digest("hex"));
    return read;
  } catch (error) {
    if (isInputError(error)) requireSum(path, sum, await hashOf(path)); // what is damaged cannot be valid
    throw error;
  }
}

/** @param onBytes sees every byte of the file once, in their order */
async function readWith(path: string, onBytes: (bytes: Uint8Array) => void): Promise<Safetensors> {
  const handle = await openPlainFile(path);
  try {
    const { size } = await handle.stat();
    if (size > totalmem()) {
      throw new InputError(
        `${path}: ${size} bytes do not fit into memory (${totalmem()}); use a larger machine`,
      );
    }
    const prefix = await readBytes(handle, 0, Math.min(size, PREFIX_BYTES), path);
    const length = headerLength(prefix, size, path);
    const start = PREFIX_BYTES + length;
    const header = await readBytes(handle, PREFIX_BYTES, length, path);
    for (const bytes of [prefix, header]) onBytes(bytes);
    const { entries, metadata } = parseHeader(header, size - start, path);
    const tensors: Record<string, StoredTensor> = Object.create(null);
    for (const entry of entries) {
      const bytes = await readBytes(handle, start + entry.begin, entry.end - entry.begin, path);
      onBytes(bytes); // entries tile the data in this order
      tensors[entry.name] = storedTensor(entry, bytes, path);
    }
    return { tensors, metadata };
  } finally {
    await handle.close();
  }
}

async function openPlainFile(path: string): Promise<FileHandle> {
  try {
    return await openRegularHandle(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${path}: cannot be opened (${errorCode(cause)}); check the path`, { cause });
  }
}

async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = setAside(length, path);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, READ_BYTES), position + at);
    if (bytesRead === 0) {
      throw new InputError(`${path}: became shorter while it was read; run again when nothing writes it`);
    }
    at += bytesRead;
  }
  return bytes;
}

function setAside(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new InputError(`${path}: ${length} bytes do not fit into memory; use a larger machine`, { cause });
  }
}
