/**
 * What a head of a known type attends to, as templates over queries i and keys j, and how much of a
 * pattern lies on one:
 *
 *     score = Σ pattern ⊙ template / Σ pattern      both sums without the first column, where heads rest that find nothing
 *
 *     previous token    j = i − 1; next token: j = i + 1, where keys after the query are seen
 *     duplicate token   x_j = x_i, j ≠ i
 *     induction         x_{j−1} = x_i, j − 1 ≠ i: what came after this token before
 *
 * These are the templates and the score ("mul") of TransformerLens's `head_detector.py`, with
 * `exclude_bos`. Departure: bidirectional models, which it has not, see duplicates on both sides.
 */

export const HEAD_TYPES = ["previous token", "next token", "duplicate token", "induction"] as const;
export type HeadType = (typeof HEAD_TYPES)[number];

/** Types that a model can have. */
export const typesOf = (causal: boolean): HeadType[] =>
  HEAD_TYPES.filter((type) => !causal || type !== "next token");

/** Whether the template of a type holds key j of query i. */
export function inTemplate(
  type: HeadType,
  x: readonly number[],
  i: number,
  j: number,
  causal: boolean,
): boolean {
  if (causal && j > i) return false;
  const isDuplicate = (k: number) => k >= 0 && x[k] === x[i] && (causal ? k < i : k !== i);
  switch (type) {
    case "previous token":
      return j === i - 1;
    case "next token":
      return j === i + 1;
    case "duplicate token":
      return isDuplicate(j);
    case "induction":
      return isDuplicate(j - 1);
    default:
      return type satisfies never;
  }
}

export interface Template {
  readonly type: HeadType;
  /** Indices i·T + j of the template, the first column and queries before `from` left out. */
  readonly cells: readonly number[];
}

export function templatesOf(x: readonly number[], causal: boolean, from: number): Template[] {
  const T = x.length;
  return typesOf(causal).map((type) => {
    const cells: number[] = [];
    for (let i = from; i < T; i++)
      for (let j = 1; j < T; j++) if (inTemplate(type, x, i, j, causal)) cells.push(i * T + j);
    return { type, cells };
  });
}

/** @param A (T,T) */
export function scoreOf(A: ArrayLike<number>, T: number, from: number, { cells }: Template): number {
  let total = 0;
  for (let i = from; i < T; i++) for (let j = 1; j < T; j++) total += A[i * T + j] as number;
  const matched = cells.reduce((sum, cell) => sum + (A[cell] as number), 0);
  return total === 0 ? 0 : matched / total;
}

/** The pattern of a head that attends evenly, (T,T). */
export function evenPattern(T: number, causal: boolean): Float64Array {
  return Float64Array.from({ length: T * T }, (_, cell) => {
    const [i, j] = [Math.floor(cell / T), cell % T];
    return causal ? (j <= i ? 1 / (i + 1) : 0) : 1 / T;
  });
}
