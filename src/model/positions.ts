/**
 * Position schemes: which positions the tokens of a context stand at.
 *
 * Positions are an argument of the model, never made by an encoding, so that what happens past
 * L_max and randomized positions combine with any encoding. They are made here as numbers, checked
 * against what the encoding defines, and only then turned into a tensor: engines differ in what an
 * index outside a table does (tfjs #777), so no kernel ever sees one.
 */
import { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";
import { PositionError } from "../errors.ts";
import type { Rng } from "../tensor/rng.ts";
import type { Model } from "./model.ts";

/** A number of positions. */
export const positionCount = z.int().positive().max(POSITIONS);

/** A position. */
export const firstPosition = z.number().min(0).lt(POSITIONS);

export const schemeSchema = z.discriminatedUnion("kind", [
  /** 0, 1, 2, … */
  z.strictObject({ kind: z.literal("contiguous") }),
  /** by, by + 1, … (the phase shift of Sinha et al. 2022) */
  z.strictObject({ kind: z.literal("shifted"), by: firstPosition }),
  /** Sorted draws without replacement from [0, range), at test time too (Ruoss et al. 2023, section 3). */
  z.strictObject({ kind: z.literal("randomized"), range: positionCount }),
  /** Sorted real numbers, drawn evenly from [0, range), at test time too (Shimizu et al. 2026, arXiv:2602.14050). */
  z.strictObject({ kind: z.literal("randomized-real"), range: positionCount }),
  /**
   * Squeezed into [0, trained) where the context is longer (position interpolation, Chen et al.
   * 2023, equation 1).
   */
  z.strictObject({ kind: z.literal("interpolated"), trained: positionCount }),
  /** min(i, limit − 1) */
  z.strictObject({ kind: z.literal("clamped"), limit: positionCount }),
  /** i mod limit */
  z.strictObject({ kind: z.literal("wrapped"), limit: positionCount }),
]);

/**
 * Where the tokens of a context stand.
 *
 * @useDeclaredType
 */
export type Scheme = z.output<typeof schemeSchema>;

/**
 * Positions 0, 1, 2, …
 *
 * @example
 * assert.deepEqual([...positionsOf(contiguous, 3)], [0, 1, 2]);
 */
export const contiguous: Scheme = { kind: "contiguous" };

/**
 * Positions of T tokens, ascending but under `wrapped`.
 *
 * @param rng draws for `randomized` and `randomized-real`; each call draws anew.
 * @throws RangeError where `randomized` has fewer positions than tokens, or either no generator.
 * @example
 * assert.deepEqual([...positionsOf({ kind: "shifted", by: 5 }, 3)], [5, 6, 7]);
 */
export function positionsOf(scheme: Scheme, T: number, rng?: Rng): Float32Array {
  const each = (position: (index: number) => number) =>
    Float32Array.from({ length: T }, (_, index) => position(index));
  switch (scheme.kind) {
    case "contiguous":
      return each((i) => i);
    case "shifted":
      return each((i) => i + scheme.by);
    case "randomized":
      return randomized(scheme.range, T, rng);
    case "randomized-real":
      return randomizedReal(scheme.range, T, rng);
    case "interpolated":
      return each((i) => i * Math.min(1, scheme.trained / T));
    case "clamped":
      return each((i) => Math.min(i, scheme.limit - 1));
    case "wrapped":
      return each((i) => i % scheme.limit);
    default:
      return scheme satisfies never;
  }
}

/** Floyd's sampling: T distinct positions of [0, range) in T draws. */
function randomized(range: number, T: number, rng?: Rng): Float32Array {
  if (T > range)
    throw new PositionError(`positions: randomized draws ${T} positions out of ${range}; set a larger range`);
  if (rng === undefined) throw new RangeError("positions: randomized needs a generator; pass one");
  const chosen = new Set<number>();
  for (let top = range - T; top < range; top++) {
    const drawn = rng.integer(top + 1);
    chosen.add(chosen.has(drawn) ? top : drawn);
  }
  return Float32Array.from([...chosen].sort((a, b) => a - b));
}

/** T even draws of [0, range), in order. */
function randomizedReal(range: number, T: number, rng?: Rng): Float32Array {
  if (rng === undefined) throw new RangeError("positions: randomized-real needs a generator; pass one");
  const most = Math.fround(range * (1 - 2 ** -23)); // float32 may round a draw up to the range
  return Float32Array.from({ length: T }, () => Math.min(range * rng.uniform(), most)).sort();
}

/** The index of the first position that the model's encoding does not define, or −1. */
export function firstUndefined({ encoding }: Model, positions: Float32Array): number {
  const limit = encoding.maxPositions ?? POSITIONS;
  return positions.findIndex((position) => !(position >= 0 && position < limit));
}

/**
 * Returns the positions if the model's encoding defines them all.
 *
 * @throws PositionError that names the first one it does not define, and what to do.
 * @example
 * const config = modelSchema().parse({ context: 8, position: { kind: "learned" } });
 * const model = createModel(config, 10);
 * assert.throws(() => requireDefined(model, positionsOf(contiguous, 9)), /position 8 is outside/);
 */
export function requireDefined(model: Model, positions: Float32Array): Float32Array {
  const outside = firstUndefined(model, positions);
  if (outside >= 0) {
    const limit = model.encoding.maxPositions ?? POSITIONS;
    const why = limit === POSITIONS ? ", where float32 tells positions apart" : "";
    const policy = limit === model.config.context ? ", or with another policy in model.position.beyond" : "";
    throw new PositionError(
      `${model.definition.kind}: position ${positions[outside]} is outside [0, ${limit})${why}; train with a larger context, ` +
        `or evaluate with the scheme clamped, wrapped or interpolated${policy}`,
    );
  }
  return positions;
}

/**
 * Positions of T tokens under a scheme, all of which the model's encoding defines.
 *
 * @throws PositionError as `positionsOf` and `requireDefined`; of `randomized`, with the ranges
 *   that would do.
 */
export function definedPositions(model: Model, scheme: Scheme, T: number, rng?: Rng): Float32Array {
  try {
    return requireDefined(model, positionsOf(scheme, T, rng));
  } catch (error) {
    if (!(error instanceof PositionError) || scheme.kind !== "randomized") throw error;
    const limit = model.encoding.maxPositions ?? POSITIONS;
    const { kind } = model.definition;
    const ranges = T === limit ? `the range ${limit}` : `a range from ${T} to ${limit}`;
    throw new PositionError(
      T <= limit
        ? `${kind}: randomized draws ${T} of ${scheme.range} positions, and [0, ${limit}) are defined; give ${ranges}`
        : `${kind}: randomized draws ${T} positions, and [0, ${limit}) are defined; give fewer tokens, train with a larger ` +
            "context, or evaluate with the scheme clamped, wrapped or interpolated",
    );
  }
}
