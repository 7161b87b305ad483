/** What a benchmark measures, and how it is written. */

import { InputError } from "../../src/errors.ts";
import type { TableColumn } from "../../src/figures/table.ts";
import { MOST_BATCH } from "../../src/train/config.ts";
import type { Case, Phase, Size, Turns } from "./cases.ts";

export interface BenchRow extends Omit<Case, "engine"> {
  /** Of ours its name, or "pytorch" with the way that was faster. */
  readonly engine: string;
  /**
   * What one step is: of training, the loss of one sequence, or a token of each row of a batch that
   * is generated.
   */
  readonly phase: Phase;
  /** Of generation: whether keys and values are remembered, or the whole context is read for each token. */
  readonly cached?: boolean;
  /** Median. */
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  readonly peakRssMB: number;
  /** Of an endurance run: steps so far, resident memory after them, and the tensors that the engine holds. */
  readonly steps?: number;
  readonly rssMB?: number | undefined;
  readonly tensors?: number | undefined;
  /** The first call, which traces and compiles. */
  readonly firstCallMs?: number;
  /** Median of the ratios ours/PyTorch's of the turns, in a row of ours beside a peer. */
  readonly ratio?: number;
  /**
   * Step time over that of `none` with the same size and threads, timed in the same turns: median of
   * the ratios of the turns, the least and the most of them.
   */
  readonly ratioToNone?: number;
  readonly ratioFrom?: number;
  readonly ratioTo?: number;
  /** The same of processor time, which holds better where other work shares the machine. */
  readonly cpuMsPerStep?: number;
  readonly cpuRatioToNone?: number;
}

export const DEFAULT_SIZES = ["2,2,64,32,16", "2,4,64,64,32", "4,4,128,64,12"] as const;
export const GENERATION_SIZES = ["2,4,64,256,1", "4,4,128,256,1"] as const;

/** @throws InputError unless the text is five numbers, heads dividing the width. */
export function parseSize(text: string): Size {
  const numbers = text.split(",").map(Number);
  const [layers, heads, width, context, batch] = numbers as [number, number, number, number, number];
  if (
    numbers.length !== 5 ||
    !numbers.every((n) => Number.isInteger(n) && n > 0 && n <= MOST_BATCH) ||
    width % heads !== 0
  ) {
    throw new InputError(
      `--sizes: ${text} is not layers,heads,width,context,batch (whole numbers to ${MOST_BATCH}, heads dividing the width); give such as 2,4,64,64,32`,
    );
  }
  return { layers, heads, width, context, batch };
}

/** A case in a line of progress. */
export const caseText = ({ encoding, layers, heads, width, context, batch, threads }: Case): string =>
  `${encoding} ${layers},${heads},${width},${context},${batch} on ${threads} threads`;

/** The row with the lowest median, if there are any. */
export const fastest = (rows: readonly BenchRow[]): BenchRow | undefined =>
  rows.toSorted((a, b) => a.msPerStep - b.msPerStep)[0];

export function rowOf(
  one: Case,
  engine: string,
  ms: readonly number[],
  rest: Pick<BenchRow, "peakRssMB"> & Partial<BenchRow>,
): BenchRow {
  const msPerStep = round(median(ms), 3);
  const { layers, heads, width, context, batch, threads, encoding, precision } = one;
  return {
    engine,
    phase: "step",
    precision,
    encoding,
    layers,
    heads,
    width,
    context,
    batch,
    threads,
    msPerStep,
    tokensPerSecond: Math.round((batch * context * 1000) / msPerStep),
    ...rest,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number; // callers give at least one value
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

/**
 * Median of the ratios of two contestants' times, turn by turn: it holds where the machine's speed
 * drifts.
 */
export const ratioOf = (turns: Pick<Turns, "ms">, a: number, b: number): number =>
  round(median(ratiosOf(turns, a, b)), 3);

/** The ratio of each turn. */
export function ratiosOf({ ms }: Pick<Turns, "ms">, a: number, b: number): number[] {
  const [ours, theirs] = [ms[a] ?? [], ms[b] ?? []];
  return ours.map((turn, i) => median(turn) / median(theirs[i] ?? []));
}

/** What a row says of its turns beside those of `none`. */
export function besideNone(turns: Pick<Turns, "ms" | "cpuMs">, own: number, none: number) {
  const ratios = ratiosOf(turns, own, none);
  const [mine, theirs] = [turns.cpuMs[own] ?? [], turns.cpuMs[none] ?? []];
  return {
    ratioToNone: round(median(ratios), 3),
    ratioFrom: round(Math.min(...ratios), 3),
    ratioTo: round(Math.max(...ratios), 3),
    cpuRatioToNone: round(median(mine.map((ms, i) => ms / (theirs[i] as number))), 3), // ours tell both
  };
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The columns that some row has a value for. */
export function benchColumns(rows: readonly BenchRow[]): TableColumn[] {
  const keys: (keyof BenchRow)[] = [
    ...([
      "phase",
      "engine",
      "cached",
      "encoding",
      "layers",
      "heads",
      "width",
      "context",
      "batch",
      "threads",
    ] as const),
    ...([
      "steps",
      "msPerStep",
      "tokensPerSecond",
      "peakRssMB",
      "rssMB",
      "tensors",
      "firstCallMs",
      "ratio",
      "ratioToNone",
      "ratioFrom",
      "ratioTo",
      "cpuMsPerStep",
      "cpuRatioToNone",
    ] as const),
  ];
  return keys
    .filter((key) => rows.some((row) => row[key] !== undefined))
    .map((key) => ({
      key,
      heading: key,
      align: key === "phase" || key === "engine" || key === "encoding" ? "left" : "right",
    }));
}
