/** Normalization over the last axis, with gradients by hand. */
import { engineHas, summand } from "./ops.ts";
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
  return normalized({ centred: true, epsilon }, x, gain, ...(bias ? [bias] : [])) as R;
}

/**
 * Root mean square normalization over the last axis, z·gain with z = x/√(mean(x²) + ε) (Zhang and
 * Sennrich 2019, arXiv:1910.07467, equation 4).
 *
 * @param x (...,C)
 * @param gain (C)
 */
export function rmsNorm<R extends tf.Tensor>(x: R, gain: tf.Tensor1D, epsilon = 1e-6): R {
  return normalized({ centred: false, epsilon }, x, gain) as R;
}

/** Name of the kernel (x, gain[, bias]) → y, where the engine has one. */
export const NORMALIZATION = "Normalization";

/** What the kernel is told: whether the mean is taken from x first, and ε. */
export interface NormAttributes {
  readonly centred: boolean;
  readonly epsilon: number;
}

const mean = (a: tf.Tensor) => tf.mean(a, -1, true);

/**
 * z = (x − μ)/σ over the last axis, and 1/σ, with σ² = mean((x − μ)²) + ε; where it is not to be
 * centred, μ = 0.
 */
function standardized({ centred, epsilon }: NormAttributes, x: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const moved = centred ? tf.sub(x, mean(x)) : x;
  const scale = tf.rsqrt(tf.add(mean(summand(tf.square(moved))), epsilon));
  return [tf.mul(moved, scale), scale];
}

/**
 * y = z·g + b, with z as `standardized` makes it.
 *
 * By hand, with dz = dy·g: dx = (dz − mean(dz) − z·mean(dz·z))/σ takes two means for six; the first
 * is left out where μ = 0. dg = Σ dy·z and db = Σ dy over rows.
 */
function normalized(how: NormAttributes, ...inputs: tf.Tensor[]): tf.Tensor {
  const isOne = engineHas(NORMALIZATION);
  const normalize = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc; // what customGrad passes
    const [x, gain, bias] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor?];
    const made = isOne ? [x] : standardized(how, x);
    save([gain, ...made]);
    const gradFunc = (dy: tf.Tensor, [gain, ...kept]: tf.Tensor[]) => {
      const [z, scale] = (isOne ? standardized(how, kept[0] as tf.Tensor) : kept) as [tf.Tensor, tf.Tensor];
      const rows = [...dy.shape.keys()].slice(0, -1);
      const dGain = tf.sum(summand(tf.mul(dy, z)), rows);
      const dx = slope(how.centred, tf.mul(dy, gain as tf.Tensor), z, scale);
      return [dx, dGain, ...(bias ? [tf.sum(dy, rows)] : [])];
    };
    if (isOne) return { value: inOne(how, x, gain, bias), gradFunc };
    const y = tf.mul(made[0] as tf.Tensor, gain);
    return { value: bias ? tf.add(y, bias) : y, gradFunc };
  });
  return normalize(...inputs);
}

const inOne = (how: NormAttributes, x: tf.Tensor, gain: tf.Tensor, bias?: tf.Tensor) =>
  tf.engine().runKernel(NORMALIZATION, { x, gain, ...(bias && { bias }) }, { ...how }) as tf.Tensor;

/** dx of `normalized`. It ends in a difference, since what reads it may sum it (`summand`). */
function slope(centred: boolean, dz: tf.Tensor, z: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const alongZ = tf.mul(z, mean(summand(tf.mul(dz, z))));
  const mended = centred ? tf.add(alongZ, mean(summand(dz))) : alongZ;
  return tf.sub(tf.mul(scale, dz), tf.mul(scale, mended));
}
