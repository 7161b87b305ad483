/**
 * How the time of a step, and resident memory, grow with the context, and those of evaluation of one
 * long sequence; beside a peer's, in turn.
 */

import type { Case, Phase } from "./cases.ts";
import { type Contestant, ours, pytorch, takeTurns } from "./contestant.ts";
import type { PairedOptions } from "./paired.ts";
import { type BenchRow, fastest, ratioOf, rowOf } from "./rows.ts";

/** Tokens of a step at every context, so that what grows is attention alone. */
const TOKENS = 2048;
const STEP_CONTEXTS = [64, 128, 256, 512, 1024];
const EVALUATION_CONTEXTS = [1024, 2048, 4096, 8192, 16_384];

/** Calls of a turn. */
const CALLS = { step: 2, evaluation: 1 } as const;

interface GrowthCase extends Case {
  readonly phase: keyof typeof CALLS & Phase;
}

export async function growthRows(one: Case, options: PairedOptions): Promise<BenchRow[]> {
  const size = { ...one, layers: 2, heads: 4, width: 64 };
  const cases: GrowthCase[] = [
    ...STEP_CONTEXTS.map((context) => ({
      ...size,
      context,
      batch: TOKENS / context,
      phase: "step" as const,
    })),
    ...EVALUATION_CONTEXTS.map((context) => ({ ...size, context, batch: 1, phase: "evaluation" as const })),
  ];
  const rows: BenchRow[] = [];
  for (const each of cases) {
    const measured = await measure(each, options);
    rows.push(...measured);
    const [{ msPerStep, peakRssMB, ratio }] = measured as [BenchRow];
    const beside = ratio === undefined ? "" : `, ${ratio} of PyTorch's time`;
    options.say(`bench: ${each.phase} of ${each.context} tokens: ${msPerStep} ms, ${peakRssMB} MB${beside}`);
  }
  return rows;
}

/** Our row first, then the peer's: of PyTorch's two ways, the one with the lower median. */
async function measure(one: GrowthCase, { python, rounds }: PairedOptions): Promise<BenchRow[]> {
  const { phase } = one;
  const contestants: Contestant[] = [await ours(one)];
  try {
    for await (const peer of pytorch(python, one, phase)) contestants.push(peer);
    const turns = await takeTurns(contestants, rounds, CALLS[phase]);
    const rows = contestants.map(({ name, ready }, i) => {
      const firstCallMs = ready.firstCallMs as number | undefined;
      const rest = { phase, peakRssMB: turns.peakRssMB[i] as number };
      return rowOf(one, name, turns.ms[i]?.flat() ?? [], {
        ...rest,
        ...(firstCallMs !== undefined && { firstCallMs }),
      });
    });
    const [mine, ...peers] = rows as [BenchRow, ...BenchRow[]];
    const best = fastest(peers);
    return best === undefined ? [mine] : [{ ...mine, ratio: ratioOf(turns, 0, rows.indexOf(best)) }, best];
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}
