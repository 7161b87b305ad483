/** One op, run on an example: TensorFlow itself says what it returns. */
import { sizeOf } from "../../../tensor/params.ts";
import { type Binding, type OpAttr, typeAttr } from "./backend.ts";
import { DataType } from "./protobuf.ts";
import type { Operand, TensorType } from "./shape-rules.ts";

/**
 * Constants are what they are, so that a shape or an axis is right; all else is zeros.
 *
 * @throws Error with TensorFlow's message where the op does not take such operands.
 */
export function runExample(
  binding: Binding,
  op: string,
  attrs: OpAttr[],
  operands: readonly Operand[],
  outputCount: number,
): TensorType[] {
  const made: number[] = [];
  const keep = (id: number) => made[made.push(id) - 1] as number;
  const run = (op: string, attrs: OpAttr[], inputs: number[], count: number) => {
    const outputs = binding.executeOp(op, attrs, inputs, count);
    return outputs.map(({ id, dtype, shape }) => ({ id: keep(id), dtype, shape }));
  };
  const operand = ({ dtype, shape, data }: Operand): number => {
    if (data) return keep(binding.createTensor([...shape], dtype, data));
    const zeros = keep(binding.createTensor([...shape], DataType.float32, new Float32Array(sizeOf(shape))));
    if (dtype === DataType.float32) return zeros;
    const types = [typeAttr(binding, "SrcT", DataType.float32), typeAttr(binding, "DstT", dtype)];
    return (run("Cast", types, [zeros], 1)[0] as { id: number }).id;
  };
  try {
    return run(op, attrs, operands.map(operand), outputCount).map(({ dtype, shape }) => ({ dtype, shape }));
  } finally {
    for (const id of made) binding.deleteTensor(id);
  }
}
