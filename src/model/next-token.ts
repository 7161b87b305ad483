/**
 * The logits of the next token of contexts that grow.
 *
 * The prompt is read once, then each token alone beside the keys and values that are remembered (`recall.ts`). Where the encoding depends
 * on the length, the whole context is read anew for each token instead.
 *
 * A context is filled on the left to a power of two, and slots double when they are full, so that few graphs are traced.
 */
import { type Compiled, compile } from "../engine/compile.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { MASKED } from "./attention.ts";
import type { Model } from "./config.ts";
import { type Memory, recallOf, type Slots, widened } from "./recall.ts";
import { forward } from "./transformer.ts";

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32: the last T of the slots. */
  readonly tokens: tf.Tensor2D;
  readonly slots: Slots & TensorTree;
}

interface Later extends Inputs {
  readonly memory: Memory;
}

/** The forward passes of generation; `close` frees their graphs. */
export interface Passes {
  /** Logits of the last token, (B,V). */
  readonly whole: Compiled<Inputs, { logits: tf.Tensor }>;
  readonly first: Compiled<Inputs, { logits: tf.Tensor; memory: Memory }>;
  readonly next: Compiled<Later, { logits: tf.Tensor; memory: Memory }>;
  close(): void;
}

export function compilePasses(model: Model, xla: boolean): Passes {
  const pass = ({ params, tokens, slots }: Inputs, earlier?: Memory) => {
    const { recall, memory } = recallOf(model, slots, earlier);
    const [S, T] = [slots.positions.size, tokens.shape[1]];
    const positions = tf.slice(slots.positions, S - T, T);
    const logits = forward(model, params, tokens, positions, { recall, last: 1 }); // (B,1,V)
    return { logits: tf.squeeze(logits, [1]), memory };
  };
  const whole = compile((inputs: Inputs) => ({ logits: pass(inputs).logits }), {
    name: "whole context",
    xla,
  });
  const first = compile((inputs: Inputs) => pass(inputs), { name: "prompt", xla });
  const next = compile((inputs: Later) => pass(inputs, inputs.memory), { name: "next token", xla });
  return {
    ...{ whole, first, next },
    close() {
      for (const one of [whole, first, next]) one.close();
    },
  };
}

export interface ReaderSetting {
  readonly params: Params;
  readonly passes: Passes;
  /** Whether keys and values are remembered. */
  readonly remembers: boolean;
  /** Slots to begin with. */
  readonly slots: number;
}

export interface Reader {
  /** Logits of the last token of each context, (V); contexts are those of the call before with one token more. */
  read(contexts: readonly (readonly number[])[]): Promise<Float32Array[]>;
  close(): void;
}

/** @param positions of all tokens that will be read, each defined by the model's encoding */
export function openReader(
  { params, passes, remembers, slots }: ReaderSetting,
  positions: Float32Array,
): Reader {
  let memory: Memory | undefined;
  let S = slots;
  const replaceMemory = (by?: Memory) => {
    if (memory !== undefined) disposeTree(memory);
    memory = by;
  };
  const makeRoom = (count: number) => {
    const before = S;
    while (S < count) S *= 2;
    if (memory !== undefined && S > before) replaceMemory(widened(memory, S - before));
  };
  const run = (contexts: readonly (readonly number[])[]): tf.Tensor => {
    makeRoom((contexts[0] as readonly number[]).length);
    const read = inputsOf(contexts, positions, S, memory === undefined ? S : 1);
    const inputs = { params, ...read };
    try {
      if (!remembers) return passes.whole(inputs).logits;
      const outputs = memory === undefined ? passes.first(inputs) : passes.next({ ...inputs, memory });
      replaceMemory(outputs.memory);
      return outputs.logits;
    } finally {
      disposeTree(read);
    }
  };
  return {
    async read(contexts) {
      const logits = run(contexts);
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      const V = values.length / contexts.length;
      return contexts.map((_, row) => values.subarray(row * V, (row + 1) * V));
    },
    close: () => replaceMemory(),
  };
}

/** The last T tokens of S slots that contexts of one length fill from the right, and the slots. */
function inputsOf(
  contexts: readonly (readonly number[])[],
  positions: Float32Array,
  S: number,
  T: number,
): Pick<Inputs, "tokens" | "slots"> {
  const count = (contexts[0] as readonly number[]).length;
  const empty = S - count;
  const tokens = new Int32Array(contexts.length * T); // an empty slot reads token 0, which is masked
  contexts.forEach((context, row) => {
    const read = context.slice(-T);
    tokens.set(read, (row + 1) * T - read.length);
  });
  const at = new Float32Array(S).fill(positions[0] as number);
  at.set(positions.subarray(0, count), empty);
  return {
    tokens: tf.tensor2d(tokens, [contexts.length, T], "int32"),
    slots: {
      positions: tf.tensor1d(at),
      mask: tf.tensor1d(new Float32Array(S).fill(MASKED, 0, empty)),
    },
  };
}
