/** What an encoding gives at positions, as numbers. */
import type { Model } from "../model/model.ts";
import { positionsOf, requireDefined } from "../model/positions.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { placed } from "./placing.ts";
import type { MeasurementSite, Subject } from "./probe.ts";

export interface PositionVectors {
  /** (N,C), row-major */
  readonly values: Float32Array;
  readonly width: number;
  readonly N: number;
  /** Whether each row's position is the one before it and 1. */
  readonly consecutive: boolean;
  readonly at: MeasurementSite;
}

/** Where T tokens stand. */
export function placesOf({ placing }: Pick<Subject, "placing">, T: number): Float32Array {
  const [scheme, rng] = placed(placing, T, 0);
  return positionsOf(scheme, T, rng);
}

/** The furthest position of T tokens. */
export const furthest = (subject: Subject, T: number) =>
  placesOf(subject, T).reduce((a, b) => Math.max(a, b));

/**
 * What tokens `from` … `end` − 1 of a context of `end` tokens are given.
 *
 * @throws PositionError where the encoding does not define their positions
 */
export async function vectorsOf(
  subject: Subject,
  model: Model,
  from: number,
  end: number,
): Promise<PositionVectors> {
  const places = requireDefined(model, placesOf(subject, end));
  const { width } = model.shape;
  const all = await embedded(model, subject.params, places);
  const own = places.subarray(from);
  return {
    values: all.subarray(from * width),
    width,
    N: end - from,
    consecutive: own.every((place, i) => i === 0 || place === (own[i - 1] as number) + 1),
    at: { from, to: end - 1 },
  };
}

/** What `embed` gives, then moved by R_Δ if asked: (T,C). */
export async function embedded(
  model: Model,
  params: Params,
  places: Float32Array,
  by = 0,
): Promise<Float32Array> {
  const { encoding, shape } = model;
  const vectors = tf.tidy(() => {
    const given = encoding.embed?.(params, tf.tensor1d(places)) as tf.Tensor2D;
    const rows = tf.broadcastTo(given, [places.length, shape.width]) as tf.Tensor2D;
    return by === 0 ? rows : (encoding.shift?.(rows, by) ?? rows);
  });
  const values = (await vectors.data()) as Float32Array;
  vectors.dispose();
  return values;
}
