/**
 * What attention caches of tokens that were read before: keys and values of every block, and the
 * block's input where a bias may ask for it.
 *
 * A block has S slots, filled from the right: the T tokens that are read now take the last T, and
 * what was there moves to the left. So the slot of a query, S − T, is a constant of a traced graph
 * however many tokens came before. Slots that no token has filled are masked; they stand where the
 * first token stands.
 *
 * Right for encodings that make of a key what its own token and position say, whatever follows:
 * those without `dependsOnLength`.
 */
import { tf } from "../tensor/tf.ts";
import { encodingOf, type Model } from "./model.ts";

/** What one block keeps of S tokens. */
export interface KeysValues {
  /** (B,H,S,D), after `transform`. */
  readonly k: tf.Tensor4D;
  /** (B,H,S,D) */
  readonly v: tf.Tensor4D;
}

/** Where the tokens of the slots stand, and which slots are empty. */
export interface CacheSlots {
  /** (S) */
  readonly positions: tf.Tensor1D;
  /** Added to scores, (S): 0, or at empty slots large and negative. */
  readonly mask: tf.Tensor1D;
}

export interface KvCache extends CacheSlots {
  /** What a block has in its slots once the tokens that are read now, T of them, are in the last. */
  extend(layer: number, now: KeysValues): KeysValues;
  /** The same of the block's normalized input, (B,S,C); that of the tokens read now where nothing else is read. */
  inputs(layer: number, now: tf.Tensor3D): tf.Tensor3D;
}

/** Tensors of all blocks by name, `layer.k`, `layer.v` and, for encodings that may read it, `layer.x`. */
export type CacheTensors = Readonly<Record<string, tf.Tensor>>;

/**
 * A KV cache for one forward pass, and the tensors that the pass leaves in it.
 *
 * @param earlier of the same number of slots; without it the tokens that are read fill every slot.
 */
export function kvCacheOf(
  model: Model,
  slots: CacheSlots,
  earlier?: CacheTensors,
): { cache: KvCache; cached: CacheTensors } {
  const cached: Record<string, tf.Tensor> = {};
  const keep = <R extends tf.Tensor>(name: string, now: R): R => {
    const old = earlier?.[name] as R | undefined;
    const all = old === undefined ? now : pushed(old, now);
    cached[name] = all;
    return all;
  };
  const mayReadInputs = (layer: number) => {
    const { bias, values, readsInputs } = encodingOf(model, layer);
    return bias !== undefined || values !== undefined || readsInputs === true;
  };
  const extend = (layer: number, { k, v }: KeysValues): KeysValues => ({
    k: keep(`${layer}.k`, k),
    v: keep(`${layer}.v`, v),
  });
  const inputs = (layer: number, x: tf.Tensor3D) => (mayReadInputs(layer) ? keep(`${layer}.x`, x) : x);
  return { cache: { ...slots, extend, inputs }, cached };
}

/** The axis of slots in (B,H,S,D) and in (B,S,C). */
const slotAxis = (x: tf.Tensor) => x.rank - 2;

/** `now` behind `old`, of which as many slots are forgotten. */
function pushed<R extends tf.Tensor>(old: R, now: R): R {
  const axis = slotAxis(now);
  const from = now.shape.map((size, i) => (i === axis ? size : 0));
  return tf.concat([tf.slice(old, from), now], axis);
}

/** The tensors with so many empty slots more, on the left. The caller disposes of both. */
export const widened = (cached: CacheTensors, slots: number): CacheTensors =>
  changed(cached, (x) => behindEmpty(x, slots));

/** The tensors without their last tokens, so many; as many slots on the left are empty. */
export const withdrawn = (cached: CacheTensors, tokens: number): CacheTensors =>
  changed(cached, (x) => {
    const kept = x.shape.map((size, i) => (i === slotAxis(x) ? size - tokens : size));
    return tf.tidy(() => behindEmpty(tf.slice(x, [0], kept), tokens));
  });

const changed = (cached: CacheTensors, change: (x: tf.Tensor) => tf.Tensor): CacheTensors =>
  Object.fromEntries(Object.entries(cached).map(([name, x]) => [name, change(x)]));

const behindEmpty = (x: tf.Tensor, slots: number): tf.Tensor =>
  tf.pad(
    x,
    x.shape.map((_, i): [number, number] => [i === slotAxis(x) ? slots : 0, 0]),
  );
