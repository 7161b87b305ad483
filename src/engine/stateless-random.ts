/**
 * A kernel for random numbers inside compiled functions: uniform in [0, 1), a pure function of a key.
 *
 * On the native engine it is TensorFlow's StatelessRandomUniform, so nothing is frozen in a graph;
 * elsewhere the same algorithm in JavaScript gives the same bits: Philox-4x32-10 (Salmon et al.
 * 2011, section 3.3), with the key mixed as TensorFlow does
 * (tensorflow/core/kernels/stateless_random_ops.cc, GenerateKey).
 */

import { tf } from "../tensor/tf.ts";
import { replaceKernel } from "./replace-kernel.ts";

/** tfjs's name of the kernel. */
export const STATELESS_UNIFORM = "StatelessUniform";

/** @param key (2), int32: equal keys give equal numbers. */
export function statelessUniform(key: tf.Tensor1D, shape: readonly number[]): tf.Tensor {
  return tf.engine().runKernel(STATELESS_UNIFORM, { key }, { shape: [...shape] }) as tf.Tensor;
}

/** Makes the kernel known to a backend that has none of its own, by tfjs's name of it. */
export function registerStatelessUniform(backendName: string): void {
  if (tf.getKernel(STATELESS_UNIFORM, backendName) !== undefined) return;
  replaceKernel({ kernelName: STATELESS_UNIFORM, backendName, kernelFunc: portableUniform });
}

const portableUniform: tf.KernelFunc = ({ inputs, attrs }) => {
  const { shape } = attrs as unknown as { shape: number[] };
  const [seed0, seed1] = tf.engine().readSync((inputs.key as tf.TensorInfo).dataId) as Int32Array;
  return tf.tensor(
    philoxUniform(seed0 as number, seed1 as number, tf.util.sizeFromShape(shape)),
    shape,
    "float32",
  );
};

/** `size` numbers of the stream of a key: what TensorFlow's op gives, to the bit. */
export function philoxUniform(seed0: number, seed1: number, size: number): Float32Array {
  const high = (seed: number) => (seed < 0 ? 0xffffffff : 0); // seeds are sign-extended to 64 bits
  const mixed = philox([seed0, high(seed0), seed1, high(seed1)], [0x3ec8f720, 0x02461e29]);
  const key: Pair = [mixed[0], mixed[1]];
  const values = new Float32Array(size);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < size; i += 4) {
    const block = philox([i >>> 2, 0, mixed[2], mixed[3]], key);
    // 23 random bits of mantissa under the exponent of [1, 2)
    for (let j = 0; j < 4 && i + j < size; j++) bits[i + j] = 0x3f800000 | ((block[j] as number) & 0x7fffff);
  }
  return values.map((value) => value - 1);
}

type Pair = [number, number];
type Counter = [number, number, number, number];

function philox(counter: Counter, key: Pair): Counter {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, a);
    const [high1, low1] = multiply(0xcd9e8d57, c);
    [a, b, c, d] = [high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [a, b, c, d];
}

/** The two 32-bit halves of a product of unsigned integers, by 16-bit parts. */
function multiply(x: number, y: number): Pair {
  const [x1, x0, y1, y0] = [x >>> 16, x & 0xffff, (y >>> 16) & 0xffff, y & 0xffff];
  const low = x0 * y0;
  const middle = x1 * y0 + (low >>> 16);
  const carry = x0 * y1 + (middle % 0x10000);
  return [(x1 * y1 + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0, Math.imul(x, y)];
}
