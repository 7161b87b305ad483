/**
 * What ops return, known without running them: shape and type of each output.
 *
 * A rule for an op that is not here is not missed: the recorder then runs the op. Those here are
 * the ones that a training step calls often.
 */
import { sizeOf } from "../../../tensor/params.ts";
import type { OpAttr, TypedArray } from "./backend.ts";
import { type Broadcast, broadcastShape } from "./broadcast-shape.ts";
import { DataType } from "./protobuf.ts";

export interface TensorType {
  /** TensorFlow's number. */
  readonly dtype: number;
  readonly shape: readonly number[];
}

export interface Operand extends TensorType {
  /** The elements, where they are constants of the function. */
  readonly data?: TypedArray | undefined;
}

/** Undefined where the op has to be run, if only to hear what is wrong with its operands. */
type Rule = (operands: readonly Operand[], attrs: Attrs) => readonly TensorType[] | undefined;

interface Attrs {
  number(name: string): number;
  flag(name: string): boolean;
}

/** @returns a type for each output, or undefined where no rule holds. */
export function outputTypes(
  op: string,
  attrs: readonly OpAttr[],
  operands: readonly Operand[],
): readonly TensorType[] | undefined {
  const value = (name: string) => attrs.find((attr) => attr.name === name)?.value;
  const declared = value("result_shapes") as number[][] | undefined; // a call of our own (custom-calls.ts)
  if (declared) return declared.map((shape) => ({ dtype: DataType.float32, shape }));
  const types = RULES.get(op)?.(operands, {
    number: (name) => Number(value(name)),
    flag: (name) => value(name) === true,
  });
  return types?.map(({ dtype, shape }) => ({ dtype, shape })); // without the elements of an operand
}

const sameAsFirst: Rule = ([x]) => x && [x];

/** As the first, of the shape that all broadcast to. */
const broadcast: Rule = ([first, ...rest]) => {
  const shape = rest.reduce((all, { shape }) => all && broadcastShape(all, shape), first?.shape as Broadcast);
  return first && shape && [{ dtype: first.dtype, shape }];
};

const truth: Rule = (operands, attrs) =>
  broadcast(operands, attrs)?.map(({ shape }) => ({ dtype: DataType.bool, shape }));

/** (condition, a, b), of one shape. */
const select: Rule = (operands) => {
  const [, a] = operands;
  return a && operands.every(({ shape }) => `${shape}` === `${a.shape}`) ? [a] : undefined;
};

const cast: Rule = ([x], attrs) => x && [{ dtype: attrs.number("DstT"), shape: x.shape }];

const matrixProduct: Rule = ([a, b], attrs) => {
  if (a === undefined || b === undefined || a.shape.length < 2 || b.shape.length < 2) return undefined;
  const [M, K] = matrix(a.shape, attrs.flag("adj_x"));
  const [L, N] = matrix(b.shape, attrs.flag("adj_y"));
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return K === L && batch ? [{ dtype: a.dtype, shape: [...batch, M, N] }] : undefined;
};

const matrix = (shape: readonly number[], transposed: boolean) => {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return (transposed ? [columns, rows] : [rows, columns]) as [number, number];
};

/** One size may be -1: what is left. */
const reshape: Rule = ([x, to]) => {
  if (x === undefined || to?.data === undefined) return undefined;
  const sizes = Array.from(to.data);
  const known = sizeOf(sizes.filter((n) => n !== -1));
  const left = known === 0 ? -1 : sizeOf(x.shape) / known;
  const shape = sizes.map((n) => (n === -1 ? left : n));
  return shape.every(isSize) && sizeOf(shape) === sizeOf(x.shape) ? [{ dtype: x.dtype, shape }] : undefined;
};

const expandDims: Rule = ([x, at]) => {
  const axis = at?.data?.[0];
  if (x === undefined || axis === undefined) return undefined;
  const place = axis < 0 ? axis + x.shape.length + 1 : axis;
  return place in [...x.shape, 1] ? [{ dtype: x.dtype, shape: x.shape.toSpliced(place, 0, 1) }] : undefined;
};

const transpose: Rule = ([x, order]) => {
  const axes = order?.data && Array.from(order.data);
  if (x === undefined || axes?.length !== x.shape.length || new Set(axes).size < axes.length)
    return undefined;
  return axes.every((axis) => axis in x.shape)
    ? [{ dtype: x.dtype, shape: axes.map((axis) => x.shape[axis] as number) }]
    : undefined;
};

const reduce: Rule = ([x, over], attrs) => {
  if (x === undefined || over?.data === undefined) return undefined;
  const axes = Array.from(over.data, (axis) => (axis < 0 ? axis + x.shape.length : axis));
  if (!axes.every((axis) => axis in x.shape)) return undefined;
  const kept = attrs.flag("keep_dims")
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return [{ dtype: x.dtype, shape: kept }];
};

const slice: Rule = ([x, begin, size]) => {
  const [from, sizes] = [begin?.data, size?.data];
  if (x === undefined || from === undefined || sizes === undefined) return undefined;
  const shape = x.shape.map((all, axis) =>
    sizes[axis] === -1 ? all - Number(from[axis]) : Number(sizes[axis]),
  );
  return shape.every((n, axis) => n >= 0 && Number(from[axis]) + n <= (x.shape[axis] as number))
    ? [{ dtype: x.dtype, shape }]
    : undefined;
};

const split: Rule = ([x, parts, at]) => {
  const axis = at?.data?.[0];
  if (x === undefined || parts?.data === undefined || axis === undefined || !(axis in x.shape))
    return undefined;
  const sizes = Array.from(parts.data);
  const whole = sizes.every(isSize) && sizes.reduce((sum, n) => sum + n, 0) === x.shape[axis];
  return whole ? sizes.map((n) => ({ dtype: x.dtype, shape: x.shape.with(axis, n) })) : undefined;
};

const unpack: Rule = ([x], attrs) => {
  const axis = attrs.number("axis");
  if (x === undefined || !(axis in x.shape)) return undefined;
  const type = { dtype: x.dtype, shape: x.shape.toSpliced(axis, 1) };
  return Array.from({ length: attrs.number("num") }, () => type);
};

const pack: Rule = (operands, attrs) => {
  const [first] = operands;
  const axis = attrs.number("axis");
  if (first === undefined || axis < 0 || operands.some(({ shape }) => `${shape}` !== `${first.shape}`))
    return undefined;
  return [{ dtype: first.dtype, shape: first.shape.toSpliced(axis, 0, operands.length) }];
};

const concat: Rule = (operands) => {
  const parts = operands.slice(0, -1);
  const [first] = parts;
  const axis = operands.at(-1)?.data?.[0];
  if (first === undefined || axis === undefined || !(axis in first.shape)) return undefined;
  const others = ({ shape }: Operand) => `${shape.toSpliced(axis, 1)}`;
  if (parts.some((part) => others(part) !== others(first))) return undefined;
  const size = parts.reduce((all, { shape }) => all + (shape[axis] as number), 0);
  return [{ dtype: first.dtype, shape: first.shape.with(axis, size) }];
};

/** Operands are a tensor, indices and an axis. */
const gather: Rule = ([x, indices, at], attrs) => {
  const axis = at?.data?.[0];
  if (x === undefined || indices === undefined || axis === undefined || !(axis in x.shape)) return undefined;
  const places = indices.shape.slice(attrs.number("batch_dims"));
  return [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1, ...places) }];
};

const rulesOf = (rule: Rule, ops: string) => ops.split(" ").map((op) => [op, rule] as const);

export const RULES: ReadonlyMap<string, Rule> = new Map([
  ...rulesOf(
    sameAsFirst,
    "Abs AddN Cos Cumsum Erf Exp Floor Log Log1p Neg Relu Rsqrt Sigmoid Sin Softmax Softplus Sqrt Square StopGradient Tanh",
  ),
  ...rulesOf(broadcast, "Add Maximum Minimum Mul Pow RealDiv Sub"),
  ...rulesOf(truth, "Equal Greater GreaterEqual Less LessEqual"),
  ...rulesOf(select, "Select"),
  ...rulesOf(cast, "Cast"),
  ...rulesOf(matrixProduct, "BatchMatMulV2"),
  ...rulesOf(reshape, "Reshape"),
  ...rulesOf(transpose, "Transpose"),
  ...rulesOf(reduce, "Max Mean Min Sum"),
  ...rulesOf(slice, "Slice"),
  ...rulesOf(split, "SplitV"),
  ...rulesOf(unpack, "Unpack"),
  ...rulesOf(expandDims, "ExpandDims"),
  ...rulesOf(pack, "Pack"),
  ...rulesOf(concat, "ConcatV2"),
  ...rulesOf(gather, "GatherV2"),
]);

const isSize = (n: number) => Number.isInteger(n) && n >= 0;
