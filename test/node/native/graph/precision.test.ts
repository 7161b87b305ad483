/** Products of matrices in bfloat16: what they round, what they leave, and where they are refused. */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { withPrecision } from "../../../../src/node/native/graph/precision.ts";
import { materialized } from "../../../../src/tensor/ops.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { describeNative, numbers } from "./native.ts";

/** bfloat16 has eight bits of mantissa: half a unit in the last place is 2^-9 of the value. */
const HALF_ULP = 2 ** -9;

/** The nearest bfloat16, ties to even. */
function rounded(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  const b = bits[0] as number;
  bits[0] = ((b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer)[0] as number;
}

describeNative("bfloat16", () => {
  test.each([true, false])(
    "rounds the operands and the result of a product, and nothing else (xla %s)",
    (xla) => {
      const f = compile(
        ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ product: tf.matMul(a, b), sum: tf.add(a, a) }),
        { name: "product", xla, precision: "bfloat16" },
      );
      const [a, b] = [numbers([7, 5]), numbers([5, 3], 2)];
      const { product, sum } = f({ a, b });
      expect(sum.arraySync()).toEqual((tf.mul(a, 2) as tf.Tensor).arraySync());
      const [x, y] = [a.arraySync(), b.arraySync()] as [number[][], number[][]];
      const got = product.arraySync() as number[][];
      let exact = 0;
      for (const [i, row] of got.entries()) {
        for (const [j, value] of row.entries()) {
          const sum = (round: (value: number) => number) =>
            y.reduce((t, at, k) => t + round(x[i]?.[k] as number) * round(at[j] as number), 0);
          // Kernels differ in what they accumulate in: five sums in bfloat16 are the worst case.
          expect(Math.abs(value - sum(rounded))).toBeLessThanOrEqual(5 * HALF_ULP);
          if (Math.abs(value - sum((v) => v)) < 1e-6) exact += 1;
        }
      }
      expect(exact).toBeLessThan(got.flat().length / 2);
      expect(product.dtype).toBe("float32");
      disposeTree({ product, sum, a, b });
      f.close();
    },
  );

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

test("float32 leaves a graph as it is", () => {
  const nodes = [
    { name: "a", op: "MatMul", inputs: ["x:0", "y:0"], attrs: { T: { kind: "type" as const, value: 1 } } },
  ];
  expect(withPrecision(nodes, "float32")).toBe(nodes);
  expect(withPrecision(nodes, "bfloat16").map(({ op }) => op)).toEqual(["Cast", "Cast", "MatMul", "Cast"]);
});
