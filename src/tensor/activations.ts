/**
 * What a network's hidden units do: y = x·gate(x), with the gradient by hand.
 *
 * The backward pass has the gate as y/x. XLA then runs each pass as one loop; where it derives the
 * gradient, both need tanh, and a loop of its own writes that out.
 */
import { engineHas } from "./ops.ts";
import { tf } from "./tf.ts";

/** x·σ(x) (Elfwing et al. 2017, arXiv:1702.03118): SiLU, or Swish-1. */
export const silu = <R extends tf.Tensor>(x: R): R =>
  gated(
    x,
    (x) => tf.mul(x, tf.sigmoid(x)),
    ({ dy, y, gate }) => tf.mul(tf.mul(dy, y), tf.sub(1, gate)),
  );

/** Name of the kernel x → gelu(x), where the engine has one. */
export const GELU = "Gelu";

/** GELU by its tanh approximation, as GPT-2 has it (Hendrycks and Gimpel 2016, section 2). */
export const gelu = <R extends tf.Tensor>(x: R): R =>
  gated(
    x,
    (x) =>
      engineHas(GELU)
        ? (tf.engine().runKernel(GELU, { x }) as tf.Tensor)
        : half(x, tf.tanh(tf.mul(SCALE, tf.mul(x, tf.add(1, tf.mul(CUBIC, tf.square(x))))))),
    ({ dy, x, y, gate }) => {
      const slope = tf.add(2 * SCALE, tf.mul(6 * SCALE * CUBIC, tf.square(x))); // of the tanh's argument, twice
      return tf.mul(tf.mul(dy, y), tf.mul(tf.sub(1, gate), slope));
    },
  );

const SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** GELU, x·Φ(x) (Hendrycks and Gimpel 2016, equation 1), as BERT and GPT-NeoX have it. */
export const exactGelu = <R extends tf.Tensor>(x: R): R =>
  gated(
    x,
    (x) => half(x, tf.erf(tf.mul(x, Math.SQRT1_2))),
    ({ dy, x }) =>
      tf.mul(tf.mul(dy, x), tf.mul(1 / Math.sqrt(2 * Math.PI), tf.exp(tf.mul(-0.5, tf.square(x))))),
  );

/**
 * ½x·(1 + t). The last product is of two tensors: one by a number XLA would do again in the
 * backward pass, which then needs t.
 */
const half = (x: tf.Tensor, t: tf.Tensor) => tf.mul(tf.mul(0.5, x), tf.add(1, t));

interface Point {
  readonly dy: tf.Tensor;
  readonly x: tf.Tensor;
  /** x·gate(x) */
  readonly y: tf.Tensor;
  readonly gate: tf.Tensor;
}

/**
 * y = x·gate(x), and dx = dy·gate + rest with rest = dy·x·gate′(x). The last operation is a sum, for
 * the gradient of a bias sums dx (`summand` in ops.ts).
 */
function gated<R extends tf.Tensor>(
  x: R,
  valueAt: (x: tf.Tensor) => tf.Tensor,
  rest: (at: Point) => tf.Tensor,
): R {
  const op = tf.customGrad((...args) => {
    const [given, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc]; // what customGrad passes
    const value = valueAt(given);
    save([given, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, y] = saved as [tf.Tensor, tf.Tensor];
      const gate = gateFrom(x, y);
      return tf.add(tf.mul(dy, gate), rest({ dy, x, y, gate }));
    };
    return { value, gradFunc };
  });
  return op(x) as R;
}

/**
 * y/x. Every gate here is ½ at 0, and where x is too small to divide by. Its square says so: GELU
 * has that already, and XLA takes 9 ms to translate an absolute value.
 */
const gateFrom = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  tf.where(tf.less(tf.square(x), SMALL), 0.5, tf.div(y, x));

/** What x² is compared with: where |x| < 1e-18 every gate is ½ in float32. 1e-36 is no denormal number. */
const SMALL = 1e-36;
