/** Time and peak memory of each listed probe, at the size of the presets and at GPT-2's. */
import { type TableColumn, type TableRow, textTable } from "../../src/figures/table.ts";
import { lastLine, runCommand } from "../../src/node/files/command.ts";
import { terminalColumns } from "../../src/node/report/wrap.ts";
import { probes } from "../../src/probes/index.ts";
import type { Case } from "./cases.ts";
import type { ProbeCase, ProbeOutcome } from "./probe-worker.ts";
import { processOf } from "./process.ts";

export const PROBE_SIZES = ["2,4,64,32,1", "12,12,768,1024,1"] as const;

export interface ProbeRow extends ProbeCase {
  readonly seconds?: number;
  /** Measurements that it answered with. */
  readonly rows?: number;
  /** Of the process: the engine and the weights with it. */
  readonly peakRssMB?: number;
  /** Why it did not answer. */
  readonly leftOut?: string;
}

/** Whatever probes are listed, one process each. */
export async function probeRows(
  cases: readonly Case[],
  say: (text: string) => void,
  names: readonly string[] = probes.map(({ name }) => name),
): Promise<ProbeRow[]> {
  const rows: ProbeRow[] = [];
  for (const { engine: _engine, batch: _batch, precision: _precision, ...size } of cases) {
    for (const probe of names) {
      const one: ProbeCase = { probe, ...size };
      const outcome = await measured(one);
      rows.push({ ...one, ...outcome });
      const { layers, heads, width, context } = size;
      const told = "leftOut" in outcome ? outcome.leftOut : `${outcome.seconds} s, ${outcome.peakRssMB} MB`;
      say(`bench: ${probe} at ${layers},${heads},${width},${context}: ${told}`);
    }
  }
  return rows;
}

/** A process that ends by itself, as one does whose memory was taken, is a row too. */
async function measured(one: ProbeCase): Promise<ProbeOutcome> {
  const { code, output, signal } = await runCommand(processOf(one));
  const answer = output.split("\n").findLast((line) => line.startsWith("{"));
  if (code === 0 && answer !== undefined) return JSON.parse(answer) as ProbeOutcome; // printed by our own worker
  return { leftOut: `ended: ${lastLine(output) || signal}` };
}

const COLUMNS: readonly TableColumn[] = [
  { key: "probe", heading: "probe", align: "left" },
  { key: "encoding", heading: "encoding", align: "left" },
  { key: "size", heading: "layers,heads,width,context", align: "right" },
  { key: "seconds", heading: "seconds", align: "right" },
  { key: "rows", heading: "rows", align: "right" },
  { key: "peakRssMB", heading: "peak MB", align: "right" },
];

export function probesTable(rows: readonly ProbeRow[]): string {
  const told = rows.map(
    ({ layers, heads, width, context, leftOut, ...row }): TableRow => ({
      ...{ ...row, size: `${layers},${heads},${width},${context}` },
      ...(leftOut !== undefined && { seconds: "left out" }),
    }),
  );
  return textTable(COLUMNS, told, terminalColumns());
}
