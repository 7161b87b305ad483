/**
 * Parameters are plain data: a record of tensors by name. Each is declared by a spec; its initial
 * values come from a random stream of its own name, so two models that share a name share its
 * initial values.
 */
import { createRng, type Rng } from "./rng.ts";
import { tf } from "./tf.ts";

/** Parameters, float32, by the checkpoint's names. */
export type Params = Readonly<Record<string, tf.Tensor>>;

/** A parameter: its shape and its initial values. */
export interface ParamSpec {
  readonly shape: readonly number[];
  /** The value of element `index` in row-major order. */
  readonly init: (rng: Rng, index: number) => number;
  /** Whether weight decay applies. Default: to matrices and more, not to vectors, as in GPT-2's training. */
  readonly decay?: boolean;
}

/** Parameters to be made, by the checkpoint's names. */
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/**
 * Initial values 0, as biases have them.
 *
 * @example
 * const params = initialize({ bias: { shape: [2], init: zeros } }, 1);
 * assert.deepEqual([...(await param(params, "bias").data())], [0, 0]);
 */
export const zeros: ParamSpec["init"] = () => 0;

/**
 * Initial values 1, as gains have them.
 *
 * @example
 * const params = initialize({ gain: { shape: [2], init: ones } }, 1);
 * assert.deepEqual([...(await param(params, "gain").data())], [1, 1]);
 */
export const ones: ParamSpec["init"] = () => 1;

/**
 * Initial values from a normal distribution of mean 0.
 *
 * @example
 * const init = normal(0.02);
 * assert.ok(Math.abs(init(createRng(1, "w"), 0)) < 0.2);
 */
export const normal =
  (standardDeviation: number): ParamSpec["init"] =>
  (rng) =>
    standardDeviation * rng.normal();

/**
 * Initial values of all parameters; a parameter's values depend on the seed and its name alone.
 *
 * @example
 * const params = initialize({ w: { shape: [2, 3], init: normal(0.02) } }, 1);
 * assert.deepEqual(param(params, "w").shape, [2, 3]);
 * disposeTree(params);
 */
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
  const values = new Float32Array(sizeOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = init(rng, index); // `from` takes twice as long
  return values;
}

/** The entries of `record` under their names with a prefix. */
export const prefixed = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

/** Elements of a shape. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/**
 * How many numbers the parameters hold.
 *
 * @example
 * assert.equal(countParameters({ w: { shape: [2, 3], init: zeros } }), 6);
 */
export function countParameters(specs: ParamSpecs): number {
  return Object.values(specs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * The parameter `name`; the rank is the caller's claim, checked by the kernels that use it.
 *
 * @example
 * const params = { w: tf.zeros([2]) };
 * assert.deepEqual(param<tf.Tensor1D>(params, "w").shape, [2]);
 * assert.throws(() => param(params, "b"), /there is no b/);
 */
export function param<T extends tf.Tensor = tf.Tensor>(params: Params, name: string): T {
  const value = params[name];
  if (value === undefined) {
    throw new TypeError(`params: there is no ${name}; there are ${Object.keys(params).join(", ")}`);
  }
  return value as T;
}
