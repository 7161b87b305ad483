/** Reads UTF-8 a megabyte at a time: a text of any size passes through, none is held. */
import { createHash } from "node:crypto";
import { closeSync, readSync, statSync } from "node:fs";
import { InputError } from "../../../errors.ts";
import { errorCode } from "../../files/durable.ts";
import { MOST_BYTES, openRegular } from "../../files/regular.ts";
import { HEAD_BYTES, wideAdvice, wideEncoding } from "../../files/text-encoding.ts";

/** Bytes `start` … `end` − 1 of a file. */
export interface TextPart {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** What these bytes were when the text was identified: where they have changed since, the reading fails. */
  readonly sha256?: string;
}

const CHUNK_BYTES = 2 ** 20;

/**
 * The bytes of a part, in chunks.
 * @throws InputError where the file cannot be read or has become shorter, and at the end of a part
 *   whose bytes have changed.
 */
export function* readBytes({ path, start, end, sha256 }: TextPart): Generator<Uint8Array> {
  const hash = sha256 === undefined ? undefined : createHash("sha256");
  const file = attempt(path, () => openRegular(path));
  try {
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
      const read = attempt(path, () => readSync(file, buffer, 0, buffer.length, at));
      if (read === 0) {
        throw new InputError(
          `${path}: ends at byte ${at}, ${end - at} bytes early; let it be while it is read`,
        );
      }
      at += read;
      const bytes = buffer.subarray(0, read);
      hash?.update(bytes);
      yield bytes;
    }
  } finally {
    closeSync(file);
  }
  if (hash?.digest("hex") !== sha256) {
    throw new InputError(`${path}: changed while it was read; let it be, and run again`);
  }
}

/**
 * The text of a whole file that is small enough to be held.
 * @throws InputError as `readText`, and where it is larger.
 */
export function wholeText(path: string): string {
  const { size } = attempt(path, () => statSync(path));
  if (size > MOST_BYTES)
    throw new InputError(`${path}: has more than ${MOST_BYTES} bytes; give a part of it`);
  return [...readText({ path, start: 0, end: size })].join("");
}

/**
 * The text of a part, in chunks; a byte order mark at its start is left out.
 * @throws InputError where it is not UTF-8, with the first wrong byte.
 */
export function* readText(part: TextPart, onBytes?: (bytes: number) => void): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let at = part.start;
  for (const bytes of readBytes(part)) {
    const wide = at === 0 ? wideEncoding(bytes.subarray(0, HEAD_BYTES)) : undefined;
    if (wide !== undefined) throw new InputError(wideAdvice(part.path, wide));
    onBytes?.(bytes.length);
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw notUtf8(part.path, at + firstWrong(bytes), cause);
    }
    at += bytes.length;
    if (text !== "") yield text;
  }
  try {
    decoder.decode();
  } catch (cause) {
    throw notUtf8(part.path, at, cause);
  }
}

function notUtf8(path: string, byte: number, cause: unknown): InputError {
  return new InputError(
    `${path}: is not UTF-8 at about byte ${byte}; convert it from what it was written in, such as iconv -f LATIN1 -t UTF-8 FILE > NEW`,
    { cause },
  );
}

/** Where a chunk stops being UTF-8: the longest start that decodes, found by halving. */
function firstWrong(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      // What the chunk before left open may be missing here, so the first three bytes are taken on trust.
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(leadFrom(bytes, 0), middle), {
        stream: true,
      });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

/** The first byte from `at` on that begins a character. */
export function leadFrom(bytes: Uint8Array, at: number): number {
  let lead = at;
  while (lead < bytes.length && lead < at + 3 && ((bytes[lead] as number) & 0xc0) === 0x80) lead++;
  return lead;
}

/** Turns what the system says of a file into something to act on. */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = errorCode(cause);
    if (code === undefined) throw cause;
    throw new InputError(
      `${path}: ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}; check the path`,
      {
        cause,
      },
    );
  }
}
