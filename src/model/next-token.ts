/**
 * The logits of the next token of contexts that grow.
 *
 * The prompt is read once, then each token alone beside the cached keys and values (`kv-cache.ts`).
 * Where the encoding depends on the length, the whole context is read anew for each token instead.
 *
 * A context is filled on the left to a power of two, and slots double when they are full, so that
 * few graphs are traced.
 */
import { type Compiled, compile } from "../engine/compile.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { type CacheSlots, type CacheTensors, kvCacheOf, widened } from "./kv-cache.ts";
import type { Model } from "./model.ts";
import { MASKED } from "./sight.ts";
import { forward } from "./transformer.ts";

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32: the last T of the slots. */
  readonly tokens: tf.Tensor2D;
  readonly slots: CacheSlots & TensorTree;
}

interface Later extends Inputs {
  readonly cached: CacheTensors;
}

/** The forward passes of generation; `close` frees their graphs. */
export interface Passes {
  /** Logits of the last token, (B,V). */
  readonly whole: Compiled<Inputs, { logits: tf.Tensor }>;
  readonly first: Compiled<Inputs, { logits: tf.Tensor; cached: CacheTensors }>;
  readonly next: Compiled<Later, { logits: tf.Tensor; cached: CacheTensors }>;
  close(): void;
}

export function compilePasses(model: Model, xla: boolean): Passes {
  const pass = ({ params, tokens, slots }: Inputs, earlier?: CacheTensors) => {
    const { cache, cached } = kvCacheOf(model, slots, earlier);
    const [S, T] = [slots.positions.size, tokens.shape[1]];
    const positions = tf.slice(slots.positions, S - T, T);
    const logits = forward(model, params, tokens, positions, { cache, last: 1 }); // (B,1,V)
    return { logits: tf.squeeze(logits, [1]), cached };
  };
  const whole = compile((inputs: Inputs) => ({ logits: pass(inputs).logits }), {
    name: "whole context",
    xla,
  });
  const first = compile((inputs: Inputs) => pass(inputs), { name: "prompt", xla });
  const next = compile((inputs: Later) => pass(inputs, inputs.cached), { name: "next token", xla });
  return {
    ...{ whole, first, next },
    close() {
      for (const one of [whole, first, next]) one.close();
    },
  };
}

export interface NextTokenSetting {
  readonly params: Params;
  readonly passes: Passes;
  /** Whether keys and values are remembered. */
  readonly caches: boolean;
  /** Slots to begin with. */
  readonly slots: number;
}

export interface NextTokens {
  /**
   * Logits of the last token of each context, (V); contexts are those of the call before with one
   * token more.
   */
  read(contexts: readonly (readonly number[])[]): Promise<Float32Array[]>;
  close(): void;
}

/** @param positions of all tokens that will be read, each defined by the model's encoding */
export function openNextTokens(
  { params, passes, caches, slots }: NextTokenSetting,
  positions: Float32Array,
): NextTokens {
  let cached: CacheTensors | undefined;
  let S = slots;
  const replaceTensors = (by?: CacheTensors) => {
    if (cached !== undefined) disposeTree(cached);
    cached = by;
  };
  const makeRoom = (count: number) => {
    const before = S;
    while (S < count) S *= 2;
    if (cached !== undefined && S > before) replaceTensors(widened(cached, S - before));
  };
  const run = (contexts: readonly (readonly number[])[]): tf.Tensor => {
    makeRoom((contexts[0] as readonly number[]).length);
    const read = inputsOf(contexts, positions, S, cached === undefined ? S : 1);
    const inputs = { params, ...read };
    try {
      if (!caches) return passes.whole(inputs).logits;
      const outputs = cached === undefined ? passes.first(inputs) : passes.next({ ...inputs, cached });
      replaceTensors(outputs.cached);
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
    close: () => replaceTensors(),
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
