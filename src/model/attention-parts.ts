/** The queries of a context in runs, each with the keys that it may see. */
import type { AttentionState } from "../encodings/encoding.ts";
import { tf } from "../tensor/tf.ts";
import { keysSeen, type Sight } from "./sight.ts";

/** Queries, and the keys and values that they may look at. */
export interface Heads
  extends Pick<AttentionState, "layer" | "params" | "first" | "positions" | "x" | "q" | "k"> {
  /** (B,H,S,D) */
  readonly v: tf.Tensor4D;
  /** Added to the scores of every query, (S). */
  readonly mask: tf.Tensor1D | undefined;
}

/** Runs of queries one after another, without the keys that none of a run sees. */
export function inParts(whole: Heads, queries: number, sight: Sight): (() => Heads)[] {
  const T = whole.q.shape[2];
  return Array.from({ length: Math.ceil(T / queries) }, (_, part) => () => {
    const from = part * queries;
    const count = Math.min(T, from + queries) - from;
    return withinSight(
      {
        ...whole,
        first: whole.first + from,
        positions: { ...whole.positions, query: tf.slice(whole.positions.query, from, count) },
        q: tf.slice(whole.q, [0, 0, from, 0], [-1, -1, count, -1]),
      },
      sight,
    );
  });
}

/** Without the keys that no query sees: memory grows with the window, not with the context. */
export function withinSight(heads: Heads, sight: Sight): Heads {
  const { first, q, k, v, x, mask, positions } = heads;
  const S = k.shape[2];
  const [from] = keysSeen(sight, first, S);
  const [, end] = keysSeen(sight, first + q.shape[2] - 1, S);
  if (from === 0 && end === S) return heads;
  const keys = (h: tf.Tensor4D) => tf.slice(h, [0, 0, from, 0], [-1, -1, end - from, -1]);
  return {
    ...heads,
    first: first - from,
    positions: { ...positions, key: tf.slice(positions.key, from, end - from) },
    mask: mask && tf.slice(mask, from, end - from),
    x: x.shape[1] === S ? tf.slice(x, [0, from, 0], [-1, end - from, -1]) : x, // a cache keeps what is read
    k: keys(k),
    v: keys(v),
  };
}
