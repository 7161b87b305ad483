/** Products of matrices in bfloat16: what they round, what they leave, and where they are refused. */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { hasCustomCalls } from "../../../../src/node/native/custom-calls.ts";
import { isInPart, Parts } from "../../../../src/node/native/graph/parts.ts";
import { withPrecision } from "../../../../src/node/native/graph/precision.ts";
import { materialized } from "../../../../src/tensor/ops.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { backend, describeNative, numbers } from "./native.ts";

/** bfloat16 has eight bits of mantissa: half a unit in the last place is 2^-9 of the value. */
const HALF_ULP = 2 ** -9;

/** The nearest bfloat16, ties to even. */
function rounded(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  const b = bits[0] as number;
  bits[0] = ((b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer)[0] as number;
}

/** Of products: M, K and N of (…,M,K)·(…,K,N), and the axes before. */
const PRODUCTS = [
  { of: [7, 5, 3], before: [] },
  { of: [1, 5, 3], before: [] },
  { of: [7, 5, 1], before: [] },
  { of: [7, 1, 3], before: [] },
  { of: [33, 64, 48], before: [] },
  { of: [4, 5, 6], before: [2, 3] },
  { of: [17, 32, 16], before: [4] },
] as const;

/** Whether the left and the right operand are transposed twice: in the function, and by the product. */
const SIDES = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** Σ over k of products of numbers that were rounded before, in float64: (…,M,N) of (…,M,K) and (…,K,N). */
function summed(a: tf.Tensor, b: tf.Tensor): number[] {
  const [M, K] = a.shape.slice(-2) as [number, number];
  const N = b.shape.at(-1) as number;
  const [x, y] = [a, b].map((t) => Array.from(t.dataSync(), rounded)) as [number[], number[]];
  return Array.from({ length: (x.length / K) * N }, (_, at) => {
    const [row, column] = [Math.floor(at / N), at % N];
    const first = Math.floor(row / M) * K; // of the matrix in b
    return Array.from(
      { length: K },
      (_, k) => (x[row * K + k] as number) * (y[(first + k) * N + column] as number),
    ).reduce((p, q) => p + q);
  });
}

function swapped(x: tf.Tensor): tf.Tensor {
  const axes = [...x.shape.keys()];
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

const allProducts = (inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> =>
  Object.fromEntries(
    PRODUCTS.flatMap((_, i) =>
      SIDES.map(([left, right], n) => {
        const [a, b] = [inputs[`a${i}`] as tf.Tensor, inputs[`b${i}`] as tf.Tensor];
        return [`${i}-${n}`, tf.matMul(left ? swapped(a) : a, right ? swapped(b) : b, left, right)];
      }),
    ),
  );

describeNative("bfloat16", () => {
  test.each([true, false])("rounds the operands of products, and nothing else (xla %s)", (xla) => {
    // Sums and results are float32 where XLA and the addon are, else bfloat16.
    const tolerance = xla && hasCustomCalls(backend()) ? 1e-5 : 65 * HALF_ULP;
    const given = Object.fromEntries(
      PRODUCTS.flatMap(({ of: [M, K, N], before }, i) => [
        [`a${i}`, numbers([...before, M, K])],
        [`b${i}`, numbers([...before, K, N], 2)],
      ]),
    );
    const f = compile(
      (inputs: Record<string, tf.Tensor>) => ({
        products: allProducts(inputs),
        sum: tf.add(inputs.a0 as tf.Tensor, inputs.a0 as tf.Tensor),
      }),
      { name: "products", xla, precision: "bfloat16" },
    );
    const { sum, products } = f(given);
    expect(sum.arraySync()).toEqual((tf.mul(given.a0 as tf.Tensor, 2) as tf.Tensor).arraySync());
    for (const [name, product] of Object.entries(products)) {
      const wanted = summed(given[`a${name[0]}`] as tf.Tensor, given[`b${name[0]}`] as tf.Tensor);
      expect(product.dtype).toBe("float32");
      for (const [j, value] of product.dataSync().entries()) {
        const bound = tolerance * Math.max(1, Math.abs(wanted[j] as number));
        expect(Math.abs(value - (wanted[j] as number)), `product ${name}`).toBeLessThanOrEqual(bound);
      }
    }
    disposeTree({ given, products, sum });
    f.close();
  });

  test("leaves what is materialized as it is, to the bit, and its gradient", () => {
    const slopes = (x: tf.Tensor) => tf.grad((given) => tf.mul(materialized(tf.square(given)), 3))(x);
    for (const shape of [[3, 8], [5, 12], [7], [3, 5, 2]]) {
      const f = compile(({ x }: { x: tf.Tensor }) => ({ y: materialized(tf.mul(x, 3)), slope: slopes(x) }), {
        name: "materialized",
        xla: true,
        precision: "bfloat16",
      });
      const x = numbers(shape);
      const { y, slope } = f({ x });
      expect(y.arraySync()).toEqual((tf.mul(x, 3) as tf.Tensor).arraySync());
      expect(slope.arraySync()).toEqual((tf.mul(x, 6) as tf.Tensor).arraySync());
      disposeTree({ x, y, slope });
      f.close();
    }
  });

  test("takes part in gradients too, which stay within a hundredth of float32's", () => {
    const gradient = (precision: "float32" | "bfloat16") => {
      const f = compile(
        ({ w, x }: { w: tf.Tensor; x: tf.Tensor }) => ({
          g: tf.grad((v: tf.Tensor) => tf.sum(tf.square(tf.matMul(v, x))))(w),
        }),
        { name: "gradient", precision },
      );
      const [w, x] = [numbers([6, 8]), numbers([8, 4], 3)];
      const { g } = f({ w, x });
      const values = Array.from(g.dataSync());
      disposeTree({ g, w, x });
      f.close();
      return values;
    };
    const [full, half] = [gradient("float32"), gradient("bfloat16")];
    const size = Math.max(...full.map(Math.abs));
    const apart = Math.max(...full.map((value, i) => Math.abs(value - (half[i] as number))));
    expect(apart).toBeGreaterThan(1e-6 * size);
    expect(apart).toBeLessThan(0.02 * size);
  });
});

test.each(["float32", "bfloat16"] as const)(
  "a product in a part of a graph stays there (sums in %s)",
  (sums) => {
    const part = new Parts();
    const attrs = part.within(() => ({ T: { kind: "type" as const, value: 1 }, ...part.mark() }));
    const nodes = withPrecision(
      [{ name: "a", op: "MatMul", inputs: ["x:0", "y:0"], attrs }],
      "bfloat16",
      sums,
    );
    expect(nodes.length).toBeGreaterThan(3);
    expect(nodes.filter((node) => !isInPart(node))).toEqual([]);
  },
);

test("float32 leaves a graph as it is", () => {
  const nodes = [
    { name: "a", op: "MatMul", inputs: ["x:0", "y:0"], attrs: { T: { kind: "type" as const, value: 1 } } },
  ];
  expect(withPrecision(nodes, "float32", "bfloat16")).toBe(nodes);
  const ops = (sums: "float32" | "bfloat16") => withPrecision(nodes, "bfloat16", sums).map(({ op }) => op);
  expect(ops("bfloat16")).toEqual(["Cast", "Cast", "MatMul", "Cast"]);
  expect(ops("float32").filter((op) => op !== "StopGradient")).toEqual(["Cast", "Cast", "BatchMatMulV3"]);
});
