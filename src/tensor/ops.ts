/**
 * The operations of a transformer that TensorFlow.js lacks or has without a usable gradient.
 *
 * Shapes: B batch, T queries, S keys, C width, V vocabulary, P rows of a table.
 */
import { tf } from "./tf.ts";

/**
 * y = x·W + b over the last axis. Flattens first: the gradient of `tf.matMul` does not sum over
 * broadcast dimensions.
 *
 * @param x (...,C)
 * @param weight (C,N)
 * @param bias (N)
 * @returns (...,N)
 * @example
 * const y = linear(tf.ones([2, 3, 4]), tf.ones([4, 5])); // (…,C)·(C,N)
 * assert.deepEqual(y.shape, [2, 3, 5]);
 */
export function linear<R extends tf.Tensor>(x: R, weight: tf.Tensor2D, bias?: tf.Tensor1D): R {
  const [C, N] = weight.shape;
  const y = product(tf.reshape(x, [-1, C]), weight);
  return tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), N]) as R;
}

/**
 * Name of the kernel that keeps a compiler from undoing what was done to a tensor; the native
 * engine has it. XLA takes 8 ms to compile one.
 */
export const OPTIMIZATION_BARRIER = "OptimizationBarrier";

/** Whether the engine has a kernel of this name. */
export const engineHas = (kernel: string) => tf.getKernel(kernel, tf.getBackend()) !== undefined;

const barrier = <R extends tf.Tensor>(x: R): R =>
  tf.engine().runKernel(OPTIMIZATION_BARRIER, { x }) as tf.Tensor as R;

/** Name of the kernel that gives a compiler x as a tensor of its own; the native engine has it. */
export const MATERIALIZED = "Materialized";

/**
 * x, computed once. XLA would compute it anew for each element of what it is combined with: the
 * cosines of T positions for all heads of all rows of a batch, a quarter of a step of `rope`.
 */
export function materialized(x: tf.Tensor): tf.Tensor {
  if (!engineHas(MATERIALIZED)) return x;
  const compute = tf.customGrad((given) => ({
    value: tf.engine().runKernel(MATERIALIZED, { x: given as tf.Tensor }) as tf.Tensor, // what customGrad passes
    gradFunc: (dy) => dy,
  }));
  return compute(x);
}

/**
 * x, to be summed. XLA gives a sum to its library, which takes some 0.1 ns a number, unless what is
 * summed ends in a product, a reshape or the like: then it makes loops of its own, which take 1 ns.
 * So where XLA may be, x ends in a maximum instead.
 */
export const summand = <R extends tf.Tensor>(x: R): R =>
  (engineHas(OPTIMIZATION_BARRIER) ? tf.maximum(x, LOWEST) : x) as R;

/** Below every float32 but −∞ and the last thousandth of the range. */
const LOWEST = -3.4e38;

/**
 * x·W, with a gradient that suits XLA.
 *
 * XLA's fast product takes no left factor that is read by columns, as x is in dW = xᵀ·dy, and is
 * half as fast without (README, "Beside PyTorch"). So the narrower of x and dy is transposed in
 * memory first.
 *
 * @param x (M,K)
 * @param weight (K,N)
 * @returns (M,N)
 */
export function product(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  if (!engineHas(OPTIMIZATION_BARRIER)) return tf.matMul(x, weight);
  const multiply = tf.customGrad((...args) => {
    const [given, W, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc]; // what customGrad passes
    save([given, W]);
    return { value: tf.matMul(given, W), gradFunc: productGradient };
  });
  return multiply(x, weight) as tf.Tensor2D;
}

function productGradient(upstream: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const dy = upstream as tf.Tensor2D; // of y, a matrix
  const [x, W] = saved as [tf.Tensor2D, tf.Tensor2D];
  const [K, N] = W.shape;
  // As a vector it has one layout: XLA cannot take it for a matrix that is read by columns.
  const transposed = (a: tf.Tensor2D) => {
    const vector = barrier(tf.reshape(tf.transpose(a), [-1]));
    return tf.reshape(vector, [a.shape[1], a.shape[0]]) as tf.Tensor2D;
  };
  const dW = K <= N ? tf.matMul(transposed(x), dy) : tf.transpose(tf.matMul(transposed(dy), x));
  return [tf.matMul(dy, W, false, true), dW];
}

/**
 * Rows of a table at real-valued positions: between two rows, their linear interpolation.
 *
 * The caller checks that positions lie in [0, P − 1]: engines differ in what an index outside does
 * (tfjs #777).
 *
 * @param table (P,N)
 * @param positions (...), float32
 * @returns (...,N)
 * @example
 * const y = rows(tf.tensor2d([[0], [10]]), tf.tensor1d([0.5])); // (P,C) at (T)
 * assert.deepEqual([...(await y.data())], [5]);
 */
export function rows(table: tf.Tensor2D, positions: tf.Tensor): tf.Tensor {
  const low = tf.floor(positions);
  const fraction = tf.expandDims(tf.sub(positions, low), -1);
  const high = tf.minimum(tf.add(low, 1), table.shape[0] - 1);
  const at = (index: tf.Tensor) => tf.gather(table, tf.cast(index, "int32"));
  return tf.add(tf.mul(at(low), tf.sub(1, fraction)), tf.mul(at(high), fraction));
}

/** Name of the kernel that gives a loss and its gradient at once; the native engine has it. */
export const SPARSE_CROSS_ENTROPY = "SparseCrossEntropy";

/**
 * −log softmax(logits)[target], in nats.
 *
 * @param logits (N,V)
 * @param targets (N), int32
 * @returns (N)
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  if (engineHas(SPARSE_CROSS_ENTROPY)) {
    return sparseCrossEntropy(logits, targets);
  }
  // Cast, for tfjs 4.22's wasm kernel writes integer bits where it is asked for floats.
  const chosen = tf.sum(tf.mul(logits, tf.cast(tf.oneHot(targets, logits.shape[1]), "float32")), 1);
  return tf.sub(tf.logSumExp(logits, 1), chosen) as tf.Tensor1D;
}

function sparseCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const loss = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc]; // what customGrad passes, by its documentation
    const [nll, gradient] = tf
      .engine()
      .runKernel(SPARSE_CROSS_ENTROPY, { logits: x, targets }) as unknown as tf.Tensor[];
    save([gradient as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.mul(tf.expandDims(dy, 1), saved[0] as tf.Tensor);
    return { value: nll as tf.Tensor, gradFunc };
  });
  return loss(logits) as tf.Tensor1D;
}

/** Throws a TypeError unless `x` has this shape; −1 stands for any size. Runs no kernel. */
export function expectShape(where: string, name: string, x: tf.Tensor, shape: readonly number[]): void {
  const matches =
    x.shape.length === shape.length && shape.every((size, i) => size === -1 || size === x.shape[i]);
  if (!matches) throw new TypeError(`${where}: ${name} has shape (${x.shape}), expected (${shape})`);
}
