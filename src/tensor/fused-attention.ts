/**
 * Attention as one operation, where the engine has a kernel for it: scores and weights are never
 * whole in memory, and its gradient computes them again (Dao et al. 2022, arXiv:2205.14135).
 */
import { engineHas } from "./ops.ts";
import { tf } from "./tf.ts";

/**
 * Name of the kernel (q, k, v[, bias]) → z and two numbers of each query, which its gradient needs;
 * one behind another in a vector.
 */
export const ATTENTION = "Attention";

/**
 * Name of the kernel (q, k, v[, bias], what the first gave, dz) → dq, dk, dv[, dbias]; one behind
 * another in a vector.
 */
export const ATTENTION_GRADIENT = "AttentionGradient";

/** What the kernels are told. */
export interface AttentionAttributes {
  /** Scores are scale·q·kᵀ + bias. */
  readonly scale: number;
  /** Index of the first query among the keys. */
  readonly first: number;
  /** Whether a query sees no key behind its own. */
  readonly causal: boolean;
}

/** Whether the engine has the kernels now: the native one does while a graph is traced. */
export const fusesAttention = (): boolean => engineHas(ATTENTION) && engineHas(ATTENTION_GRADIENT);

/**
 * softmax(scale·q·kᵀ + bias)·v, over the keys that a query sees.
 *
 * @param q (B,H,T,D)
 * @param k (B,H,S,D)
 * @param v (B,H,S,D)
 * @param bias broadcasts to (B,H,T,S)
 * @returns (B,H,T,D)
 */
export function fusedAttention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  bias: tf.Tensor | undefined,
  attributes: AttentionAttributes,
): tf.Tensor4D {
  const kernel = (name: string, inputs: readonly tf.Tensor[]) =>
    tf.engine().runKernel(name, named(inputs, bias !== undefined), { ...attributes }) as tf.Tensor1D;
  const attend = tf.customGrad((...args) => {
    const given = args.slice(0, -1) as tf.Tensor[];
    const save = args.at(-1) as unknown as tf.GradSaveFunc; // what customGrad passes
    const kept = kernel(ATTENTION, given);
    save([...given, kept]);
    return { value: partsOf(kept, [q])[0] as tf.Tensor, gradFunc: gradient };
  });
  const gradient = (dz: tf.Tensor, saved: tf.Tensor[]) =>
    partsOf(kernel(ATTENTION_GRADIENT, [...saved, dz]), saved.slice(0, -1));
  const operands = bias ? [q, k, v, ofEachHead(bias, [...q.shape.slice(0, 3), k.shape[2]])] : [q, k, v];
  return attend(...operands) as tf.Tensor4D;
}

/** By the names that a kernel expects, in the order of its operands. */
function named(tensors: readonly tf.Tensor[], biased: boolean): tf.NamedTensorMap {
  const names = ["q", "k", "v", ...(biased ? ["bias"] : []), "kept", "dz"];
  return Object.fromEntries(tensors.map((tensor, i) => [names[i] as string, tensor]));
}

/** The first elements of a vector as tensors of the shapes of `like`. */
function partsOf(vector: tf.Tensor1D, like: readonly tf.Tensor[]): tf.Tensor[] {
  let from = 0;
  return like.map(({ shape, size }) => {
    const part = tf.reshape(tf.slice(vector, from, size), shape);
    from += size;
    return part;
  });
}

/** (1,H,T,S) where all rows of a batch share it, else (B,H,T,S). */
function ofEachHead(bias: tf.Tensor, [B, H, T, S]: readonly number[]): tf.Tensor {
  const shape = [...Array.from({ length: 4 - bias.rank }, () => 1), ...bias.shape];
  const whole = [shape[0] === 1 ? 1 : B, H, T, S] as number[];
  const x = tf.reshape(bias, shape);
  return `${shape}` === `${whole}` ? x : tf.add(tf.zeros(whole), x);
}
