/**
 * Seeded damage to files: what happens to bytes on a bad disk, and what someone with bad intentions
 * would write.
 */
import fc from "fast-check";

/**
 * Mutants of each test of damage: few by default, so that the suite stays quick;
 * `WHEREABOUTS_FUZZ=10000` for all.
 */
export const mutants = (usual: number): number => Number(process.env.WHEREABOUTS_FUZZ ?? usual);

/** Minutes for the full count, the usual limit for the usual one. */
export const MUTANTS_TIMEOUT = process.env.WHEREABOUTS_FUZZ === undefined ? 60_000 : 1_800_000;

export type Mutation = (file: Uint8Array) => Uint8Array;

const splice = (file: Uint8Array, from: number, remove: number, insert: Uint8Array): Uint8Array => {
  const result = new Uint8Array(
    Math.min(from, file.length) + insert.length + Math.max(0, file.length - from - remove),
  );
  result.set(file.subarray(0, from));
  result.set(insert, Math.min(from, file.length));
  result.set(file.subarray(from + remove), Math.min(from, file.length) + insert.length);
  return result;
};

/**
 * Flips, overwrites, inserts, deletes, truncates, doubles a part, or replaces a digit after byte
 * `digitsFrom` by a large number.
 */
export function mutation(size: number, digitsFrom = 8): fc.Arbitrary<Mutation> {
  const at = fc.oneof(fc.integer({ min: 0, max: size }), fc.integer({ min: 0, max: 12 }));
  const value = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...Buffer.from('0-9e.,:[]{}"\\ u')),
  );
  const number = fc.constantFrom(
    "-1",
    "1e3",
    "1e308",
    "4294967296",
    "9007199254740993",
    "0.5",
    '"4"',
    "null",
  );
  const place = (i: number, change: (byte: number) => number): Mutation => {
    return (file) => file.map((byte, j) => (j === i ? change(byte) : byte));
  };
  return fc.oneof(
    fc.tuple(at, value).map(([i, v]) => place(i, () => v)),
    fc.tuple(at, fc.nat(7)).map(([i, bit]) => place(i, (byte) => byte ^ (1 << bit))),
    fc.tuple(at, value).map(
      ([i, v]): Mutation =>
        (file) =>
          splice(file, i, 0, Uint8Array.of(v)),
    ),
    fc.tuple(at, fc.nat(9)).map(
      ([i, n]): Mutation =>
        (file) =>
          splice(file, i, n, new Uint8Array(0)),
    ),
    at.map(
      (i): Mutation =>
        (file) =>
          file.slice(0, i),
    ),
    fc.tuple(at, fc.nat(60)).map(
      ([i, n]): Mutation =>
        (file) =>
          splice(file, i, 0, file.slice(i, i + n)),
    ),
    fc.tuple(at, number).map(
      ([i, text]): Mutation =>
        (file) => {
          const digit = file.findIndex((byte, j) => j >= Math.max(i, digitsFrom) && byte >= 48 && byte <= 57);
          return digit < 0 ? file : splice(file, digit, 1, new TextEncoder().encode(text));
        },
    ),
  );
}

/** Values that JSON has and no config expects. */
const HOSTILE: readonly unknown[] = [
  -1,
  0,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "x".repeat(10_000),
  null,
  true,
  [],
  {},
  [[[[1]]]],
  { kind: "none" },
];

/** Replaces, deletes or adds a field somewhere in a JSON text; text that is not JSON stays. */
export const fieldMutation: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.constantFrom(...HOSTILE), fc.constantFrom("replace", "delete", "add", "__proto__"))
  .map(
    ([at, value, kind]): Mutation =>
      (file) => {
        let json: unknown;
        try {
          json = JSON.parse(new TextDecoder().decode(file));
        } catch {
          return file;
        }
        const places: [Record<string, unknown>, string][] = [];
        const walk = (node: unknown) => {
          if (typeof node !== "object" || node === null) return;
          for (const name of Object.keys(node)) {
            places.push([node as Record<string, unknown>, name]);
            walk((node as Record<string, unknown>)[name]);
          }
        };
        walk(json);
        const place = places[at % Math.max(1, places.length)];
        if (place === undefined) return file;
        const [node, name] = place;
        if (kind === "replace") node[name] = value;
        else if (kind === "delete") delete node[name];
        else Object.defineProperty(node, kind === "add" ? `${name}s` : kind, { value, enumerable: true });
        return new TextEncoder().encode(JSON.stringify(json));
      },
  );
