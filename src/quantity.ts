/** A whole number with what it counts: "1 seed", "3 seeds", "1,920 tokens". */
export const quantity = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
