/**
 * What the rules say of an op's outputs is what TensorFlow returns; where they say nothing,
 * TensorFlow is asked.
 */
import { expect, test } from "vitest";
import { copyOf, type OpAttr, typeAttr } from "../../../../src/node/native/graph/backend.ts";
import { runExample } from "../../../../src/node/native/graph/example.ts";
import { DataType } from "../../../../src/node/native/graph/protobuf.ts";
import { type Operand, outputTypes, RULES } from "../../../../src/node/native/graph/shape-rules.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { backend, describeNative } from "./native.ts";
import { inputsOf, type Letters, PLAIN, SMOOTH, withGradients } from "./operations.ts";

interface Call {
  readonly op: string;
  readonly attrs: OpAttr[];
  readonly operands: readonly Operand[];
  readonly outputs: readonly Operand[];
}

const typeOf = ({ dtype, shape }: Operand) => ({ dtype, shape });

/** The ops that `fn` has TensorFlow run, from tensors that it makes itself. */
function callsOf(fn: () => tf.TensorContainer): Call[] {
  const native = backend();
  const { binding } = native;
  const known = new Map<number, Operand>();
  const calls: Call[] = [];
  native.binding = {
    ...copyOf(binding),
    createTensor(shape, dtype, data) {
      const id = binding.createTensor(shape, dtype, data);
      known.set(id, { dtype, shape, data: data.slice() });
      return id;
    },
    executeOp(op, attrs, inputs, count) {
      const outputs = binding.executeOp(op, attrs, inputs, count);
      for (const { id, dtype, shape } of outputs) known.set(id, { dtype, shape });
      const operands = inputs.map((id) => known.get(id) as Operand);
      calls.push({ op, attrs, operands, outputs: outputs.map(typeOf) });
      return outputs;
    },
  };
  try {
    tf.dispose(tf.tidy(fn));
  } finally {
    native.binding = binding;
  }
  return calls;
}

/** What the cases of the operations leave out. */
const MORE: readonly [string, () => tf.TensorContainer][] = [
  ["sizes of one against more, on either side", () => tf.add(tf.ones([3, 1, 2]), tf.ones([4, 1]))],
  ["no elements against one", () => tf.mul(tf.ones([0, 3]), tf.ones([1, 1]))],
  ["a scalar against a matrix", () => tf.pow(tf.scalar(2), tf.ones([2, 2]))],
  ["batches of products that broadcast", () => tf.matMul(tf.ones([2, 1, 3, 4]), tf.ones([5, 4, 6]))],
  ["a reshape to what is left", () => tf.reshape(tf.ones([2, 3, 4]), [4, -1])],
  ["a reshape of a scalar, and to one", () => tf.reshape(tf.reshape(tf.scalar(1), [1, 1]), [])],
  ["a reshape of no elements", () => tf.reshape(tf.ones([0, 3]), [3, 0])],
  ["a new last axis", () => tf.expandDims(tf.ones([2, 3]), -1)],
  ["a stack of scalars, and along the last axis", () => [tf.stack([1, 2]), tf.stack([[1, 2]], 1)]],
  ["a concatenation along a middle axis", () => tf.concat([tf.ones([2, 1, 3]), tf.ones([2, 4, 3])], 1)],
  ["sums of all axes, kept and not", () => [tf.sum(tf.ones([2, 3]), [0, 1], true), tf.sum(tf.scalar(1))]],
  ["rows by a matrix of indices", () => tf.gather(tf.ones([2, 3, 4]), [[0, 2, 1]], 1)],
  ["rows of each of a batch", () => tf.gather(tf.ones([2, 3, 4]), [[0], [2]], 1, 1)],
  ["a part to the end", () => tf.slice(tf.ones([3, 4]), [1, 2])],
  [
    "a choice by rows, and by elements",
    () => [tf.where([true], [1], [2]), tf.where([true, false], 1, [2, 3])],
  ],
  ["elementwise", () => [tf.log1p(tf.ones([2])), tf.softplus(tf.ones([2])), tf.lessEqual([1, 2], 1)]],
  ["comparisons", () => [tf.less([[1], [2]], [1, 2, 3]), tf.greaterEqual(1, 2), tf.minimum([1, 2], [[1]])]],
  ["copies", () => [tf.clone(tf.ones([2])), tf.cast(tf.ones([2], "int32"), "float32")]],
];

const ALL: typeof MORE = [
  ...SMOOTH.map(
    ([name, shapes, fn]) => [name, () => withGradients(fn)(inputsOf(shapes))] as (typeof MORE)[number],
  ),
  ...PLAIN.map(
    ([name, shapes, fn]) => [name, () => fn(inputsOf(shapes) as Letters)] as (typeof MORE)[number],
  ),
  ...MORE,
];

describeNative("rules for the types of outputs", () => {
  const met = new Set<string>();

  test.each(ALL)("%s: as TensorFlow returns them", (_, fn) => {
    for (const { op, attrs, operands, outputs } of callsOf(fn)) {
      const types = outputTypes(op, attrs, operands);
      const said = `${op} of ${JSON.stringify(operands.map(typeOf))}`;
      if (types) {
        met.add(op);
        expect(types, said).toEqual(outputs);
      } else {
        const example = runExample(backend().binding, op, attrs, operands, outputs.length);
        expect(example, said).toEqual(outputs);
      }
    }
  });

  const float = (...shape: number[]): Operand => ({ dtype: DataType.float32, shape });
  const ints = (shape: number[], ...values: number[]): Operand => ({
    dtype: DataType.int32,
    shape,
    data: Int32Array.from(values),
  });

  test.each<[string, string, Operand[]]>([
    ["shapes that do not broadcast", "Add", [float(2), float(3)]],
    ["factors that do not fit", "BatchMatMulV2", [float(2, 3), float(2, 3)]],
    ["a factor that is no matrix", "BatchMatMulV2", [float(3), float(3, 2)]],
    ["another number of elements", "Reshape", [float(2, 3), ints([1], 5)]],
    ["elements that do not divide", "Reshape", [float(2, 3), ints([2], 4, -1)]],
    ["two unknown sizes", "Reshape", [float(2, 3), ints([2], -1, -1)]],
    ["an order of other length", "Transpose", [float(2, 3), ints([1], 0)]],
    ["an axis twice", "Transpose", [float(2, 3), ints([2], 1, 1)]],
    ["an axis that there is not", "Sum", [float(2, 3), ints([1], 2)]],
    ["a part past the end", "Slice", [float(3), ints([1], 2), ints([1], 2)]],
    ["a place past the last axis", "ExpandDims", [float(3), ints([], 3)]],
    ["rows along an axis that there is not", "GatherV2", [float(3), ints([1], 0), ints([], 1)]],
    ["rows of different lengths", "Pack", [float(3), float(2)]],
    ["parts of different widths", "ConcatV2", [float(3, 1), float(3, 2), ints([], 0)]],
  ])("%s: the rule for %s is silent, and TensorFlow refuses", (_, op, operands) => {
    const { binding } = backend();
    const int = (name: string, value: number) => ({ name, type: binding.TF_ATTR_INT as number, value });
    const flag = (name: string) => ({ name, type: binding.TF_ATTR_BOOL as number, value: false });
    const T = typeAttr(binding, op === "GatherV2" ? "Tparams" : "T", DataType.float32);
    const more: Record<string, OpAttr[]> = {
      BatchMatMulV2: [flag("adj_x"), flag("adj_y")],
      Sum: [flag("keep_dims")],
      Pack: [int("N", 2), int("axis", 0)],
      ConcatV2: [int("N", 2)],
      GatherV2: [int("batch_dims", 0)],
    };
    const attrs = [T, ...(more[op] ?? [])];
    expect(outputTypes(op, attrs, operands)).toBeUndefined();
    expect(() => runExample(binding, op, attrs, operands, 1)).toThrow(/\S/);
  });

  test("each rule was met", () => {
    expect([...RULES.keys()].filter((op) => !met.has(op))).toEqual([]);
  });
});
