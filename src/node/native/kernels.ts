/**
 * Kernels that tfjs-node lacks, and kernels that must not read values, put in place of its own.
 *
 * Its GatherV2 downloads the indices to check their range, which would end a trace. TensorFlow's op
 * makes the same check on the CPU (`indices[0] = 9 is not in [0, 5)`); in compiled graphs the
 * callers' checks of tokens and positions hold.
 */
import { replaceKernel } from "../../engine/replace-kernel.ts";
import { STATELESS_UNIFORM } from "../../engine/stateless-random.ts";
import { MATERIALIZED, OPTIMIZATION_BARRIER, SPARSE_CROSS_ENTROPY } from "../../tensor/ops.ts";
import { tf } from "../../tensor/tf.ts";
import { type NativeBackend, typeAttr } from "./graph/backend.ts";
import { EXACT } from "./graph/precision.ts";
import { statelessUniform } from "./stateless-uniform.ts";

/** Registers the replacements; call once the backend is there. */
export function registerNativeKernels(): void {
  const kernels: Readonly<Record<string, tf.KernelFunc>> = {
    GatherV2: gather,
    [SPARSE_CROSS_ENTROPY]: sparseCrossEntropy,
    [OPTIMIZATION_BARRIER]: optimizationBarrier,
    [MATERIALIZED]: materialized,
    [STATELESS_UNIFORM]: statelessUniform,
  };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    replaceKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
}

const gather: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const native = backend as unknown as NativeBackend;
  const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
  const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number };
  const { binding } = native;
  const type = (name: string, dtype: number) => typeAttr(binding, name, dtype);
  const axisTensor = tf.scalar(axis, "int32");
  const rows = native.executeSingleOutput(
    "GatherV2",
    [
      { name: "batch_dims", type: binding.TF_ATTR_INT as number, value: batchDims },
      type(
        "Tparams",
        binding[x.dtype === "int32" ? "TF_INT32" : x.dtype === "bool" ? "TF_BOOL" : "TF_FLOAT"] as number,
      ),
      type("Tindices", binding.TF_INT32 as number),
      type("Taxis", binding.TF_INT32 as number),
    ],
    [x, indices, axisTensor],
  );
  axisTensor.dispose();
  return rows;
};

/** Losses (N) and their gradient by the logits (N,V), with no one-hot of the targets. */
const sparseCrossEntropy: tf.KernelFunc = ({ inputs, backend }) => {
  const native = backend as unknown as NativeBackend;
  const { binding } = native;
  const type = (name: string, dtype: number) => typeAttr(binding, name, dtype);
  const { logits, targets } = inputs as { logits: tf.TensorInfo; targets: tf.TensorInfo };
  return native.executeMultipleOutputs(
    "SparseSoftmaxCrossEntropyWithLogits",
    [type("T", binding.TF_FLOAT as number), type("Tlabels", binding.TF_INT32 as number)],
    [logits, targets],
    2,
  );
};

/**
 * Nothing in TensorFlow; where XLA compiles a graph, `graph/session.ts` puts its barrier in this
 * op's place.
 */
const optimizationBarrier: tf.KernelFunc = ({ inputs, backend }) => {
  const native = backend as unknown as NativeBackend;
  const T = typeAttr(native.binding, "T", native.binding.TF_FLOAT as number);
  return native.executeSingleOutput("StopGradient", [T], [inputs.x as tf.TensorInfo]);
};

/** A product with the identity, which XLA computes as it stands; a barrier it would forget before it makes loops. */
const materialized: tf.KernelFunc = ({ inputs, backend }) => {
  const native = backend as unknown as NativeBackend;
  const { binding } = native;
  const { x } = inputs as { x: tf.Tensor };
  const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL as number, value });
  const columns = [8, 4, 2, 1].find((n) => x.size % n === 0) as number;
  return tf.tidy(() => {
    const attrs = [
      flag("adj_x", false),
      flag("adj_y", false),
      flag(EXACT, true),
      typeAttr(binding, "T", binding.TF_FLOAT as number),
    ];
    const rows = tf.reshape(x, [-1, columns]);
    return tf.reshape(native.executeSingleOutput("BatchMatMulV2", attrs, [rows, tf.eye(columns)]), x.shape);
  });
};
