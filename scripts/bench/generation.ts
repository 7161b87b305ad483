/**
 * Generation with keys and values remembered, with the whole context read for each token, and by a
 * peer that remembers, in turn.
 */

import type { Case } from "./cases.ts";
import { type Contestant, ours, pytorch, takeTurns } from "./contestant.ts";
import type { PairedOptions } from "./paired.ts";
import { type BenchRow, caseText, fastest, ratioOf, rowOf } from "./rows.ts";

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

/** Ours remembered and read anew, then the peer's: of PyTorch's two ways, the one with the lower median. */
async function measure(one: Case, { python, rounds }: PairedOptions): Promise<BenchRow[]> {
  const contestants: Contestant[] = [];
  try {
    for (const cached of [true, false]) contestants.push(await ours({ ...one, phase: "generation", cached }));
    for await (const peer of pytorch(python, one, "generation")) contestants.push(peer);
    const turns = await takeTurns(contestants, rounds, 1);
    const rows = contestants.map(({ name, ready }, i): BenchRow => {
      const row = rowOf(one, name, turns.ms[i]?.flat() ?? [], { peakRssMB: turns.peakRssMB[i] as number });
      const firstCallMs = ready.firstCallMs as number | undefined;
      return {
        ...row,
        phase: "generation",
        cached: i !== 1,
        tokensPerSecond: Math.round((one.batch * 1000) / row.msPerStep),
        ...(firstCallMs !== undefined && { firstCallMs }),
      };
    });
    const [mine, anew, ...peers] = rows as [BenchRow, BenchRow, ...BenchRow[]];
    const best = fastest(peers);
    if (best === undefined) return [mine, anew];
    return [{ ...mine, ratio: ratioOf(turns, 0, rows.indexOf(best)) }, anew, best];
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}
