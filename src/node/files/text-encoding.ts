/**
 * UTF-8 as editors write it, and what to do with a file that is in UTF-16 or UTF-32, as
 * PowerShell's `>` and some exports write it.
 */

/** Bytes that are looked at: enough for a pattern to show. */
export const HEAD_BYTES = 4096;

/**
 * The encoding of a file that is not UTF-8, as iconv names it; undefined where the bytes may be UTF-8.
 *
 * Known by its byte order mark, else by its zeros: every other byte of Latin text in UTF-16 is one,
 * and no text in UTF-8 has many.
 *
 * @param head the first bytes of a file
 */
export function wideEncoding(head: Uint8Array): "UTF-16" | "UTF-16LE" | "UTF-16BE" | "UTF-32" | undefined {
  const starts = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return "UTF-32";
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return "UTF-16";
  const zeros = [0, 0];
  const looked = head.subarray(0, HEAD_BYTES & ~1);
  looked.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (
    even + odd === 0 ||
    Math.max(even, odd) < looked.length / 8 ||
    Math.min(even, odd) > Math.max(even, odd) / 8
  )
    return undefined;
  return odd > even ? "UTF-16LE" : "UTF-16BE";
}

/** "is UTF-16; …": the fault and the command that mends it. */
export function wideAdvice(path: string, encoding: string): string {
  return `${path}: is ${encoding}, and UTF-8 is read; convert it: iconv -f ${encoding} -t UTF-8 FILE > NEW`;
}

/** Text without the byte order mark that Windows' editors put before UTF-8. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
