/** Steps of ours and of a peer in turn, A B A B: ratios hold where the machine's speed drifts. */

import type { Case } from "./cases.ts";
import { type Contestant, ours, pytorch, takeTurns } from "./contestant.ts";
import { type BenchRow, caseText, fastest, ratioOf, round, rowOf } from "./rows.ts";

const STEPS = 20;

export interface PairedOptions {
  /** A Python with torch; without it ours is timed alone. */
  readonly python?: string | undefined;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

export async function pairedRows(cases: readonly Case[], options: PairedOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const none = new Map<string, number>();
  for (const one of cases) {
    const measured = await measure(one, options);
    const [mine] = measured as [BenchRow];
    const key = JSON.stringify({ ...one, encoding: "" });
    if (one.encoding === "none") none.set(key, mine.msPerStep);
    const base = none.get(key);
    rows.push(
      ...measured.map((row, i) =>
        i === 0 && base !== undefined ? { ...row, ratioToNone: round(row.msPerStep / base, 3) } : row,
      ),
    );
    const against = mine.ratio === undefined ? "" : `, ${mine.ratio} of PyTorch's`;
    options.say(`bench: ${caseText(one)}: ${mine.msPerStep} ms a step${against}`);
  }
  return rows;
}

/** Our row first, then the peer's: of PyTorch's two ways, the one with the lower median. */
async function measure(one: Case, { python, rounds }: PairedOptions): Promise<BenchRow[]> {
  const contestants: Contestant[] = [await ours(one)];
  try {
    for await (const peer of pytorch(python, one, "step")) contestants.push(peer);
    const turns = await takeTurns(contestants, rounds, STEPS);
    const rows = contestants.map(({ name }, i) =>
      rowOf(one, name, turns.ms[i]?.flat() ?? [], { peakRssMB: turns.peakRssMB[i] as number }),
    );
    const [mine, ...peers] = rows as [BenchRow, ...BenchRow[]];
    const firstCallMs = contestants[0]?.ready.firstCallMs as number;
    const best = fastest(peers);
    if (best === undefined) return [{ ...mine, firstCallMs }];
    return [{ ...mine, firstCallMs, ratio: ratioOf(turns, 0, rows.indexOf(best)) }, best];
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}
