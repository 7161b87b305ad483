/** Numbers that are none: what no command prints or saves. */

/** A result that is not finite: the model or what was measured on it is broken, not what the caller gave. */
export class NotFiniteError extends Error {
  override readonly name: string = "NotFiniteError";
}

/** Index of the first value that is NaN or infinite, −1 if there is none. */
export function firstNotFinite(values: ArrayLike<number>): number {
  if (values instanceof Float32Array) return firstOfBits(values);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Exponents of ones alone are those of NaN and infinity; whole numbers are compared in half the time. */
function firstOfBits(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) if (((bits[i] as number) & 0x7f800000) === 0x7f800000) return i;
  return -1;
}

/**
 * The door of all that is printed or saved: every number in it, however deep, is finite.
 *
 * What is undefined, such as the length at which a model fails that never does, is null or left out.
 *
 * @param what it is, for the message, such as "probe order"
 * @throws NotFiniteError with the path of the first number that is not
 */
export function requireFinite<T>(what: string, value: T): T {
  const found = pathOf(value, []);
  if (found === undefined) return value;
  const path = found.path.length === 0 ? "the result" : found.path.join(".");
  throw new NotFiniteError(`${what}: ${path} is ${found.value}, which is no result`);
}

interface Found {
  readonly path: readonly string[];
  readonly value: number;
}

function pathOf(value: unknown, path: readonly string[]): Found | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { path, value };
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = pathOf(inner, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
