/** The shape of what an op makes of two tensors that broadcast. */
import { tf } from "../../../tensor/tf.ts";

/** Undefined where the shapes do not go together. */
export type Broadcast = readonly number[] | undefined;

export function broadcastShape(a: readonly number[], b: readonly number[]): Broadcast {
  try {
    return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
  } catch {
    return undefined; // it throws for nothing else
  }
}
