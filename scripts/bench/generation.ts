/**
 * Generation with keys and values remembered, with the whole context read for each token, and by a
 * peer that remembers, in turn.
 */

import { type PairedOptions, timedBesidePeer } from "./beside-peer.ts";
import type { Case, WorkerCase } from "./cases.ts";
import { type BenchRow, caseText } from "./rows.ts";

export async function generationRows(cases: readonly Case[], options: PairedOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const one of cases) {
    const measured = await measure(one, options);
    rows.push(...measured);
    const speeds = measured.map(
      ({ engine, cached, tokensPerSecond }) => `${engine}${cached ? "" : ", read anew"} ${tokensPerSecond}`,
    );
    options.say(`bench: ${caseText(one)}, tokens a second: ${speeds.join("; ")}`);
  }
  return rows;
}

/** Ours remembered and read anew, then the peer's. */
async function measure(one: Case, options: PairedOptions): Promise<BenchRow[]> {
  const way = (cached: boolean): WorkerCase => ({ ...one, phase: "generation", cached });
  const { rows } = await timedBesidePeer([way(true), way(false)], { calls: 1 }, options);
  return rows.map((row, i) => ({
    ...row,
    cached: i !== 1,
    tokensPerSecond: Math.round((one.batch * 1000) / row.msPerStep),
  }));
}
