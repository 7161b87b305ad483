/**
 * Products of matrices in bfloat16: casts around the matmuls of a graph, forward and backward; all
 * else stays float32.
 */
import type { Precision } from "../../../engine/compiler.ts";
import { DataType, type NodeDef } from "./protobuf.ts";

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2"]);

/** Attribute of a product that is never rounded. */
export const EXACT = "_exact";

/** The same graph with inputs of its float32 matmuls rounded to bfloat16 and their results widened again. */
export function withPrecision(nodes: readonly NodeDef[], precision: Precision): readonly NodeDef[] {
  return precision === "float32" ? nodes : nodes.flatMap((node) => (isProduct(node) ? narrowed(node) : node));
}

function isProduct({ op, attrs }: NodeDef): boolean {
  return PRODUCTS.has(op) && !attrs[EXACT] && attrs.T?.kind === "type" && attrs.T.value === DataType.float32;
}

/** The last node has the name of the one replaced, so that its consumers find it. */
function narrowed({ name, op, inputs, attrs }: NodeDef): NodeDef[] {
  const cast = (as: string, input: string, from: number, to: number): NodeDef => ({
    name: as,
    op: "Cast",
    inputs: [input],
    attrs: { SrcT: { kind: "type", value: from }, DstT: { kind: "type", value: to } },
  });
  const { float32, bfloat16 } = DataType;
  const operands = inputs.map((input, i) => cast(`${name}_operand_${i}`, input, float32, bfloat16));
  const product: NodeDef = {
    name: `${name}_product`,
    op,
    inputs: operands.map((operand) => `${operand.name}:0`),
    attrs: { ...attrs, T: { kind: "type", value: bfloat16 } },
  };
  return [...operands, product, cast(name, `${product.name}:0`, bfloat16, float32)];
}
