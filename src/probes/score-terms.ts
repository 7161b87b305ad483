/**
 * Attention scores of one head in one context as a sum of terms.
 *
 *     scores = scale·(q_v + q_p + …)·(k_v + k_p + …) + transform + bias
 *
 * token-position is scale·q_v·k_p, and so on. `transform` is what turning brings: scale·(turned
 * q·turned k − q·k). `rest` is what the others leave of the scores.
 */

import { keysSeen, type Sight } from "../model/sight.ts";

/** The terms of products, then those that the encoding adds, then what is left. */
export const TERMS = [
  "token-token",
  "token-position",
  "position-token",
  "position-position",
  "transform",
  "bias",
  "rest",
] as const;
export type Term = (typeof TERMS)[number];

/**
 * Queries or keys of a head, (T,D): from `first` of the row of each token on, `stride` numbers a
 * row, divided by `over` of the token.
 */
export interface Vectors {
  readonly values: ArrayLike<number>;
  readonly first: number;
  readonly stride: number;
  readonly width: number;
  readonly over?: ArrayLike<number>;
}

export interface Part {
  readonly q: Vectors;
  readonly k: Vectors;
}

export interface HeadScores {
  readonly T: number;
  readonly sight: Sight;
  /** Of query i. */
  readonly scaleAt: (i: number) => number;
  /** (T,T), of which what a query does not see is not read */
  readonly scores: ArrayLike<number>;
  readonly tokens: Part;
  /** Left out where no positions are added to tokens. */
  readonly positions?: Part | undefined;
  /** Before and after the encoding's `transform`. */
  readonly turned?: { readonly before: Part; readonly after: Part } | undefined;
  /** (T,T) */
  readonly bias?: ArrayLike<number> | undefined;
  /** False where the parts of tokens and positions are all of q and k. */
  readonly rest: boolean;
}

/** Terms that add up to the scores, (T,T) each; entries that are not seen are 0. */
export function termsOf(head: HeadScores): Map<Term, Float64Array> {
  const { T, sight, scaleAt, tokens, positions, turned, bias, scores } = head;
  const seen = seenPairs(T, sight);
  const product = (q: Vectors, k: Vectors) => productsOf(q, k, T, seen, scaleAt);
  const terms = new Map<Term, Float64Array>([["token-token", product(tokens.q, tokens.k)]]);
  if (positions) {
    terms.set("token-position", product(tokens.q, positions.k));
    terms.set("position-token", product(positions.q, tokens.k));
    terms.set("position-position", product(positions.q, positions.k));
  }
  if (turned) {
    const before = product(turned.before.q, turned.before.k);
    terms.set(
      "transform",
      product(turned.after.q, turned.after.k).map((value, n) => value - (before[n] as number)),
    );
  }
  if (bias) {
    const added = new Float64Array(T * T);
    for (const n of seen) added[n] = bias[n] as number;
    terms.set("bias", added);
  }
  if (!head.rest) return terms;
  const rest = new Float64Array(T * T);
  for (const n of seen) {
    let sum = 0;
    for (const term of terms.values()) sum += term[n] as number;
    rest[n] = (scores[n] as number) - sum;
  }
  return terms.set("rest", rest);
}

/** Places i·T + j of the pairs of a query and a key that it sees. */
export function seenPairs(T: number, sight: Sight): number[] {
  return Array.from({ length: T }, (_, i) => {
    const [first, end] = keysSeen(sight, i, T);
    return Array.from({ length: end - first }, (_, n) => i * T + first + n);
  }).flat();
}

function productsOf(
  q: Vectors,
  k: Vectors,
  T: number,
  seen: readonly number[],
  scaleAt: HeadScores["scaleAt"],
): Float64Array {
  const products = new Float64Array(T * T);
  for (const n of seen) {
    const [i, j] = [Math.floor(n / T), n % T];
    const [a, b] = [q.first + i * q.stride, k.first + j * k.stride];
    let sum = 0;
    for (let d = 0; d < q.width; d++) sum += (q.values[a + d] as number) * (k.values[b + d] as number);
    products[n] = (scaleAt(i) * sum) / ((q.over?.[i] ?? 1) * (k.over?.[j] ?? 1));
  }
  return products;
}

/** How terms vary over the keys that a query sees, the query's mean taken out: softmax does not see it. */
export interface Variation {
  /** Σ of centred scores², over the pairs of all queries. */
  readonly total: number;
  /** Σ of a centred term times the centred scores: over all terms they sum to `total`. */
  readonly shared: ReadonlyMap<Term, number>;
  /** Mean of the centred term², over the same pairs. */
  readonly squares: ReadonlyMap<Term, number>;
}

export function variationOf(terms: ReadonlyMap<Term, Float64Array>, T: number, sight: Sight): Variation {
  const centred = new Map([...terms].map(([name, term]) => [name, centredRows(term, T, sight)] as const));
  const scores = new Float64Array(T * T);
  for (const term of centred.values())
    term.forEach((value, n) => {
      scores[n] = (scores[n] as number) + value;
    });
  const dot = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, n) => sum + value * (b[n] as number), 0);
  const pairs = seenPairs(T, sight).length;
  const each = (f: (term: Float64Array) => number) =>
    new Map([...centred].map(([name, term]) => [name, f(term)] as const));
  return {
    total: dot(scores, scores),
    shared: each((term) => dot(term, scores)),
    squares: each((term) => dot(term, term) / pairs),
  };
}

function centredRows(term: Float64Array, T: number, sight: Sight): Float64Array {
  const centred = new Float64Array(T * T);
  for (let i = 0; i < T; i++) {
    const [first, end] = keysSeen(sight, i, T);
    let sum = 0;
    for (let j = first; j < end; j++) sum += term[i * T + j] as number;
    for (let j = first; j < end; j++) centred[i * T + j] = (term[i * T + j] as number) - sum / (end - first);
  }
  return centred;
}
