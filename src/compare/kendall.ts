/**
 * Kendall's rank correlation with ties (Kendall 1945):
 *
 *     τ_b = (C − D) / √((C + D + T_x)(C + D + T_y))     C pairs in one order, D in opposite ones, T tied
 *                                                       on the other side alone
 *
 * @param signs of each pair: which of the two is larger, on either side
 * @returns NaN where all of one side are equal
 */
export function tauOfSigns(signs: readonly (readonly [number, number])[]): number {
  const ordered = (side: 0 | 1) => signs.filter((both) => both[side] !== 0).length;
  return signs.reduce((sum, [a, b]) => sum + a * b, 0) / Math.sqrt(ordered(0) * ordered(1));
}
