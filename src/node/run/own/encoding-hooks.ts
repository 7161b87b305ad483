/**
 * The functions of a user's own encoding, called so that what goes wrong in one names the file and
 * the function.
 *
 * A function that returns nothing would train in silence as if it were not there, and one of a
 * wrong shape fails far from here.
 */
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import type { AttentionState, ModelShape, PositionEncoding } from "../../../encodings/encoding.ts";
import { InputError } from "../../../errors.ts";
import type { ParamSpecs } from "../../../tensor/params.ts";
import { tf } from "../../../tensor/tf.ts";
import { guarded, shown } from "./guard.ts";

/**
 * The encoding, with each function's result checked for being there and for its shape.
 *
 * @param file begins messages: `--encoding: mine.ts`
 * @param fields of `made`, each read once: a getter may give another one the next time
 */
export function guardedEncoding(
  file: string,
  made: PositionEncoding,
  fields: PositionEncoding,
  { width: C }: ModelShape,
): PositionEncoding {
  const call = <R>(hook: string, fits: Fits, work: () => R): R => {
    const where = `${file}: ${hook}`;
    const result = guarded(where, work);
    requireShape(where, result, fits);
    return result;
  };
  const scoresOf = ({ q, k }: AttentionState) => [...q.shape.slice(0, 3), k.shape[2] as number];
  const { params, layerParams, embed, shift, transform, pairs, bias, values, ...rest } = fields;
  return {
    ...rest,
    ...(params && { params: guardedSpecs(file, "params", params) }),
    ...(layerParams && { layerParams: guardedSpecs(file, "layerParams", layerParams) }),
    ...(embed && {
      embed: (own, at) => call("embed", broadcastsTo([at.shape[0], C]), () => embed.call(made, own, at)),
    }),
    ...(shift && {
      shift: (given, by) => call("shift", equals(given.shape), () => shift.call(made, given, by)),
    }),
    ...(transform && {
      transform: (x, ...more) => call("transform", widens(x.shape), () => transform.call(made, x, ...more)),
    }),
    ...(pairs && {
      pairs: (length) => {
        const where = `${file}: pairs`;
        return parseConfig(
          pairList,
          guarded(where, () => pairs.call(made, length)),
          where,
        );
      },
    }),
    ...(bias && {
      bias: (state) => call("bias", broadcastsTo(scoresOf(state)), () => bias.call(made, state)),
    }),
    ...(values && {
      values: (state) => call("values", broadcastsTo(state.q.shape), () => values.call(made, state)),
    }),
  };
}

const column = z
  .int()
  .nonnegative()
  .max(2 ** 20);
const pairList = z.array(
  z.strictObject({ columns: z.tuple([column, column]), frequency: z.number().min(-1e12).max(1e12) }),
);

/** The specs, whose initial values are checked as they are drawn. */
function guardedSpecs(file: string, field: string, specs: ParamSpecs): ParamSpecs {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const where = `${file}: init of ${field} "${name}"`;
      const init: typeof spec.init = (rng, index) => {
        const value: unknown = guarded(where, () => spec.init(rng, index));
        if (typeof value === "number" && Number.isFinite(value)) return value;
        throw new InputError(
          `${where} returned ${shown(value)} for element ${index}; return a finite number`,
        );
      };
      return [name, { ...spec, init }];
    }),
  );
}

interface Fits {
  /** What is expected, in words. */
  readonly text: string;
  readonly test: (shape: readonly number[]) => boolean;
}

const equals = (wanted: readonly number[]): Fits => ({
  text: `shape (${wanted})`,
  test: (shape) => shape.length === wanted.length && shape.every((size, i) => size === wanted[i]),
});

/** All but the last size as wanted. */
const widens = (wanted: readonly number[]): Fits => ({
  text: `shape (${wanted}), or of another width`,
  test: (shape) =>
    shape.length === wanted.length && shape.slice(0, -1).every((size, i) => size === wanted[i]),
});

const broadcastsTo = (wanted: readonly number[]): Fits => ({
  text: `a shape that broadcasts to (${wanted})`,
  test: (shape) => {
    const skipped = wanted.length - shape.length;
    return skipped >= 0 && shape.every((size, i) => size === 1 || size === wanted[skipped + i]);
  },
});

function requireShape(where: string, result: unknown, { text, test }: Fits): void {
  if (!(result instanceof tf.Tensor))
    throw new InputError(`${where} returned ${shown(result)}; return a tensor of ${text}`);
  const { shape, dtype, isDisposed } = result;
  if (isDisposed || dtype === "string" || dtype === "complex64") {
    const what = isDisposed ? "that it has disposed of" : `of ${dtype}`;
    throw new InputError(`${where} returned a tensor ${what}; return one of numbers, of ${text}`);
  }
  if (!test(shape)) {
    throw new InputError(`${where} returned shape (${shape}); return a tensor of ${text}`);
  }
}
