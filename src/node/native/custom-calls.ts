/**
 * Attention in C++ (`addon/`): one op of TensorFlow's, XlaCustomCallV2, which XLA compiles to a call
 * and a kernel of the addon's runs elsewhere. It takes lists of types, which tfjs-node cannot give
 * to an op that runs by itself: they are kernels of the backend only while a graph is traced.
 */
import { replaceKernel } from "../../engine/replace-kernel.ts";
import { ATTENTION, ATTENTION_GRADIENT, type AttentionAttributes } from "../../tensor/fused-attention.ts";
import { sizeOf } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import type { NativeBackend } from "./graph/backend.ts";

/**
 * Whether the addon of this process has them, and with them the kernel that places products of
 * bfloat16s with sums in float32, and TensorFlow computes on the processor.
 */
export const hasCustomCalls = ({ isUsingGpuDevice = false }: NativeBackend): boolean =>
  process.env.WHEREABOUTS_CUSTOM_CALLS === String(process.pid) && !isUsingGpuDevice;

/** Traces with the kernels registered, where they are there. */
export function withCustomCalls<T>(backend: NativeBackend, trace: () => T): T {
  if (!hasCustomCalls(backend)) return trace();
  const kernels = { [ATTENTION]: attention, [ATTENTION_GRADIENT]: attentionGradient };
  const backendName = "tensorflow";
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    replaceKernel({ kernelName, backendName, kernelFunc });
  }
  try {
    return trace();
  } finally {
    for (const kernelName of Object.keys(kernels)) tf.unregisterKernel(kernelName, backendName);
  }
}

interface Operands {
  readonly q: tf.TensorInfo;
  readonly k: tf.TensorInfo;
  readonly v: tf.TensorInfo;
  readonly bias?: tf.TensorInfo;
}

const attention: tf.KernelFunc = (given) => {
  const { q } = operandsOf(given);
  return customCall("whereabouts.attention", given, sizeOf(q.shape) + sizeOf(q.shape.with(3, 2)));
};

const attentionGradient: tf.KernelFunc = (given) => {
  const { q, k, v, bias } = operandsOf(given);
  const sizes = [q, k, v, ...(bias ? [bias] : [])].map(({ shape }) => sizeOf(shape));
  return customCall(
    "whereabouts.attention_gradient",
    given,
    sizes.reduce((a, b) => a + b),
  );
};

type Given = Parameters<tf.KernelFunc>[0];

const operandsOf = ({ inputs }: Given) => inputs as unknown as Operands; // as `fusedAttention` names them

/** @param size of the result, a vector */
function customCall(target: string, given: Given, size: number): tf.TensorInfo {
  const native = given.backend as unknown as NativeBackend;
  const { binding } = native;
  const operands = Object.values(given.inputs) as tf.TensorInfo[];
  const float32 = binding.TF_FLOAT as number;
  const attr = (name: string, type: `TF_${string}`, value: unknown) => ({
    name,
    type: binding[type] as number,
    value,
  });
  return native.executeSingleOutput(
    "XlaCustomCallV2",
    [
      attr("call_target_name", "TF_ATTR_STRING", target),
      attr("backend_config", "TF_ATTR_STRING", configOf(operandsOf(given), given.attrs)),
      attr("has_side_effect", "TF_ATTR_BOOL", false),
      attr("operand_dtypes", "TF_ATTR_TYPE", Array(operands.length).fill(float32)),
      attr("result_dtypes", "TF_ATTR_TYPE", [float32]),
      attr("result_shapes", "TF_ATTR_SHAPE", [[size]]),
    ],
    operands,
  );
}

/** The numbers of `Shape` in `addon/attention.h`, in their order. */
function configOf({ q, k, bias }: Operands, attrs: unknown): string {
  const { scale, first, causal } = attrs as AttentionAttributes;
  const [B, H, T, D] = q.shape;
  return [B, H, T, k.shape[2], D, first, causal ? 1 : 0, bias?.shape[0] ?? 0, scale].join(" ");
}
