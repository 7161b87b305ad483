/** Normalization over the last axis, with gradients by hand. */
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
  const y = tf.mul(standardized(x, epsilon), gain);
  return (bias ? tf.add(y, bias) : y) as R;
}

/**
 * z = (x − μ)/σ over the last axis, with σ² = variance + ε. By hand, dx = (dz − mean(dz) −
 * z·mean(z·dz))/σ takes two means for six.
 */
function standardized(x: tf.Tensor, epsilon: number): tf.Tensor {
  const mean = (a: tf.Tensor) => tf.mean(a, -1, true);
  return tf.customGrad((...args) => {
    const [given, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes
    const centred = tf.sub(given, mean(given));
    const scale = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon)); // 1/σ
    const z = tf.mul(centred, scale);
    save([z, scale]);
    const gradFunc = (dz: tf.Tensor, [z, scale]: tf.Tensor[]) =>
      tf.mul(
        scale as tf.Tensor,
        tf.sub(tf.sub(dz, mean(dz)), tf.mul(z as tf.Tensor, mean(tf.mul(z as tf.Tensor, dz)))),
      );
    return { value: z, gradFunc };
  })(x);
}

/**
 * Root mean square normalization over the last axis, z·gain with z = x/√(mean(x²) + ε) (Zhang and
 * Sennrich 2019, arXiv:1910.07467, equation 4).
 *
 * By hand, dx = (dz − z·mean(z·dz))/√(mean(x²) + ε).
 *
 * @param x (...,C)
 * @param gain (C)
 */
export function rmsNorm<R extends tf.Tensor>(x: R, gain: tf.Tensor1D, epsilon = 1e-6): R {
  const mean = (a: tf.Tensor) => tf.mean(a, -1, true);
  const standardize = tf.customGrad((...args) => {
    const [given, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes
    const scale = tf.rsqrt(tf.add(mean(tf.square(given)), epsilon));
    const z = tf.mul(given, scale);
    save([z, scale]);
    const gradFunc = (dz: tf.Tensor, [z, scale]: tf.Tensor[]) =>
      tf.mul(scale as tf.Tensor, tf.sub(dz, tf.mul(z as tf.Tensor, mean(tf.mul(z as tf.Tensor, dz)))));
    return { value: z, gradFunc };
  });
  return tf.mul(standardize(x), gain) as R;
}
