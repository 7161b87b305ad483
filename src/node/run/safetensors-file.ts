/**
 * Safetensors from disk, one tensor at a time: the header is read and checked first, then each
 * tensor straight into the memory that it keeps, so that the peak is about the size of the file.
 */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { totalmem } from "node:os";
import { InputError, isInputError } from "../../errors.ts";
import { freshMemory, type ReusedMemory } from "../../formats/reused-memory.ts";
import { type Safetensors, type StoredTensor, storedTensor } from "../../formats/safetensors.ts";
import {
  type Header,
  headerLength,
  PREFIX_BYTES,
  parseHeader,
  type TensorEntry,
} from "../../formats/safetensors-header.ts";
import { errorCode } from "../files/durable.ts";
import { openRegularHandle } from "../files/regular.ts";
import { hashOf, requireSum } from "../files/sums.ts";

/** Most bytes of one read: a single one of 2 GiB or more is refused by Node. */
const READ_BYTES = 2 ** 26;

/** A file up to this is read at once: a read of each tensor takes longer than all else about a small model. */
const SMALL_BYTES = 2 ** 20;

/** A file whose header was read and checked; whoever opened it closes it. */
export interface OpenSafetensors extends Header {
  /** One of `entries`. */
  read(entry: TensorEntry): Promise<StoredTensor>;
  /**
   * Every tensor in the order of the file, one at a time.
   *
   * @param memory that they are read into, which whoever takes one may give back
   * @returns the SHA-256 of the very bytes that were read, header and all
   */
  stream(take: (name: string, tensor: StoredTensor) => void, memory?: ReusedMemory): Promise<string>;
  close(): Promise<void>;
}

/**
 * Reads a safetensors file.
 *
 * @param sum SHA-256 that the bytes read have to have
 * @throws InputError when the file is missing, not a plain file, not valid, changes while it is
 *   read, or exceeds memory; DamagedError where its bytes are others
 */
export async function readSafetensors(path: string, sum?: string): Promise<Safetensors> {
  const tensors: Record<string, StoredTensor> = Object.create(null);
  const { metadata } = await streamSafetensors(
    path,
    (name, tensor) => {
      tensors[name] = tensor;
    },
    sum,
  );
  return { tensors, metadata };
}

/** As `readSafetensors`, one tensor at a time; only when it returns were the bytes those of `sum`. */
export async function streamSafetensors(
  path: string,
  take: (name: string, tensor: StoredTensor) => void,
  sum?: string,
): Promise<Pick<Header, "metadata">> {
  try {
    const file = await openSafetensors(path);
    try {
      if (sum === undefined) for (const entry of file.entries) take(entry.name, await file.read(entry));
      else requireSum(path, sum, await file.stream(take));
      return { metadata: file.metadata };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (sum !== undefined && isInputError(error)) requireSum(path, sum, await hashOf(path)); // what is damaged cannot be valid
    throw error;
  }
}

/** @throws InputError as `readSafetensors`, for all but the data */
export async function openSafetensors(path: string): Promise<OpenSafetensors> {
  const handle = await openPlainFile(path);
  try {
    const { size } = await handle.stat();
    if (size > totalmem()) {
      throw new InputError(
        `${path}: ${size} bytes do not fit into memory (${totalmem()}); use a larger machine`,
      );
    }
    const whole =
      size > SMALL_BYTES ? undefined : await readBytes(handle, { position: 0, length: size }, path);
    const bytesAt = async (position: number, length: number, memory?: ReusedMemory) =>
      whole?.slice(position, position + length) ?? readBytes(handle, { position, length, memory }, path);
    const prefix = await bytesAt(0, Math.min(size, PREFIX_BYTES));
    const length = headerLength(prefix, size, path);
    const header = await bytesAt(PREFIX_BYTES, length);
    const start = PREFIX_BYTES + length;
    const { entries, metadata } = parseHeader(header, size - start, path);
    const bytesOf = ({ begin, end }: TensorEntry, memory?: ReusedMemory) =>
      bytesAt(start + begin, end - begin, memory);
    return {
      ...{ entries, metadata, close: () => handle.close() },
      read: async (entry) => storedTensor(entry, await bytesOf(entry), path),
      async stream(take, memory = freshMemory) {
        const hash = createHash("sha256").update(prefix).update(header);
        for (const entry of entries) {
          const bytes = await bytesOf(entry, memory);
          hash.update(bytes); // entries tile the data in this order
          const tensor = storedTensor(entry, bytes, path, memory);
          if (tensor.data.buffer !== bytes.buffer) memory.free(bytes);
          take(entry.name, tensor);
        }
        return hash.digest("hex");
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
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
  {
    position,
    length,
    memory = freshMemory,
  }: { readonly position: number; readonly length: number; readonly memory?: ReusedMemory | undefined },
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = setAside(length, memory, path);
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

function setAside(length: number, memory: ReusedMemory, path: string): Uint8Array<ArrayBuffer> {
  try {
    return memory.bytes(length);
  } catch (cause) {
    throw new InputError(`${path}: ${length} bytes do not fit into memory; use a larger machine`, { cause });
  }
}
