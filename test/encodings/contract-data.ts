/** What the contract suite is told of single encodings: other values of their fields, and where one is excused. */

export interface Alternatives {
  /** The other values to try, each of which must change the output. */
  readonly to: readonly unknown[];
  /** Fields that are set beside it, such as the one that makes it matter. */
  readonly beside?: object;
  /** Tokens of the context; past the trained length for what only shows there. */
  readonly length?: number;
}

/** By kind and field. A field that is not listed here fails the suite. */
export const alternatives: Readonly<Record<string, Readonly<Record<string, Alternatives>>>> = {
  learned: {
    beyond: { beside: { beyond: "clamp" }, to: ["wrap", "zero", "untrained", "interpolate"], length: 12 },
  },
  relative: { window: { to: [2, 3] }, inside: { to: [false] } },
  sinusoidal: { base: { to: [100] }, scale: { to: [0.15] }, layout: { to: ["halves"] } },
};

/** Items of the contract that an encoding can be excused from. */
export type Item = "bidirectional" | "shift" | "gradient" | "causality";

export interface Exception {
  readonly kind: string;
  readonly item: Item;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [];
