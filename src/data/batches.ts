/**
 * Batches: windows of L+1 tokens, whose first L are inputs and whose last L are targets.
 *
 * A batch is a pure function of the seed and the step, never of the model or of the batches before
 * it, so runs that differ in the model see the same data, and the data cursor of a checkpoint is
 * the step.
 */
import { z } from "zod";
import { InputError } from "../errors.ts";

/** B rows of L tokens. */
export interface Batch {
  readonly tokens: Int32Array; // (B,L)
  readonly targets: Int32Array; // (B,L)
  /** Weight of each target in the loss, (B,L); all 1 when absent. */
  readonly weights?: Float32Array;
  /** B */
  readonly batch: number;
  /** L */
  readonly length: number;
}

/** Batches one after another, from a place that can be saved. */
export interface DataStream {
  next(): Batch;
  /** Plain data for `openStream`. */
  state(): unknown;
}

const streamState = z.strictObject({ step: z.int().min(0) });

/**
 * The stream of `batchAt(0), batchAt(1), …`, or what is left of it after `state`.
 * @throws InputError when `state` is not one that a stream gave.
 */
export function openStream(batchAt: (step: number) => Batch, state: unknown = { step: 0 }): DataStream {
  const saved = streamState.safeParse(state);
  if (!saved.success) {
    throw new InputError(`data: ${JSON.stringify(state)} is no saved place; it reads {"step": 200}`);
  }
  let { step } = saved.data;
  return { next: () => batchAt(step++), state: () => ({ step }) };
}

/**
 * Inputs and targets of whole windows.
 * @param windows (B,L+1)
 * @param pad Id of padding, when rows may hold it: targets equal to it get weight 0.
 */
export function batchOf(windows: Int32Array, batch: number, length: number, pad?: number): Batch {
  if (windows.length !== batch * (length + 1)) {
    throw new TypeError(
      `data: ${windows.length} tokens are not ${batch} windows of ${length}+1; give (B,L+1)`,
    );
  }
  const tokens = new Int32Array(batch * length); // (B,L)
  const targets = new Int32Array(batch * length); // (B,L)
  for (let row = 0; row < batch; row++) {
    const start = row * (length + 1);
    tokens.set(windows.subarray(start, start + length), row * length);
    targets.set(windows.subarray(start + 1, start + length + 1), row * length);
  }
  if (pad === undefined) return { tokens, targets, batch, length };
  return {
    tokens,
    targets,
    weights: Float32Array.from(targets, (id) => (id === pad ? 0 : 1)),
    batch,
    length,
  };
}
