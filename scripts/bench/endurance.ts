/** Whether memory stays as it is over a long run. */

import type { Case } from "./cases.ts";
import { ours } from "./contestant.ts";
import { type BenchRow, rowOf } from "./rows.ts";

const PARTS = 10;

/** One row after each tenth of the steps. */
export async function enduranceRows(
  one: Case,
  steps: number,
  say: (text: string) => void,
): Promise<BenchRow[]> {
  const contestant = await ours(one);
  const rows: BenchRow[] = [];
  for (let part = 1; part <= PARTS; part++) {
    const { ms, peakRssMB, rssMB, tensors } = await contestant.time(Math.ceil(steps / PARTS));
    const after = part * Math.ceil(steps / PARTS);
    rows.push(rowOf(one, one.engine, ms, { peakRssMB, rssMB, tensors, steps: after }));
    say(`bench: after ${after} steps: ${rssMB} MB resident, ${tensors} tensors`);
  }
  contestant.end();
  return rows;
}
