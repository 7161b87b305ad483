/**
 * Which way past L_max costs least, with the same parameters?
 *
 * One checkpoint under all that can be changed without training it again, side by side, on the same
 * held-out text:
 *
 *     policy    what the encoding does at positions that it does not define (its field `beyond`)
 *     scaling   how it stretches its frequencies (its field `scaling`), each kind with its defaults, the model's own as it is
 *     scheme    at which positions the tokens stand: 0, 1, 2, …; randomized; interpolated, clamped and wrapped into [0, L_max)
 *
 *     policy_nll           mean loss of tokens 1 … L, L + 1 … 2L, 2L + 1 … 4L of a context, L = L_max
 *     policy_degradation   PPL(2L)/PPL(L)
 *
 * Each range is read in contexts that end with it wherever a longer context would change it: where
 * positions are squeezed or drawn by the length, and in bidirectional models. What fields an
 * encoding has is read from its schema, never from its kind.
 */
import { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";
import type { Model } from "../model/model.ts";
import { firstUndefined, positionsOf, type Scheme } from "../model/positions.ts";
import { ratioWithError } from "../tensor/numbers.ts";
import { fieldOfPosition, scalingsOf, variantsPast } from "./beyond.ts";
import { degradationOf, sumsBetween } from "./degradation.ts";
import type { ContextLosses } from "./long-context.ts";
import { type Placing, placed } from "./placing.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row, type SubjectWith } from "./probe.ts";
import { openTokenLosses, type TokenLosses } from "./token-losses.ts";
import { type Stretch, stretchesOf } from "./windows-material.ts";

const METRICS = {
  policy_nll: {
    title: "loss by range",
    unit: "nats",
    better: "lower",
    meaning:
      "Mean loss of the tokens from … to of a context, the first counted as 1, under one policy, scheme or scaling; the parameters are the same.",
  },
  policy_degradation: {
    title: "degradation by policy",
    unit: "ratio",
    better: "lower",
    meaning:
      "Perplexity over contexts of 2·L_max tokens divided by that over contexts of L_max, under one policy, scheme or scaling.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type PolicyRow = Row<keyof typeof METRICS>;

export const policies = defineProbe({
  name: "policies",
  question: "Which way past L_max costs least, with the same parameters?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    /** The longest context, in multiples of L_max. */
    factor: z.int().min(2).max(1024).default(4),
    /** Contexts, at most. */
    contexts: z.int().positive().max(65_536).default(32),
    /** Tokens of the longest contexts together, at most, but one context is always read. */
    tokens: z
      .int()
      .positive()
      .max(2 ** 30)
      .default(8192),
    /** Positions that `randomized` draws from, in multiples of the longest context. */
    range: z.int().positive().max(1024).default(2),
  }),
  large: { factor: 2, tokens: 2048 },
  async run(subject, { factor, contexts, tokens, range }) {
    const L = subject.model.shape.context;
    const longest = factor * L;
    const count = Math.max(1, Math.min(contexts, Math.floor(tokens / longest)));
    const { windows } = subject.material;
    const stretches = stretchesOf(subject, windows, count, longest);
    const ends = rangesTo(L, factor);
    const rows: PolicyRow[] = [];
    for (const { model, schemes } of variantsOf(subject, longest, Math.min(POSITIONS, range * longest))) {
      const reader = openTokenLosses({ ...subject, model });
      try {
        for (const scheme of schemes) {
          const asked = { model, placing: { scheme, seed: subject.placing?.seed ?? 0 }, ends };
          const passes = await readRanges(reader, stretches, asked);
          rows.push(...rowsOf(passes, ends, { ...placeOf(model, scheme), split: windows.split }));
        }
      } finally {
        reader.close();
      }
    }
    return rows;
  },
});

/** L, 2L, 4L, … and factor·L. */
function rangesTo(L: number, factor: number): number[] {
  const ends = [L];
  for (let multiple = 2; multiple < factor; multiple *= 2) ends.push(multiple * L);
  return [...ends, factor * L];
}

interface Variant {
  readonly model: Model;
  readonly schemes: readonly Scheme[];
}

/**
 * The model under every scheme, then at contiguous positions under each policy and scaling that is
 * not its own.
 */
function variantsOf(subject: SubjectWith<"windows">, longest: number, range: number): Variant[] {
  const { model, placing } = subject;
  const L = model.shape.context;
  const listed: readonly Scheme[] = [
    { kind: "contiguous" },
    { kind: "randomized", range },
    { kind: "interpolated", trained: L },
    { kind: "clamped", limit: L },
    { kind: "wrapped", limit: L },
  ];
  const given = placing?.scheme;
  const others = listed.filter(({ kind }) => kind !== given?.kind);
  const changed = [...variantsPast(model, longest), ...scalingsOf(model)].filter(
    (one) => one.model !== model,
  );
  return [
    { model, schemes: given === undefined ? listed : [given, ...others] },
    ...changed.map((one) => ({ model: one.model, schemes: [{ kind: "contiguous" } as const] })),
  ];
}

interface Asked {
  readonly model: Model;
  readonly placing: Placing;
  readonly ends: readonly number[];
}

/**
 * By where a range ends, the losses of contexts that reach so far or, where that changes nothing,
 * further; without those not defined.
 */
async function readRanges(
  reader: TokenLosses,
  stretches: readonly Stretch[],
  { model, placing, ends }: Asked,
): Promise<Map<number, ContextLosses[]>> {
  const passes = new Map<number, ContextLosses[]>();
  const defined = ends.filter((T) => {
    const [scheme, rng] = placed(placing, T, 0);
    const possible = scheme.kind !== "randomized" || T <= scheme.range;
    return possible && firstUndefined(model, positionsOf(scheme, T, rng)) < 0;
  });
  const longest = defined.at(-1);
  const apart = !model.shape.causal || dependsOnLength(model, placing.scheme);
  for (const T of apart ? defined : defined.slice(-1)) {
    const cut = stretches.map(({ tokens, targets }) => ({
      tokens: Array.from(tokens).slice(0, T),
      targets: Array.from(targets).slice(0, T),
    }));
    const losses = await reader.read(cut, placing);
    const read = losses.map((nll, i) => ({
      nll,
      weights: Float32Array.from(stretches[i]?.weights ?? []).slice(0, T),
    }));
    for (const end of T === longest && !apart ? defined : [T]) passes.set(end, read);
  }
  return passes;
}

const dependsOnLength = ({ encoding }: Model, { kind }: Scheme): boolean =>
  encoding.dependsOnLength === true || ["interpolated", "randomized", "randomized-real"].includes(kind);

function placeOf(model: Model, { kind }: Scheme): MeasurementSite {
  const policy = fieldOfPosition(model, "beyond") as string | undefined;
  const { kind: scaling } = (fieldOfPosition(model, "scaling") ?? {}) as { readonly kind?: string };
  return { scheme: kind, ...(policy && { policy }), ...(scaling && { scaling }) };
}

function rowsOf(
  passes: ReadonlyMap<number, ContextLosses[]>,
  ends: readonly number[],
  at: MeasurementSite,
): PolicyRow[] {
  const [L = 0] = ends;
  const rows = ends.flatMap((to, i): PolicyRow[] => {
    const read = passes.get(to);
    if (read === undefined) return [];
    const from = ends[i - 1] ?? 0;
    const { sums, counts } = sumsBetween(read, from, to);
    const { value, n, se } = ratioWithError(sums, counts);
    if (Number.isNaN(value)) return []; // nothing was masked there
    return [{ metric: "policy_nll", value, n, se, at: { from: from + 1, to, ...at } }];
  });
  const [short, long] = [passes.get(L), passes.get(2 * L)];
  if (short === undefined || long === undefined) return rows;
  const ratio = degradationOf(sumsBetween(short, 0, L), sumsBetween(long, 0, 2 * L), true);
  return [...rows, { metric: "policy_degradation", ...ratio, at: { length: 2 * L, ...at } }];
}
