/**
 * Can a token's position be read off its state?
 *
 * A linear readout (ridge, `ridge.ts`) of the residual stream of each layer is fitted on some
 * sequences and tested on others:
 *
 *     MAD    mean |t − t̂|; a random guess gets (T² − 1)/3T, the best constant ⌊T²/4⌋/T
 *     R²     1 − Σ(t − t̂)² / Σ(t − t̄)²
 *
 * after Haviv et al. 2022 (section 4, table 4), who train an MLP. The control task (Hewitt and
 * Liang 2019) gives each token a random label: what a readout learns of it is memory of tokens, and
 * selectivity is what it knows of positions beyond that.
 *
 * Fitted within L_max, the readout is also tested on the positions from L_max to 2·L_max in
 * contexts that reach so far, where the encoding defines them. t counts tokens of a context from 0,
 * whatever positions a scheme gives them.
 */
import { z } from "zod";
import type { Windows } from "../data/index.ts";
import { POSITIONS } from "../encodings/encoding.ts";
import { InputError } from "../errors.ts";
import type { Rng } from "../tensor/rng.ts";
import { type ActivationReader, openActivations } from "./activations.ts";
import { defineProbe, type Metric, type Row, type Subject } from "./probe.ts";
import { type Fitted, fitReadouts, type Sequence, scored, stateNames } from "./readout-fit.ts";

const METRICS = {
  readout_mad: {
    title: "position readout, MAD",
    unit: "tokens",
    better: "neither",
    meaning:
      "How far off a linear readout of a token's position from its hidden state is, in tokens, on sequences that it was not fitted on (mean absolute deviation).",
  },
  readout_r2: {
    title: "position readout, R²",
    unit: "R²",
    better: "neither",
    meaning:
      "The share of the variance of positions that this readout explains: 1 where it reads each, 0 where a constant does as well, below 0 where a constant does better.",
  },
  readout_control_r2: {
    title: "control readout, R²",
    unit: "R²",
    better: "neither",
    meaning:
      "The same for a number drawn at random for each token of the vocabulary in place of the position: what such a readout gets by remembering tokens. Where the vocabulary is smaller than the width it can remember them all.",
  },
  readout_selectivity: {
    title: "readout selectivity",
    unit: "R²",
    better: "neither",
    meaning: "The R² of positions less that of the random numbers.",
  },
  readout_mad_random: {
    title: "position readout, random guess",
    unit: "tokens",
    better: "neither",
    meaning: "The MAD of guessing positions at random.",
  },
  readout_mad_constant: {
    title: "position readout, best constant",
    unit: "tokens",
    better: "neither",
    meaning: "The MAD of saying the middle position always.",
  },
  readout_mad_beyond: {
    title: "position readout past L_max, MAD",
    unit: "tokens",
    better: "neither",
    meaning:
      "How far off the readout that was fitted within L_max is at positions from L_max to twice L_max, in tokens.",
  },
  readout_r2_beyond: {
    title: "position readout past L_max, R²",
    unit: "R²",
    better: "neither",
    meaning:
      "The share of the variance of those positions that it explains; far below 0 where it says positions within L_max.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type ReadoutRow = Row<keyof typeof METRICS>;

export const readout = defineProbe({
  name: "readout",
  question: "Can a token's position be read off its state?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    /** Sequences that the readout is fitted on. */
    fitted: z.int().positive().max(65_536).default(64),
    /** Others that it is tested on. */
    tested: z.int().positive().max(65_536).default(32),
    /**
     * Of a sequence, at most; never more than L_max. Past L_max is tested where a sequence has all
     * of L_max.
     */
    tokens: z.int().min(2).max(65_536).default(128),
    /** α: what is added to the correlations' diagonal. */
    ridge: z.number().positive().max(1000).default(1e-3),
  }),
  large: { tokens: 64 },
  async run(subject, { fitted, tested, tokens, ridge }, rng) {
    const { model, material } = subject;
    const T = Math.min(tokens, model.shape.context);
    const labels = controlLabels(model.vocabSize, T, rng);
    const reader = openActivations(subject, stateNames(model.shape.layers));
    try {
      const all = sequencesOf(material.windows, 0, fitted + tested, T);
      const layers = await fitReadouts(reader, all.slice(0, fitted), labels, ridge);
      const within = await scored(reader, all.slice(fitted), labels, layers);
      const place = { split: material.windows.split, length: T };
      const rows = within.flatMap((one, layer) => rowsOf(one, { layer, ...place }));
      const nulls: ReadoutRow[] = [
        { metric: "readout_mad_random", value: (T * T - 1) / (3 * T), n: T, se: "exact", at: place },
        { metric: "readout_mad_constant", value: Math.floor((T * T) / 4) / T, n: T, se: "exact", at: place },
      ];
      return [...rows, ...nulls, ...(await beyondRows(subject, reader, { layers, tested, T, labels }))];
    } finally {
      reader.close();
    }
  },
});

/** A number in [0, T) for each token. */
const controlLabels = (vocabSize: number, T: number, rng: Rng): number[] =>
  Array.from({ length: vocabSize }, () => rng.integer(T));

/** Rows of a batch; padding does not count. */
function sequencesOf(windows: Windows, index: number, count: number, T: number): Sequence[] {
  const { tokens, weights } = windows.window(index, count, T);
  return Array.from({ length: count }, (_, row) => ({
    tokens: [...tokens.subarray(row * T, (row + 1) * T)],
    counts: (t: number) => weights?.[row * T + t] !== 0,
  }));
}

type Scored = Awaited<ReturnType<typeof scored>>[number];

function rowsOf({ mad, r2, controlR2 }: Scored, at: Row["at"]): ReadoutRow[] {
  const selectivity = r2.value === null || controlR2.value === null ? null : r2.value - controlR2.value;
  return [
    { metric: "readout_mad", ...mad, at },
    { metric: "readout_r2", ...r2, at },
    { metric: "readout_control_r2", ...controlR2, at },
    { metric: "readout_selectivity", value: selectivity, n: r2.n, at },
  ];
}

interface Within {
  readonly layers: readonly Fitted[];
  readonly tested: number;
  readonly T: number;
  readonly labels: readonly number[];
}

/** None where the encoding ends at L_max, positions are not 0, 1, 2, …, or the text is too short. */
async function beyondRows(
  { model, material, placing }: Subject,
  reader: ActivationReader,
  { layers, tested, T, labels }: Within,
): Promise<ReadoutRow[]> {
  const { windows } = material;
  const reaches = 2 * T <= (model.encoding.maxPositions ?? POSITIONS);
  const plain = placing === undefined || placing.scheme.kind === "contiguous";
  if (windows === undefined || T < model.shape.context || !reaches || !plain) return [];
  let sequences: Sequence[];
  try {
    sequences = sequencesOf(windows, 1, tested, 2 * T);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
  const past = sequences.map((one) => ({ ...one, counts: (t: number) => t >= T && one.counts(t) }));
  const found = await scored(reader, past, labels, layers);
  return found.flatMap(({ mad, r2 }, layer): ReadoutRow[] => {
    const at = { layer, split: windows.split, length: 2 * T };
    return [
      { metric: "readout_mad_beyond", ...mad, at },
      { metric: "readout_r2_beyond", ...r2, at },
    ];
  });
}
