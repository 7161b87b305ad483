/** What one call of generation reads: one token of each row, or several of which all but the first are guesses. */
import { tf } from "../tensor/tf.ts";

/** Token ids by row, of one length. */
export type Contexts = readonly (readonly number[])[];

export const lengthOf = (contexts: Contexts): number => (contexts[0] as readonly number[]).length;

/** What a call has read. */
export interface Block {
  /** Tokens of a context, the first that was read in this call included. */
  readonly from: number;
  /** By turn and row, (V). */
  readonly logits: readonly (readonly Float32Array[])[];
  /** (n,B): the token that each turn but the first has read, and one more. */
  readonly guesses: Int32Array;
}

/** @param logits (n·B,V) or (n,B,V); disposes of them, and of guesses, (n,B) */
export async function blockOf(contexts: Contexts, logits: tf.Tensor, guesses?: tf.Tensor): Promise<Block> {
  const [values, ids] = await Promise.all([logits.data(), guesses?.data()]);
  tf.dispose([logits, guesses ?? []]);
  const V = logits.shape.at(-1) as number;
  const B = contexts.length;
  const rows = Array.from({ length: values.length / V }, (_, i) =>
    (values as Float32Array).subarray(i * V, (i + 1) * V),
  );
  return {
    from: lengthOf(contexts),
    logits: Array.from({ length: rows.length / B }, (_, turn) => rows.slice(turn * B, (turn + 1) * B)),
    guesses: (ids ?? new Int32Array()) as Int32Array,
  };
}

/** The logits of contexts whose open rows have grown by what was guessed. */
export function foreseen({ from, logits, guesses }: Block, contexts: Contexts, open: readonly boolean[]) {
  const turn = lengthOf(contexts) - from;
  const guessed = guesses.subarray((turn - 1) * contexts.length);
  const right = contexts.every((context, row) => !open[row] || context.at(-1) === guessed[row]);
  return right ? logits[turn] : undefined;
}
