/**
 * Functions in C++ (`addon/`): one op of TensorFlow's, XlaCustomCallV2, which XLA compiles to a call
 * and a kernel of the addon's runs elsewhere. It takes lists of types, which tfjs-node cannot give
 * to an op that runs by itself: they are kernels of the backend only while a graph is traced.
 */
import { replaceKernel } from "../../engine/replace-kernel.ts";
import { GELU } from "../../tensor/activations.ts";
import { ATTENTION, ATTENTION_GRADIENT, type AttentionAttributes } from "../../tensor/fused-attention.ts";
import { NORMALIZATION, type NormAttributes } from "../../tensor/norms.ts";
import { sizeOf } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import type { NativeBackend } from "./graph/backend.ts";

/**
 * Whether the addon of this process has them, and with them the kernel that places products of
 * bfloat16s with sums in float32, and TensorFlow computes on the processor.
 */
export const hasCustomCalls = ({ isUsingGpuDevice = false }: NativeBackend): boolean =>
  process.env.WHEREABOUTS_CUSTOM_CALLS === String(process.pid) && !isUsingGpuDevice;

/** Traces with the kernels registered, where they are there; those of rows where XLA makes no loop of them. */
export function withCustomCalls<T>(backend: NativeBackend, xla: boolean, trace: () => T): T {
  if (!hasCustomCalls(backend)) return trace();
  const ofRows = { [NORMALIZATION]: normalization, [GELU]: gelu };
  const kernels: Record<string, tf.KernelFunc> = {
    ...{ [ATTENTION]: attention, [ATTENTION_GRADIENT]: attentionGradient },
    ...(xla ? {} : ofRows),
  };
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
  const size = sizeOf(q.shape) + sizeOf(q.shape.with(3, 2));
  return customCall("whereabouts.attention", given, attentionConfig(given), [size]);
};

const attentionGradient: tf.KernelFunc = (given) => {
  const { q, k, v, bias } = operandsOf(given);
  const sizes = [q, k, v, ...(bias ? [bias] : [])].map(({ shape }) => sizeOf(shape));
  const size = sizes.reduce((a, b) => a + b);
  return customCall("whereabouts.attention_gradient", given, attentionConfig(given), [size]);
};

const normalization: tf.KernelFunc = (given) => {
  const { x, bias } = given.inputs as { x: tf.TensorInfo; bias?: tf.TensorInfo }; // as `normalized` names them
  const { centred, epsilon } = given.attrs as unknown as NormAttributes;
  const width = x.shape.at(-1) as number;
  const config = [sizeOf(x.shape) / width, width, Number(centred), bias ? 1 : 0, epsilon];
  return customCall("whereabouts.norm", given, config, x.shape);
};

const gelu: tf.KernelFunc = (given) => {
  const { shape } = given.inputs.x as tf.TensorInfo;
  return customCall("whereabouts.gelu", given, [sizeOf(shape)], shape);
};

type Given = Parameters<tf.KernelFunc>[0];

const operandsOf = ({ inputs }: Given) => inputs as unknown as Operands; // as `fusedAttention` names them

/**
 * @param config the numbers that the function reads, in their order
 * @param shape of the result
 */
function customCall(
  target: string,
  given: Given,
  config: readonly number[],
  shape: readonly number[],
): tf.TensorInfo {
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
      attr("backend_config", "TF_ATTR_STRING", config.join(" ")),
      attr("has_side_effect", "TF_ATTR_BOOL", false),
      attr("operand_dtypes", "TF_ATTR_TYPE", Array(operands.length).fill(float32)),
      attr("result_dtypes", "TF_ATTR_TYPE", [float32]),
      attr("result_shapes", "TF_ATTR_SHAPE", [shape]),
    ],
    operands,
  );
}

/** The numbers of `Shape` in `addon/attention.h`, in their order. */
function attentionConfig(given: Given): number[] {
  const { q, k, bias } = operandsOf(given);
  const { scale, first, causal } = given.attrs as unknown as AttentionAttributes;
  const [B, H, T, D] = q.shape as [number, number, number, number];
  return [B, H, T, k.shape[2] as number, D, first, Number(causal), bias?.shape[0] ?? 0, scale];
}
