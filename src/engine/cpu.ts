/**
 * The plain JavaScript engine: slow, everywhere, and the reference that the other engines are
 * compared with.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../tensor/tf.ts";
import { EngineError, type StartedEngine } from "./engine.ts";
import { registerGradients } from "./gradients.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { addSegments } from "./segment-sum.ts";

/** The part of the cpu backend that our kernel and the start use. */
interface CpuBackend {
  firstUse: boolean;
  readonly data: { get(id: object): { values: Float32Array | Int32Array } };
  makeTensorInfo(shape: number[], dtype: string, values: Float32Array | Int32Array): TensorInfo;
}

/** Starts the cpu backend. */
export async function start(): Promise<StartedEngine> {
  await registerGradients();
  replaceSegmentSum();
  if (!(await tf.setBackend("cpu")))
    throw new EngineError("engine cpu: tfjs refuses to start it; reinstall with npm ci");
  (tf.backend() as unknown as CpuBackend).firstUse = false; // else the first tensor prints an advertisement
  return { name: "cpu", detail: `plain JavaScript, tfjs ${tf.version_core}`, threads: 1 };
}

function replaceSegmentSum(): void {
  replaceKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "cpu",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const cpu = backend as unknown as CpuBackend;
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const inner = x.shape.slice(segmentIds.shape.length);
      const shape = [attrs?.numSegments as number, ...inner];
      const out = tf.util.makeZerosTypedArray(tf.util.sizeFromShape(shape), x.dtype as "float32" | "int32");
      const ids = cpu.data.get(segmentIds.dataId).values as Int32Array;
      addSegments(cpu.data.get(x.dataId).values, ids, out, tf.util.sizeFromShape(inner));
      return cpu.makeTensorInfo(shape, x.dtype, out);
    },
  });
}
