/** Arrays of numbers one after the other, in a new one that `create` makes. */
export function joined<A extends Float32Array | Uint8Array>(
  create: (length: number) => A,
  parts: readonly ArrayLike<number>[],
): A {
  const all = create(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
