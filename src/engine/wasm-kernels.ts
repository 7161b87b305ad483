/**
 * Two kernels that make training work, and work fast, on tfjs 4.22's wasm backend.
 *
 * - UnsortedSegmentSum, the gradient of `gather`, is missing there (tfjs #8082).
 * - BatchMatMul uses XNNPACK only for two-dimensional products without a transpose, while the products of a backward
 *   pass are all transposed. Copying the operand with the Transpose kernel first makes a training step 2.4 times
 *   faster.
 *
 * Not to be used there: `tf.fused.matMul` with a bias. Batched or transposed and with an inner size
 * above 48 it adds the bias once for each block of 48.
 */
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "../tensor/tf.ts";
import { replaceKernel } from "./replace-kernel.ts";
import { addSegments } from "./segment-sum.ts";

/** The part of the wasm backend that the kernels use. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
  disposeData(dataId: object): void;
}

/**
 * Registers both kernels; call it after the backend's module is loaded and before `setBackend`.
 * Calls add up to one.
 */
export function registerWasmKernels(): void {
  replaceKernel(segmentSum);
  const original = tf.getKernel("BatchMatMul", "wasm");
  if (original === undefined || original.kernelFunc === matMulOverride) return;
  const transpose = tf.getKernel("Transpose", "wasm");
  if (transpose === undefined) return;
  originalMatMul = original.kernelFunc;
  transposeKernel = transpose.kernelFunc;
  // The original's set-up binds the C function that the original kernel calls, so it has to stay.
  replaceKernel({ ...original, kernelFunc: matMulOverride });
}

const segmentSum: KernelConfig = {
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const wasm = backend as unknown as WasmBackend;
    const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
    const inner = x.shape.slice(segmentIds.shape.length);
    // The output comes first: allocating may grow the heap, which detaches every view taken before.
    const out = wasm.makeOutput([attrs?.numSegments as number, ...inner], x.dtype);
    const sums = wasm.typedArrayFromHeap(out);
    sums.fill(0);
    const ids = wasm.typedArrayFromHeap(segmentIds) as Int32Array;
    addSegments(wasm.typedArrayFromHeap(x), ids, sums, tf.util.sizeFromShape(inner));
    return out;
  },
};

let originalMatMul: KernelConfig["kernelFunc"];
let transposeKernel: KernelConfig["kernelFunc"];

/** a·b, aᵀ·b, a·bᵀ or aᵀ·bᵀ through the original kernel without its transpose flags. */
const matMulOverride: KernelConfig["kernelFunc"] = (args) => {
  const wasm = args.backend as unknown as WasmBackend;
  const { a, b } = args.inputs as { a: TensorInfo; b: TensorInfo };
  const left = args.attrs?.transposeA ? swapLastAxes(a, args.backend) : a;
  const right = args.attrs?.transposeB ? swapLastAxes(b, args.backend) : b;
  const attrs = { ...args.attrs, transposeA: false, transposeB: false };
  const product = originalMatMul({ ...args, inputs: { a: left, b: right }, attrs });
  if (left !== a) wasm.disposeData(left.dataId);
  if (right !== b) wasm.disposeData(right.dataId);
  return product;
};

function swapLastAxes(x: TensorInfo, backend: object): TensorInfo {
  const perm = x.shape.map((_, axis) => axis);
  perm.push(perm.pop() as number, perm.pop() as number); // a product has at least two axes
  return transposeKernel({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}
