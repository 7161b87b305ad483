/** What the sweeps of all rounds come to: medians, and the ratios that are asked about. */
import { type TableColumn, textTable } from "../../src/figures/table.ts";
import { terminalColumns } from "../../src/node/report/wrap.ts";
import { median, round } from "./rows.ts";
import type { SweepRow } from "./sweep.ts";

export interface SweepSummary {
  /** Runs an hour of two processes over those of one: median of the rounds. */
  readonly twoOverOne: number;
  /** Wall time of ours over PyTorch's, of whose two ways the one counts that was faster in the round. */
  readonly wallRatio?: number;
  /** The same of processor time: it holds where other work shares the machine. */
  readonly cpuRatio?: number;
}

/** @param rows of every round: ours in one process and in two, and what was asked beside */
export function sweepSummary(rows: readonly SweepRow[]): SweepSummary {
  const rounds = [...new Set(rows.map((row) => row.round))].map((n) => rows.filter((row) => row.round === n));
  const over = (ratioIn: (some: readonly SweepRow[]) => number) => round(median(rounds.map(ratioIn)), 3);
  const best = (some: readonly SweepRow[], of: Cost) =>
    Math.min(
      ...some.filter(({ engine }) => engine.startsWith("pytorch")).map((row) => row[of] ?? Number.NaN),
    );
  const against = (of: Cost) => over((some) => (oursIn(some, 2)[of] ?? Number.NaN) / best(some, of));
  const summary = { twoOverOne: over((some) => oursIn(some, 1).seconds / oursIn(some, 2).seconds) };
  if (!rows.some(({ engine }) => engine.startsWith("pytorch"))) return summary;
  const cpuRatio = against("cpuSeconds");
  return {
    ...{ ...summary, wallRatio: against("seconds") },
    ...(!Number.isNaN(cpuRatio) && { cpuRatio }),
  };
}

type Cost = "seconds" | "cpuSeconds";

const oursIn = (rows: readonly SweepRow[], processes: number): SweepRow =>
  rows.find((row) => row.engine === "native" && row.processes === processes) as SweepRow; // each round has both

const COLUMNS: readonly TableColumn[] = [
  { key: "round", heading: "round" },
  { key: "engine", heading: "engine", align: "left" },
  { key: "processes", heading: "side by side" },
  { key: "runs", heading: "runs" },
  { key: "seconds", heading: "seconds" },
  { key: "cpuSeconds", heading: "of processors" },
  { key: "runsPerHour", heading: "runs an hour" },
  { key: "meanNats", heading: "mean loss", format: (value) => value.toFixed(4) },
];

/** Each sweep, then what they come to, a line each. */
export function sweepTable(rows: readonly SweepRow[]): string {
  const { twoOverOne, wallRatio, cpuRatio } = sweepSummary(rows);
  const lines = [`two processes do ${twoOverOne.toFixed(2)} times the runs an hour of one`];
  if (wallRatio !== undefined) lines.push(`time, native / PyTorch's best: ${wallRatio.toFixed(2)}`);
  if (cpuRatio !== undefined) lines.push(`of processors, native / PyTorch's best: ${cpuRatio.toFixed(2)}`);
  return `${textTable(
    COLUMNS,
    rows.map((row) => ({ ...row })),
    terminalColumns(),
  )}\n\n${lines.join("\n")}`;
}
