/** The forward passes of generation, compiled. */
import { type Compiled, compile } from "../engine/compile.ts";
import type { LoopGraph } from "../engine/compiler.ts";
import { compileLoop } from "../engine/loop.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { TensorTree } from "../tensor/tree.ts";
import { foresee } from "./foresee.ts";
import { type CacheSlots, type CacheTensors, kvCacheOf } from "./kv-cache.ts";
import type { Model } from "./model.ts";
import type { Sampling } from "./sampling.ts";
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

/** What one token leaves to the next: its guess, (B,1), and the cache. */
interface Following extends TensorTree {
  readonly tokens: tf.Tensor2D;
  readonly cached: CacheTensors;
}

interface EachToken extends TensorTree {
  readonly slots: CacheSlots & TensorTree;
  /** (B) */
  readonly uniform: tf.Tensor1D;
}

/** Of n tokens: logits (n,B,V), and what was guessed from each, (n,B). */
interface Foreseen extends TensorTree {
  readonly logits: tf.Tensor;
  readonly guesses: tf.Tensor;
}

/** `close` frees the graphs. */
export interface Passes {
  /** Logits of the last token, (B,V). */
  readonly whole: Compiled<Inputs, { logits: tf.Tensor }>;
  readonly first: Compiled<Inputs, { logits: tf.Tensor; cached: CacheTensors }>;
  readonly next: Compiled<Later, { logits: tf.Tensor; cached: CacheTensors }>;
  /** Several tokens, each but the first the one that was guessed from those before it. */
  ahead(sampling: Sampling): LoopGraph<Following, { readonly params: Params }, Foreseen>;
  close(): void;
}

export function compilePasses(model: Model, xla: boolean): Passes {
  const pass = ({ params, tokens, slots }: Inputs, earlier?: CacheTensors) => {
    const { cache, cached } = kvCacheOf(model, slots, earlier);
    const [S, T] = [slots.positions.size, tokens.shape[1]];
    const positions = tf.slice(slots.positions, S - T, T);
    const logits = forward(model, params, tokens, positions, { cache, last: 1 }); // (B,1,V)
    return { logits: tf.squeeze(logits, [1]) as tf.Tensor2D, cached };
  };
  const whole = compile((inputs: Inputs) => ({ logits: pass(inputs).logits }), {
    name: "whole context",
    xla,
  });
  const first = compile((inputs: Inputs) => pass(inputs), { name: "prompt", xla });
  const next = compile((inputs: Later) => pass(inputs, inputs.cached), { name: "next token", xla });
  const loops = new Map<string, ReturnType<Passes["ahead"]>>();
  const ahead: Passes["ahead"] = (sampling) => {
    const key = JSON.stringify(sampling);
    const loop =
      loops.get(key) ??
      compileLoop<Following, { readonly params: Params }, EachToken, Foreseen>(
        ({ state: { tokens, cached: earlier }, inputs: { params }, each: { slots, uniform } }) => {
          const { logits, cached } = pass({ params, tokens, slots }, earlier);
          const guesses = foresee(logits, uniform, sampling);
          const state: Following = { tokens: tf.expandDims(guesses, 1) as tf.Tensor2D, cached };
          return { state, outputs: { logits, guesses } };
        },
        { name: "next tokens" },
      );
    loops.set(key, loop);
    return loop;
  };
  return {
    ...{ whole, first, next, ahead },
    close() {
      for (const one of [whole, first, next, ...loops.values()]) one.close();
      loops.clear();
    },
  };
}
