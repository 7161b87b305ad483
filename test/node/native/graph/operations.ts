/** The functions whose graphs are compared with the functions themselves. */

import { gelu, silu } from "../../../../src/tensor/activations.ts";
import { layerNorm, rmsNorm } from "../../../../src/tensor/norms.ts";
import { crossEntropy, linear, rows } from "../../../../src/tensor/ops.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { numbers } from "./native.ts";

export type Tensors = Record<string, tf.Tensor>;
/** Inputs by the letters that a case uses. */
export type Letters = Record<"a" | "b" | "x" | "w" | "g", tf.Tensor>;
export type Shapes = Record<string, readonly number[]>;
export type Case = readonly [name: string, shapes: Shapes, fn: (inputs: Letters) => Tensors];

/** Functions of float inputs; each output of floats is differentiated by each input. */
export const SMOOTH: readonly Case[] = [
  [
    "arithmetic that broadcasts",
    { a: [3, 4], b: [4] },
    ({ a, b }) => ({ y: tf.div(tf.sub(tf.mul(a, b), b), tf.add(tf.square(a), 2)) }),
  ],
  [
    "exp, log, sqrt, rsqrt, abs",
    { a: [7] },
    ({ a }) => ({ y: tf.log(tf.add(tf.exp(a), tf.sqrt(tf.abs(a)))), z: tf.rsqrt(tf.add(1.5, a)) }),
  ],
  [
    "sin, cos, tanh, sigmoid, erf",
    { a: [7] },
    ({ a }) => ({ y: tf.sin(tf.cos(a)), z: tf.sigmoid(tf.tanh(a)), e: tf.erf(a) }),
  ],
  [
    "products with each transposition",
    { a: [2, 3, 3], b: [2, 3, 3] },
    ({ a, b }) => ({
      nn: tf.matMul(a, b),
      tn: tf.matMul(a, b, true),
      nt: tf.matMul(a, b, false, true),
      tt: tf.matMul(a, b, true, true),
    }),
  ],
  [
    "a linear layer",
    { x: [2, 3, 4], w: [4, 5], b: [5] },
    ({ x, w, b }) => ({ y: linear(x, w as tf.Tensor2D, b as tf.Tensor1D) }),
  ],
  [
    "layer normalization and GELU, RMS normalization and SiLU",
    { x: [2, 3, 8], g: [8] },
    ({ x, g }) => ({ y: gelu(layerNorm(x, g as tf.Tensor1D)), z: silu(rmsNorm(x, g as tf.Tensor1D)) }),
  ],
  [
    "softmax, logSumExp, logSoftmax",
    { a: [3, 5] },
    ({ a }) => ({ s: tf.softmax(a), l: tf.logSumExp(a, 1), m: tf.logSoftmax(a) }),
  ],
  [
    "cross-entropy",
    { a: [3, 5] },
    ({ a }) => ({ nll: crossEntropy(a as tf.Tensor2D, tf.tensor1d([4, 0, 2], "int32")) }),
  ],
  [
    "rows between rows",
    { a: [4, 3] },
    ({ a }) => ({ y: rows(a as tf.Tensor2D, tf.tensor1d([0, 1.25, 3, 1.25])) }),
  ],
  [
    "gather along another axis",
    { a: [3, 4] },
    ({ a }) => ({ y: tf.gather(a, tf.tensor1d([3, 0, 0], "int32"), 1) }),
  ],
  [
    "transpose, reshape, expandDims, squeeze",
    { a: [2, 3, 4] },
    ({ a }) => ({ y: tf.squeeze(tf.expandDims(tf.reshape(tf.transpose(a, [2, 0, 1]), [8, 3]), 1)) }),
  ],
  [
    "slice, concat, pad, tile, reverse",
    { a: [3, 4], b: [3, 4] },
    ({ a, b }) => ({
      y: tf.reverse(
        tf.pad(tf.concat([tf.slice(a, [1, 0], [2, -1]), tf.tile(b, [2, 1])]), [
          [1, 0],
          [0, 2],
        ]),
        0,
      ),
    }),
  ],
  [
    "stack, unstack, split",
    { a: [2, 6] },
    ({ a }) => ({
      y: tf.stack([...tf.unstack(a), ...tf.unstack(a)], 1),
      z: tf.split(a, [1, 2, 3], 1)[2] as tf.Tensor,
    }),
  ],
  [
    "sum, mean, max, min, prod, cumsum",
    { a: [3, 4] },
    ({ a }) => ({
      s: tf.sum(a, 0),
      m: tf.mean(a, -1, true),
      x: tf.max(a),
      n: tf.min(a, 1),
      p: tf.prod(a, 1),
      c: tf.cumsum(a, 1, true, true),
    }),
  ],
  [
    "where, maximum, clip, relu, leakyRelu",
    { a: [3, 4], b: [3, 4] },
    ({ a, b }) => ({
      w: tf.where(tf.tensor1d([1, 0, 1, 0], "bool"), a, b),
      x: tf.maximum(a, 0.1),
      c: tf.clipByValue(a, -0.5, 0.5),
      r: tf.relu(a),
      l: tf.leakyRelu(a, 0.3),
    }),
  ],
  [
    "a convolution, whose attributes are lists and text",
    { x: [1, 6, 6, 2], w: [3, 3, 2, 3] },
    ({ x, w }) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [2, 1], "same") }),
  ],
];

/** Those of them that are compiled by XLA too, which takes seconds. */
export const OF_TRANSFORMER = new Set([
  "a linear layer",
  "layer normalization and GELU, RMS normalization and SiLU",
  "softmax, logSumExp, logSoftmax",
  "cross-entropy",
  "rows between rows",
]);

/** Functions without a gradient, or of constants. */
export const PLAIN: readonly Case[] = [
  [
    "comparisons and logic",
    { a: [4], b: [4] },
    ({ a, b }) => ({
      y: tf.logicalAnd(tf.greater(a, b), tf.logicalNot(tf.equal(a, 0))),
      any: tf.any(tf.greaterEqual(a, b)),
      all: tf.all(tf.notEqual(a, b)),
    }),
  ],
  [
    "casts, floor, mod, integer arithmetic",
    { a: [6] },
    ({ a }) => ({
      i: tf.add(tf.cast(tf.mul(a, 9), "int32"), tf.scalar(3, "int32")),
      m: tf.mod(tf.mul(a, 9), 4),
      f: tf.floor(tf.mul(a, 9)),
      b: tf.cast(a, "bool"),
    }),
  ],
  [
    "argMax, topk, oneHot",
    { a: [3, 4] },
    ({ a }) => {
      const { values, indices } = tf.topk(a, 2);
      return { i: tf.argMax(a, 1), h: tf.oneHot(tf.argMax(a, 1), 4), values, indices };
    },
  ],
  [
    "range, fill, zeros, ones, eye, linspace",
    { a: [3] },
    ({ a }) => ({
      r: tf.range(0, 3, 1, "int32"),
      y: tf.add(tf.mul(tf.eye(3), a), tf.fill([3], 2.5)),
      z: tf.zeros([2, 2]),
      o: tf.ones([2], "int32"),
      l: tf.linspace(0, 1, 4),
    }),
  ],
];

/** Outputs of `fn`, and the gradients of the sum of their squares. */
export function withGradients(fn: Case[2]): Case[2] {
  return (inputs) => {
    const names = Object.keys(inputs);
    const loss = (...values: tf.Tensor[]) => {
      const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const outputs = Object.values(fn(named as Letters));
      return tf.addN(outputs.map((y) => tf.sum(tf.square(y)))) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(Object.values(inputs));
    const gradients = names.map((name, i) => [`d${name}`, grads[i] as tf.Tensor] as const);
    return { ...fn(inputs), value, ...Object.fromEntries(gradients) };
  };
}

/** Inputs of these shapes; a case uses no other letters. */
export function inputsOf(shapes: Shapes): Letters {
  const entries = Object.entries(shapes).map(([name, shape], i) => [name, numbers(shape, i + 1)]);
  return Object.fromEntries(entries) as Letters;
}
