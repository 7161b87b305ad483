/**
 * TensorFlow's own kernel for random numbers inside compiled functions
 * (`engine/stateless-random.ts` has the portable one).
 */
import { tf } from "../../tensor/tf.ts";
import { type NativeBackend, typeAttr } from "./graph/backend.ts";

/** Uniform in [0, 1), of the shape in `attrs`, from a key (2), int32. */
export const statelessUniform: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const native = backend as unknown as NativeBackend;
  const { shape } = attrs as unknown as { shape: number[] };
  const type = (name: string, dtype: string) =>
    typeAttr(native.binding, name, native.binding[`TF_${dtype}`] as number);
  const sizes = tf.tensor1d(shape, "int32");
  const attributes = [type("dtype", "FLOAT"), type("T", "INT32"), type("Tseed", "INT32")];
  const y = native.executeSingleOutput("StatelessRandomUniform", attributes, [
    sizes,
    inputs.key as tf.TensorInfo,
  ]);
  sizes.dispose();
  return y;
};
