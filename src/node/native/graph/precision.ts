/**
 * Products of matrices in bfloat16: casts around the matmuls of a graph, forward and backward; all
 * else stays float32.
 */
import type { Precision } from "../../../engine/compiler.ts";
import { inPartOf } from "./parts.ts";
import { type AttrValue, DataType, type NodeDef } from "./protobuf.ts";

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2"]);

/** Attribute of a product that is never rounded. */
export const EXACT = "_exact";

/**
 * The same graph with inputs of its float32 matmuls rounded to bfloat16.
 *
 * @param sums what products add up in: float32, which XLA alone has, or bfloat16, to which their
 *   results are rounded then
 */
export function withPrecision(
  nodes: readonly NodeDef[],
  precision: Precision,
  sums: Precision,
): readonly NodeDef[] {
  if (precision === "float32") return nodes;
  const made: Made = new Map(nodes.map((node) => [`${node.name}:0`, node]));
  const narrowed = sums === "float32" ? wideProduct : narrowProduct;
  return nodes.flatMap((node) => (isProduct(node) ? inPartOf(node, narrowed(node, made)) : node));
}

function isProduct({ op, attrs }: NodeDef): boolean {
  return PRODUCTS.has(op) && !attrs[EXACT] && attrs.T?.kind === "type" && attrs.T.value === DataType.float32;
}

/** Nodes by their first output. */
type Made = ReadonlyMap<string, NodeDef>;

const { float32, bfloat16 } = DataType;
const type = (value: number): AttrValue => ({ kind: "type", value });

const cast = (name: string, input: string, from: number, to: number): NodeDef => ({
  name,
  op: "Cast",
  inputs: [input],
  attrs: { SrcT: type(from), DstT: type(to) },
});

/** The last node has the name of the one replaced, so that its consumers find it. */
function narrowProduct({ name, op, inputs, attrs }: NodeDef): NodeDef[] {
  const operands = inputs.map((input, i) => cast(`${name}_operand_${i}`, input, float32, bfloat16));
  const product: NodeDef = {
    name: `${name}_product`,
    op,
    inputs: operands.map((operand) => `${operand.name}:0`),
    attrs: { ...attrs, T: type(bfloat16) },
  };
  return [...operands, product, cast(name, `${product.name}:0`, bfloat16, float32)];
}

/**
 * A product of bfloat16s whose result is float32: XLA's library computes it with a processor's own
 * instructions (AMX, AVX512_BF16). One of bfloat16s alone XLA would compute in float32, and so it
 * does where the library refuses: a left operand that is read by columns, or any that is transposed
 * by its layout. It asks once; the barriers keep what it asked about, for of a product that has
 * changed since it says "Unsupported element type" when it runs.
 */
function wideProduct({ name, inputs, attrs }: NodeDef, made: Made): NodeDef[] {
  const { T: _, transpose_a, transpose_b, adj_x = transpose_a, adj_y = transpose_b, ...rest } = attrs;
  const [left, right] = inputs as [string, string];
  const swapped = swappedIn(right, made);
  const operands = [left, swapped ?? right].flatMap((input, i) => {
    const rounded = cast(`${name}_rounded_${i}`, input, float32, bfloat16);
    return [rounded, barrier(`${name}_operand_${i}`, rounded, bfloat16)];
  });
  const product: NodeDef = {
    name: `${name}_product`,
    op: WIDE_PRODUCT,
    inputs: [0, 1].map((i) => `${name}_operand_${i}:0`),
    attrs: {
      ...rest,
      adj_x: flag(isSet(adj_x)),
      adj_y: flag(isSet(adj_y) !== (swapped !== undefined)),
      ...{ Ta: type(bfloat16), Tb: type(bfloat16), Tout: type(float32) },
    },
  };
  return [...operands, product, barrier(name, product, float32)];
}

/** The op that has a type of its result; TensorFlow's placer asks for a kernel of it, which is the addon's. */
const WIDE_PRODUCT = "BatchMatMulV3";

const flag = (value: boolean): AttrValue => ({ kind: "bool", value });
const isSet = (attr: AttrValue | undefined) => attr?.kind === "bool" && attr.value === true;

/** What XLA is given as a barrier (`session.ts`). */
const barrier = (name: string, { name: of }: NodeDef, dtype: number): NodeDef => ({
  name,
  op: "StopGradient",
  inputs: [`${of}:0`],
  attrs: { T: type(dtype) },
});

/** What a node transposes in its last two axes to make `output`; undefined where it does not, or does more. */
function swappedIn(output: string, made: Made): string | undefined {
  const node = made.get(output);
  if (node?.op !== "Transpose") return undefined;
  const axes = made.get(node.inputs[1] as string)?.attrs.value;
  if (axes?.kind !== "tensor") return undefined;
  const order = new Int32Array(axes.bytes.slice().buffer);
  const swap = order.map((_, i) => (i < order.length - 2 ? i : 2 * order.length - 3 - i));
  return order.every((axis, i) => axis === swap[i]) ? node.inputs[0] : undefined;
}
