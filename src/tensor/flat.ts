/**
 * All parameters in one vector: a compiled step then takes one input for them, and an optimizer one loop.
 *
 * Each tensor that enters or leaves a graph compiled by XLA costs some 10 µs a call, and a small
 * model has ninety with their moments.
 */
import { engineHas } from "./ops.ts";
import { countParameters, type ParamSpec, type ParamSpecs, type Params, param, sizeOf } from "./params.ts";
import { tf } from "./tf.ts";

/** Where each parameter lies in the vector. */
export interface Layout {
  /** All parameters in their order; those of a group are read out of the vector together. */
  readonly groups: readonly (readonly Entry[])[];
  /** Numbers in all. */
  readonly size: number;
  /** How many of them weight decay applies to: the first ones. */
  readonly decayed: number;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * In a model of so many blocks each block is a group, or two: what decays of it, and the rest. XLA
 * then compiles the loops of one block for all that are alike (four blocks: 87 loops for 144, a
 * first call of 2.7 s for 3.5). A group is another input, some 15 µs a step.
 */
const MANY_BLOCKS = 3;

export function layoutOf(specs: ParamSpecs): Layout {
  const all = Object.entries(specs);
  const entriesWhere = (decayed: boolean) =>
    all.filter(([, spec]) => decays(spec) === decayed).map(([name, { shape }]): Entry => ({ name, shape }));
  const [decayed, rest] = [entriesWhere(true), entriesWhere(false)];
  const blocks = new Set(all.map(([name]) => blockOf(name)).filter((block) => block !== undefined));
  return {
    groups: blocks.size < MANY_BLOCKS ? [[...decayed, ...rest]] : [decayed, rest].flatMap(byBlock),
    size: countParameters(specs),
    decayed: sizeOfAll(decayed),
  };
}

const blockOf = (name: string): string | undefined => /^h\.\d+\./.exec(name)?.[0];

/** Runs of entries of one block, or of none. */
function byBlock(entries: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run && blockOf(run[0]?.name as string) === blockOf(entry.name)) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

const sizeOfAll = (entries: readonly Entry[]) => entries.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

const decays = ({ decay, shape }: ParamSpec): boolean => decay ?? shape.length >= 2;

/** @returns (size), a new tensor */
export function flatten({ groups }: Layout, params: Params): tf.Tensor1D {
  return tf.tidy(() =>
    tf.concat(
      groups.flat().map(({ name, shape }) => {
        const x = param(params, name);
        return tf.reshape(isTall(shape) ? tf.transpose(x) : x, [-1]) as tf.Tensor1D;
      }),
    ),
  );
}

/** @returns new tensors */
export function unflatten({ groups }: Layout, vector: tf.Tensor1D): Params {
  return tf.tidy(() => {
    const vectors = groups.length === 1 ? [vector] : splitUncompiled(vector, groups.map(sizeOfAll));
    return Object.assign({}, ...groups.map((entries, i) => named(entries, vectors[i] as tf.Tensor1D)));
  });
}

function named(entries: readonly Entry[], vector: tf.Tensor1D): Params {
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
}

/** Name of the kernel that splits a vector before a compiler sees it; the native engine has it. */
export const UNCOMPILED_SPLIT = "UncompiledSplit";

function splitUncompiled(vector: tf.Tensor1D, sizes: number[]): tf.Tensor1D[] {
  if (!engineHas(UNCOMPILED_SPLIT)) return tf.split(vector, sizes);
  return tf.engine().runKernel(UNCOMPILED_SPLIT, { x: vector }, { sizes }) as tf.Tensor[] as tf.Tensor1D[];
}

/** Matrices with more rows than columns lie by columns: so comes their gradient (`product` in ops.ts). */
const isTall = ([rows = 0, columns = 0, ...more]: readonly number[]) =>
  more.length === 0 && rows > columns && columns > 0;
