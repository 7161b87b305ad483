/** Where numbers of a model first cease to be finite: in which parameter, or else in which layer. */
import { firstNotFinite, NotFiniteError } from "../finite.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Model } from "./model.ts";
import type { Tap } from "./taps.ts";
import { forward } from "./transformer.ts";

/** A pass of a model: what computed the values, and what it read. */
export interface Pass {
  readonly model: Model;
  readonly params: Params;
  /**
   * Contexts one after another, and where their tokens stand; without them, the parameters alone
   * are looked through.
   */
  readonly tokens?: ArrayLike<number>;
  readonly positions?: Float32Array;
}

const REMEDY = "take an earlier step, or another model";

/**
 * Lets finite values of a model pass.
 *
 * @param what they are, for the message, such as "logits"
 * @param passOf asked for only where a value is not finite
 * @throws NotFiniteError that says where they first cease to be finite
 */
export async function requireFiniteValues(
  what: string,
  values: ArrayLike<number>,
  passOf: () => Pass | Promise<Pass>,
): Promise<void> {
  const index = firstNotFinite(values);
  if (index === -1) return;
  const place = await firstPlace(await passOf());
  const first = place === undefined ? "parameters are finite" : `first in ${place}`;
  throw new NotFiniteError(`${what}: not finite (${values[index]}); ${first}; ${REMEDY}`);
}

/** "parameter wte.weight, NaN at (3,2)" or "blocks.0.attn.attn_scores"; undefined where all is finite. */
export async function firstPlace({ model, params, tokens, positions }: Pass): Promise<string | undefined> {
  for (const [name, tensor] of Object.entries(params)) {
    const values = await tensor.data();
    const index = firstNotFinite(values);
    if (index !== -1) return `parameter ${name}, ${values[index]} at ${placeIn(tensor.shape, index)}`;
  }
  if (tokens === undefined || positions === undefined) return undefined;
  // A pass that is not compiled sees its activations in the order in which they are computed.
  let place: string | undefined;
  const tap: Tap = (name, activation) => {
    if (place === undefined && firstNotFinite(activation.dataSync()) !== -1) place = name;
    return activation;
  };
  tf.tidy(() => {
    const T = positions.length;
    const ids = tf.tensor2d(Int32Array.from(tokens), [tokens.length / T, T], "int32");
    const logits = forward(model, params, ids, tf.tensor1d(positions), { tap });
    tap("logits", logits);
  });
  return place;
}

/** Row-major index i of a shape: "(3,2)". */
export function placeIn(shape: readonly number[], index: number): string {
  let rest = index;
  const places = [...shape].reverse().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return `(${places.reverse().join(",")})`;
}
