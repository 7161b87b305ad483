/**
 * All parameters in one vector: a compiled step then takes one input for them, and an optimizer one loop.
 *
 * Each tensor that enters or leaves a graph compiled by XLA costs some 10 µs a call, and a small model has ninety with their moments.
 */
import { type ParamSpec, type ParamSpecs, type Params, param, sizeOf } from "./params.ts";
import { tf } from "./tf.ts";

/** Where each parameter lies in the vector. */
export interface Layout {
  readonly entries: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Numbers in all. */
  readonly size: number;
  /** How many of them weight decay applies to: the first ones. */
  readonly decayed: number;
}

export function layoutOf(specs: ParamSpecs): Layout {
  const all = Object.entries(specs);
  const [decayed, rest] = [all.filter(([, spec]) => decays(spec)), all.filter(([, spec]) => !decays(spec))];
  const sum = (some: typeof all) => some.reduce((total, [, { shape }]) => total + sizeOf(shape), 0);
  return {
    entries: [...decayed, ...rest].map(([name, { shape }]) => ({ name, shape })),
    size: sum(all),
    decayed: sum(decayed),
  };
}

const decays = ({ decay, shape }: ParamSpec): boolean => decay ?? shape.length >= 2;

/** @returns (size), a new tensor */
export function flatten({ entries }: Layout, params: Params): tf.Tensor1D {
  return tf.tidy(() =>
    tf.concat(
      entries.map(({ name, shape }) => {
        const x = param(params, name);
        return tf.reshape(isTall(shape) ? tf.transpose(x) : x, [-1]) as tf.Tensor1D;
      }),
    ),
  );
}

/** @returns new tensors */
export function unflatten({ entries }: Layout, vector: tf.Tensor1D): Params {
  return tf.tidy(() => {
    const parts = tf.split(
      vector,
      entries.map(({ shape }) => sizeOf(shape)),
    );
    return Object.fromEntries(
      entries.map(({ name, shape }, i) => {
        const part = parts[i] as tf.Tensor1D;
        if (!isTall(shape)) return [name, tf.reshape(part, [...shape])];
        return [name, tf.transpose(tf.reshape(part, [...shape].reverse()))];
      }),
    );
  });
}

/** Matrices with more rows than columns lie by columns: so comes their gradient (`product` in ops.ts). */
const isTall = ([rows = 0, columns = 0, ...more]: readonly number[]) =>
  more.length === 0 && rows > columns && columns > 0;
