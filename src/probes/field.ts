/**
 * How far back does a prediction look, and did training teach it that?
 *
 *     g_Δ = ‖∂ log p(x_T)/∂e_{T−Δ}‖₂      the prediction of a token by the embedding of the token Δ before it
 *
 *     influence         g_Δ/Σg, mean over contexts; cumulated from Δ = 1 on it is Chi et al. 2023's curve (arXiv:2212.10356, section 3)
 *     receptive_field   the least Δ up to which the mean influence sums to `share`, 99 %
 *     influence_moved   ½ Σ_Δ |trained − at birth|: how much of the influence training moved to other distances
 *
 * At birth: the same of the initial parameters, drawn anew from the run's seed; a causal mask and a
 * residual stream favour some distances before anything is learned (arXiv:2603.10123). Where the
 * run is not known it is left out. A masked model predicts a mask in the middle of the context, and
 * Δ is the distance to either side. The distance of a token is how many tokens it is away, whatever
 * its position.
 */
import { z } from "zod";
import { meanWithError } from "../tensor/numbers.ts";
import { initialize, type Params } from "../tensor/params.ts";
import { disposeTree } from "../tensor/tree.ts";
import { variantsPast } from "./beyond.ts";
import { type FieldContext, gradientNorms } from "./gradient-norms.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row, type Subject } from "./probe.ts";
import { matchedTargets } from "./windows-material.ts";

const METRICS = {
  influence: {
    title: "influence by distance",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of a prediction's gradient that falls on the embedding of the token so far away; over all distances the shares sum to 1. Ranges of distances are averaged.",
  },
  receptive_field: {
    title: "receptive field",
    unit: "tokens",
    better: "neither",
    meaning: "The distance within which 99% of that influence lies, in a context of so many tokens.",
  },
  influence_moved: {
    title: "influence moved by training",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of the influence that lies at other distances than in the same model before training: 0 nowhere, 1 everywhere.",
    null: { value: 0, of: "a model at its initial parameters" },
  },
} as const satisfies Readonly<Record<string, Metric>>;

type FieldRow = Row<keyof typeof METRICS>;

export const field = defineProbe({
  name: "field",
  question: "How far back does a prediction look, and did training teach it that?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    /** L of the contexts: L_max, or this where it is less. */
    context: z.int().min(2).max(65_536).default(64),
    /** Tokens of a context, in multiples of L. */
    factors: z.array(z.int().positive().max(1024)).min(1).default([1, 4]),
    /** Contexts, each with one prediction. */
    contexts: z.int().positive().max(65_536).default(64),
    /** Of the influence, that the receptive field holds. */
    share: z.number().gt(0).max(1).default(0.99),
  }),
  async run(subject, { context, factors, contexts, share }) {
    const L = Math.min(subject.model.shape.context, context);
    const { windows } = subject.material;
    const { training } = subject;
    const born = training && initialize(subject.model.specs, training.seed);
    const rows: FieldRow[] = [];
    try {
      for (const T of [...new Set(factors.map((factor) => factor * L))]) {
        const targets = matchedTargets(subject, windows, contexts, { longest: T, spare: 0 });
        for (const { beyond, model } of variantsPast(subject.model, T)) {
          const asked = { ...subject, model, targets, share };
          const at = { length: T, beyond, split: windows.split };
          rows.push(...(await fieldRows(asked, born, at)));
        }
      }
    } finally {
      disposeTree(born ?? {});
    }
    return rows;
  },
});

interface Asked extends Pick<Subject, "model" | "params" | "placing"> {
  readonly targets: readonly FieldContext[];
  readonly share: number;
}

async function fieldRows(asked: Asked, born: Params | undefined, at: MeasurementSite): Promise<FieldRow[]> {
  const { targets, params, share } = asked;
  const norms = await gradientNorms(asked, targets, born === undefined ? [params] : [params, born]);
  const [trained = [], before] = norms.map((own) => sharesOf(own, targets, asked.model.shape.causal));
  const rows = rowsOf(trained, { ...at, state: "trained" }, share);
  if (before === undefined) return rows;
  return [...rows, ...rowsOf(before, { ...at, state: "birth" }, share), moved(trained, before, at)];
}

/** By distance, from 1 on, the share of each context; contexts that nothing influences are left out. */
function sharesOf(
  norms: readonly Float32Array[],
  targets: readonly FieldContext[],
  causal: boolean,
): number[][] {
  const shares = norms.flatMap((own, i) => {
    const byDistance = distancesOf(own, (targets[i] as FieldContext).at, causal);
    const total = byDistance.reduce((sum, norm) => sum + norm, 0);
    return total > 0 ? [byDistance.map((norm) => norm / total)] : [];
  });
  const [first] = shares;
  return (first ?? []).map((_, i) => shares.map((one) => one[i] as number));
}

/**
 * Norms by distance from the predicted token, from 1 on. A causal model predicts the token after
 * `at`, a masked one that at `at`.
 */
function distancesOf(norms: ArrayLike<number>, at: number, causal: boolean): number[] {
  const predicted = causal ? at + 1 : at;
  const furthest = Math.max(predicted, norms.length - 1 - predicted);
  const sums = new Array<number>(furthest).fill(0);
  for (let t = 0; t < norms.length; t++) {
    const distance = Math.abs(t - predicted);
    if (distance > 0) sums[distance - 1] = (sums[distance - 1] as number) + (norms[t] as number);
  }
  return sums;
}

function rowsOf(shares: readonly (readonly number[])[], at: MeasurementSite, share: number): FieldRow[] {
  const means = shares.map(meanWithError);
  const n = shares[0]?.length ?? 0;
  let sum = 0;
  const reached = means.findIndex(({ value }) => {
    sum += value;
    return sum >= share - ROUNDING;
  });
  return [
    ...means.map((mean, i): FieldRow => ({ metric: "influence", ...mean, at: { distance: i + 1, ...at } })),
    ...(n === 0
      ? []
      : [{ metric: "receptive_field" as const, value: reached + 1, n, se: null, at: { share, ...at } }]),
  ];
}

/** A sum of shares that should be 1 may fall short by so much. */
const ROUNDING = 1e-9;

function moved(
  trained: readonly (readonly number[])[],
  born: readonly (readonly number[])[],
  at: MeasurementSite,
): FieldRow {
  const mean = (shares: readonly number[]) => meanWithError(shares).value;
  const distance = trained.reduce((sum, one, i) => sum + Math.abs(mean(one) - mean(born[i] ?? [])), 0) / 2;
  const value = Number.isNaN(distance) ? null : distance;
  return { metric: "influence_moved", value, n: trained[0]?.length ?? 0, se: null, at };
}
