/** Normalization over the last axis, with gradients by hand. */
import { summand } from "./ops.ts";
import { tf } from "./tf.ts";

/**
 * Layer normalization over the last axis (Ba, Kiros and Hinton 2016, equation 4), with GPT-2's ε =
 * 1e-5 unless told otherwise.
 *
 * @param x (...,C)
 * @param gain (C)
 * @param bias (C)
 */
export function layerNorm<R extends tf.Tensor>(
  x: R,
  gain: tf.Tensor1D,
  bias?: tf.Tensor1D,
  epsilon = 1e-5,
): R {
  return normalized(true, epsilon, x, gain, ...(bias ? [bias] : [])) as R;
}

/**
 * Root mean square normalization over the last axis, z·gain with z = x/√(mean(x²) + ε) (Zhang and
 * Sennrich 2019, arXiv:1910.07467, equation 4).
 *
 * @param x (...,C)
 * @param gain (C)
 */
export function rmsNorm<R extends tf.Tensor>(x: R, gain: tf.Tensor1D, epsilon = 1e-6): R {
  return normalized(false, epsilon, x, gain) as R;
}

const mean = (a: tf.Tensor) => tf.mean(a, -1, true);

/**
 * y = z·g + b with z = (x − μ)/σ over the last axis and σ² = mean((x − μ)²) + ε; where it is not to
 * be centred, μ = 0.
 *
 * By hand, with dz = dy·g: dx = (dz − mean(dz) − z·mean(dz·z))/σ takes two means for six; the first
 * is left out where μ = 0. dg = Σ dy·z and db = Σ dy over rows.
 */
function normalized(centre: boolean, epsilon: number, ...inputs: tf.Tensor[]): tf.Tensor {
  const normalize = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc; // what customGrad passes
    const [x, gain, bias] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor?];
    const centred = centre ? tf.sub(x, mean(x)) : x;
    const scale = tf.rsqrt(tf.add(mean(summand(tf.square(centred))), epsilon)); // 1/σ
    const z = tf.mul(centred, scale);
    save([z, scale, gain]);
    const y = tf.mul(z, gain);
    const gradFunc = (dy: tf.Tensor, [z, scale, gain]: tf.Tensor[]) => {
      const rows = [...dy.shape.keys()].slice(0, -1);
      const dGain = tf.sum(summand(tf.mul(dy, z as tf.Tensor)), rows);
      const dx = slope(centre, tf.mul(dy, gain as tf.Tensor), z as tf.Tensor, scale as tf.Tensor);
      return [dx, dGain, ...(bias ? [tf.sum(dy, rows)] : [])];
    };
    return { value: bias ? tf.add(y, bias) : y, gradFunc };
  });
  return normalize(...inputs);
}

/** dx of `normalized`. It ends in a difference, since what reads it may sum it (`summand`). */
function slope(centre: boolean, dz: tf.Tensor, z: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const alongZ = tf.mul(z, mean(summand(tf.mul(dz, z))));
  const mended = centre ? tf.add(alongZ, mean(summand(dz))) : alongZ;
  return tf.sub(tf.mul(scale, dz), tf.mul(scale, mended));
}
