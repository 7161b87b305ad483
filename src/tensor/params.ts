/**
 * Parameters are plain data: a record of tensors by name. Each is declared by a spec; its initial values come from a random
 * stream of its own name, so two models that share a name share its initial values.
 */
import { createRng, type Rng } from "./rng.ts";
import { tf } from "./tf.ts";

export type Params = Readonly<Record<string, tf.Tensor>>;

export interface ParamSpec {
  readonly shape: readonly number[];
  /** The value of element `index` in row-major order. */
  readonly init: (rng: Rng, index: number) => number;
  /** Whether weight decay applies. Default: to matrices and more, not to vectors, as in GPT-2's training. */
  readonly decay?: boolean;
}

export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

export const zeros: ParamSpec["init"] = () => 0;
export const ones: ParamSpec["init"] = () => 1;
export const normal =
  (standardDeviation: number): ParamSpec["init"] =>
  (rng) =>
    standardDeviation * rng.normal();

/** Initial values of all parameters; a parameter's values depend on the seed and its name alone. */
export function initialize(specs: ParamSpecs, seed: number): Params {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      tf.tensor(initialValues(name, spec, seed), [...spec.shape], "float32"),
    ]),
  );
}

/** Those of one parameter, in row-major order. */
export function initialValues(name: string, { shape, init }: ParamSpec, seed: number): Float32Array {
  const rng = createRng(seed, `params/${name}`);
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) => init(rng, index));
}

/** Elements of a shape. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** How many numbers the parameters hold. */
export function countParameters(specs: ParamSpecs): number {
  return Object.values(specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The parameter `name`; the rank is the caller's claim, checked by the kernels that use it. */
export function param<T extends tf.Tensor = tf.Tensor>(params: Params, name: string): T {
  const value = params[name];
  if (value === undefined) {
    throw new TypeError(`params: there is no ${name}; there are ${Object.keys(params).join(", ")}`);
  }
  return value as T;
}
