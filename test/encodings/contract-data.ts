/**
 * What the contract suite is told of single encodings: other values of their fields, and where one
 * is excused.
 */
import { isDeepStrictEqual } from "node:util";

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
  fire: { threshold: { to: [0.1] }, shared: { to: [true] } },
  kerple: { variant: { to: ["power"] }, inside: { to: [true] } },
  cope: { positions: { to: [2, 4] }, inside: { to: [true] } },
  deberta: { window: { to: [2, 3] }, terms: { to: ["c2p", "p2c"] } },
  forgetting: { dependent: { to: [false] } },
  polar: { base: { to: [100] }, phases: { to: ["uniform"] } },
  path: { rank: { to: [4] } },
  fope: { base: { to: [2] }, spread: { to: [0.1] } },
  dape: { prior: { to: ["alibi"] }, kernel: { to: [1] }, hidden: { to: [5] } },
  grape: { gated: { to: [false] } },
  "selective-rope": { base: { to: [100] }, rank: { to: [3] }, convolution: { to: [1] } },
  relative: { window: { to: [2, 3] }, inside: { to: [false] } },
  rope: {
    layout: { to: ["interleaved"] },
    base: { to: [100] },
    rotary: { to: [0.5] },
    turning: { to: [0.5] },
    scaling: {
      to: ["linear", "ntk", "dynamic", "yarn", "llama3", "longrope"].map((kind) => ({ kind })),
      length: 12,
    },
  },
  sandwich: { columns: { to: [16] }, base: { to: [100] }, inside: { to: [true] } },
  sinusoidal: { base: { to: [100] }, scale: { to: [0.15] }, layout: { to: ["halves"] } },
  t5: {
    buckets: { to: [4] },
    maxDistance: { beside: { buckets: 8 }, to: [5, 6], length: 8 },
    scaled: { to: [false] },
  },
  xpos: { base: { to: [100] }, scaleBase: { to: [16, 512] } },
  shaw: { window: { to: [2, 3] }, terms: { to: ["keys", "values"] } },
  "transformer-xl": { base: { to: [10] }, untied: { to: [true] } },
  tupe: {
    beyond: { beside: { beyond: "clamp" }, to: ["wrap", "zero", "untrained"], length: 12 },
    relativeBias: { to: [true] },
    window: { beside: { relativeBias: true }, to: [1, 3] },
  },
};

/** Items of the contract that an encoding can be excused from. */
export type Item = "bidirectional" | "shift" | "gradient" | "causality";

export interface Exception {
  readonly kind: string;
  readonly item: Item;
  readonly reason: string;
  /** The excuse holds for configurations with these fields alone. Default: for all. */
  readonly only?: object;
}

export const exceptions: readonly Exception[] = [
  {
    kind: "cope",
    item: "bidirectional",
    reason: "counts gates backwards from the query; the paper defines it under a causal mask alone",
  },
  {
    kind: "forgetting",
    item: "bidirectional",
    reason: "forgets what came before; the paper defines it under a causal mask alone",
  },
  {
    kind: "path",
    item: "bidirectional",
    reason:
      "multiplies what stands between a key and a later query; the paper defines it under a causal mask",
  },
  {
    kind: "grape",
    item: "bidirectional",
    reason: "fades what came before; the paper defines it for keys up to the query",
  },
  {
    kind: "selective-rope",
    item: "bidirectional",
    reason: "adds up angles forwards in time; the paper defines it for causal models",
  },
  {
    kind: "rope",
    item: "shift",
    only: { scaling: { kind: "dynamic" } },
    reason: "the frequencies depend on the furthest position by definition",
  },
  {
    kind: "rope",
    item: "shift",
    only: { scaling: { kind: "longrope" } },
    reason: "the frequencies are others past L_max by definition",
  },
  {
    kind: "xpos",
    item: "bidirectional",
    reason: "scores grow without bound to the right of the query; create refuses it",
  },
];

/** Whether an encoding is excused from an item: under every configuration, or under this one. */
export const isExcused = (kind: string, item: Item, config?: object): boolean =>
  exceptions.some(
    (one) =>
      one.kind === kind &&
      one.item === item &&
      (one.only === undefined || isDeepStrictEqual(config, one.only)),
  );

/** The kinds of attention that an encoding is defined for. */
export const attentionsOf = (kind: string): ("causal" | "bidirectional")[] =>
  isExcused(kind, "bidirectional") ? ["causal"] : ["causal", "bidirectional"];

/** The default configuration, then each alternative of each field. */
export const configsOf = (kind: string): object[] => [
  {},
  ...Object.entries(alternatives[kind] ?? {}).flatMap(([field, { beside, to }]) =>
    to.map((value) => ({ ...beside, [field]: value })),
  ),
];

export const isDefault = (config: object): boolean => Object.keys(config).length === 0;
