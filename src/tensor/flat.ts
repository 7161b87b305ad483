/**
 * Parameters in few vectors: a compiled step then takes few inputs for them, and an optimizer few loops.
 *
 * Each tensor that enters or leaves a graph compiled by XLA costs some 10 µs a call, and a small
 * model has ninety with their moments.
 */
import { type ParamSpec, type ParamSpecs, type Params, param, sizeOf } from "./params.ts";
import { tf } from "./tf.ts";

/** Where each parameter lies: a vector of each group. */
export type Layout = readonly Group[];

export interface Group {
  readonly entries: readonly Entry[];
  /** Numbers in all. */
  readonly size: number;
  /** How many of them weight decay applies to: the first ones. */
  readonly decayed: number;
}

/** A vector of each group, by its place in the layout. */
export type GroupVectors = Readonly<Record<string, tf.Tensor1D>>;

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether weight decay applies to it. */
  readonly decays: boolean;
}

/**
 * In a model of so many blocks what is small of each block is a group, or two: what decays, and the rest. XLA
 * then compiles the loops of one block for all that are alike (four blocks: 87 loops for 144, a
 * first call of 2.7 s for 3.5). A group is another input, some 15 µs a step.
 */
const MANY_BLOCKS = 3;

/** A parameter of so many numbers is a group of its own: copying it takes longer than one input more costs. */
const LARGE = 2 ** 17;

export function layoutOf(specs: ParamSpecs): Layout {
  const all = Object.entries(specs).map(
    ([name, spec]): Entry => ({ name, shape: spec.shape, decays: decays(spec) }),
  );
  const [large, small] = partition(all, ({ shape }) => sizeOf(shape) >= LARGE);
  const kinds = partition(small, (entry) => entry.decays);
  const blocks = new Set(all.map(({ name }) => blockOf(name)).filter((block) => block !== undefined));
  const together = blocks.size < MANY_BLOCKS ? [kinds.flat()] : kinds.flatMap(byBlock);
  return [...large.map((entry) => [entry]), ...together].filter((entries) => entries.length > 0).map(groupOf);
}

function groupOf(entries: readonly Entry[]): Group {
  const decayed = entries.filter((entry) => entry.decays);
  return { entries, size: sizeOfAll(entries), decayed: sizeOfAll(decayed) };
}

const partition = <T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] => [
  all.filter(isFirst),
  all.filter((one) => !isFirst(one)),
];

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

/** @param vectors in the order of the groups */
export const byGroup = (vectors: readonly tf.Tensor1D[]): GroupVectors =>
  Object.fromEntries(vectors.map((vector, place) => [place, vector]));

/** From vectors by name of each group to those of each group by name. */
export const bySlot = (
  groups: readonly Readonly<Record<string, tf.Tensor1D>>[],
): Readonly<Record<string, GroupVectors>> =>
  Object.fromEntries(
    Object.keys(groups[0] ?? {}).map((slot) => [
      slot,
      byGroup(groups.map((one) => one[slot] as tf.Tensor1D)),
    ]),
  );

/** @returns a new tensor of each group, (size) */
export const flatten = (layout: Layout, params: Params): GroupVectors =>
  tf.tidy(() => byGroup(layout.map(({ entries }) => joinedOf(entries, params))));

const joinedOf = (entries: readonly Entry[], params: Params): tf.Tensor1D =>
  tf.concat(
    entries.map(({ name, shape }) => {
      const x = param(params, name);
      return tf.reshape(isTall(shape) ? tf.transpose(x) : x, [-1]) as tf.Tensor1D;
    }),
  );

/** @returns new tensors */
export const unflatten = (layout: Layout, vectors: GroupVectors): Params =>
  tf.tidy(() =>
    Object.assign({}, ...layout.map(({ entries }, i) => named(entries, vectors[i] as tf.Tensor1D))),
  );

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

/** Matrices with more rows than columns lie by columns: so comes their gradient (`product` in ops.ts). */
const isTall = ([rows = 0, columns = 0, ...more]: readonly number[]) =>
  more.length === 0 && rows > columns && columns > 0;
