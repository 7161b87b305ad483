/**
 * What do its position vectors look like, and do they know shifts from places?
 *
 * p_i is what the encoding's `embed` gives at position i, inside L_max and, under each policy, past
 * it. G is their Gram matrix P·Pᵀ, or P·W_Q·W_Kᵀ·Pᵀ of a head: what a head's scores hold of
 * positions alone, by the direct path (`direct-path.ts`), but for each token's σ and 1/√D, which
 * change neither measure. Matrices and their measures: `gram.ts`. Rows that are cut are the last
 * ones.
 *
 *     shift_identity_error   largest |R_Δ·p_i − p_(i+Δ)| over the largest |p|, where the encoding states R_Δ
 *     linear_shift_error     the same for the best linear map of the rows: `linear-shift.ts`
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { meanWithError } from "../tensor/numbers.ts";
import type { Rng } from "../tensor/rng.ts";
import { variantsPast } from "./beyond.ts";
import { openDirectPaths } from "./direct-path.ts";
import { asymmetry, monotonicity, productsOf, toeplitzR2 } from "./gram.ts";
import { analysePositions } from "./position-table.ts";
import { furthest, type PositionVectors, vectorsOf } from "./position-vectors.ts";
import { POSITION_METRICS } from "./positions-metrics.ts";
import { identityRows, linearRows } from "./positions-shift.ts";
import { defineProbe, type MeasurementSite, type Row, type Subject } from "./probe.ts";

type PositionRow = Row<keyof typeof POSITION_METRICS>;

export const positions = defineProbe({
  name: "positions",
  question: "What do its position vectors look like, and do they know shifts from places?",
  needs: [],
  metrics: POSITION_METRICS,
  config: z.strictObject({
    /** Most positions inside L_max, and past it. */
    rows: z.int().min(2).max(8192).default(512),
    /** Distances that count as near in `gram_monotonicity`. */
    local: z.int().min(2).max(8192).default(8),
    /** Random tables of the same size, for comparison. */
    random: z.int().min(1).max(64).default(4),
  }),
  large: { rows: 256 },
  async run(subject, { rows: most, local, random }, rng) {
    const { model } = subject;
    if (model.encoding.embed === undefined)
      throw new InputError(
        `probe positions: the encoding ${model.definition.kind} adds no vectors to tokens; ask a model that has them, such as one with learned or sinusoidal`,
      );
    const N = Math.min(most, model.shape.context);
    const inside = await vectorsOf(subject, model, 0, N);
    const rows = [
      ...gramRows(inside, local),
      ...randomRows(inside, random, rng),
      ...(await headRows(subject, inside)),
      ...(inside.consecutive ? [...linearRows(inside), ...(await identityRows(subject, N))] : []),
    ];
    const L = model.shape.context;
    for (const { beyond, model: variant } of variantsPast(model, furthest(subject, L + N) + 1)) {
      const past = await vectorsOf(subject, variant, L, L + N);
      rows.push(...gramRows({ ...past, at: { ...past.at, beyond } }, local));
    }
    return rows;
  },
});

/** Of the Gram matrix of all rows. */
function gramRows({ values, width, N, at: place }: PositionVectors, local: number): PositionRow[] {
  const gram = productsOf(values, width);
  const at = { ...place, table: "encoding" };
  const one = (
    metric: PositionRow["metric"],
    value: number | null,
    more: MeasurementSite = {},
  ): PositionRow => ({
    ...{ metric, value: value !== null && Number.isFinite(value) ? value : null, n: N, se: "exact" },
    at: { ...at, ...more },
  });
  const { cosineByDistance, effectiveDimensions } = analysePositions(values, width);
  return [
    one("gram_toeplitz_r2", toeplitzR2(gram)),
    one("gram_toeplitz_off_diagonal", toeplitzR2(gram, false)),
    ...[...new Set([Math.min(local, N - 1), N - 1])].map((within) =>
      one("gram_monotonicity", monotonicity(gram, within), { within }),
    ),
    one("gram_dimensions", effectiveDimensions),
    ...(Number.isFinite(effectiveDimensions) // else all rows are alike, and nothing is left of them
      ? cosineByDistance.map(({ distance, cosine }) => one("row_cosine", cosine, { distance }))
      : []),
  ];
}

/** What tables of random rows get, of the same size. */
function randomRows({ values, width, N, at }: PositionVectors, random: number, rng: Rng): PositionRow[] {
  const grams = Array.from({ length: random }, () =>
    productsOf(
      Float64Array.from(values, () => rng.normal()),
      width,
    ),
  );
  const row = (metric: PositionRow["metric"], diagonal: boolean): PositionRow => {
    const { value, n, se } = meanWithError(grams.map((gram) => toeplitzR2(gram, diagonal) ?? 0));
    return { metric, value, n, se, at: { ...at, table: `random, ${N} × ${width}` } };
  };
  return [row("gram_toeplitz_r2", true), row("gram_toeplitz_off_diagonal", false)];
}

/** Of P·W_Q·W_Kᵀ·Pᵀ of each head. */
async function headRows(
  { model, params }: Subject,
  { values, N, at: place }: PositionVectors,
): Promise<PositionRow[]> {
  const { heads: H, keyValueHeads: G, headWidth: D } = model.shape;
  const paths = openDirectPaths(model, params);
  const layers = await paths.read(values.slice());
  paths.close();
  return layers.flatMap((read, layer) =>
    Array.from({ length: H }, (_, head) => {
      const part = (first: number) =>
        Float64Array.from({ length: N * D }, (_, k) => {
          const [row, d] = [Math.floor(k / D), k % D];
          return read[row * (H + G) * D + first + d] as number;
        });
      const scores = productsOf(part(head * D), D, part((H + Math.floor((head * G) / H)) * D));
      const at = { ...place, layer, head };
      return [
        { metric: "head_toeplitz_r2", value: toeplitzR2(scores), n: N, se: "exact", at },
        { metric: "head_asymmetry", value: asymmetry(scores), n: N, se: "exact", at },
      ] as const;
    }).flat(),
  );
}
