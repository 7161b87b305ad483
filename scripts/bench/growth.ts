/**
 * How the time of a step, and resident memory, grow with the context; and evaluation of one long
 * sequence.
 */

import type { Case } from "./cases.ts";
import { ours } from "./contestant.ts";
import { type BenchRow, rowOf } from "./rows.ts";

/** Tokens of a step at every context, so that what grows is attention alone. */
const TOKENS = 2048;
const STEP_CONTEXTS = [64, 128, 256, 512, 1024];
const EVALUATION_CONTEXTS = [1024, 2048, 4096, 8192, 16_384];

export async function growthRows(one: Case, say: (text: string) => void): Promise<BenchRow[]> {
  const steps = STEP_CONTEXTS.map((context) => ({
    ...{ ...one, layers: 2, heads: 4, width: 64, context, batch: TOKENS / context },
    phase: "step" as const,
  }));
  const evaluations = EVALUATION_CONTEXTS.map((context) => ({
    ...{ ...one, layers: 2, heads: 4, width: 64, context, batch: 1 },
    phase: "evaluation" as const,
  }));
  const rows: BenchRow[] = [];
  for (const each of [...steps, ...evaluations]) {
    const contestant = await ours(each);
    const { ms, peakRssMB } = await contestant.time(each.phase === "step" ? 10 : 3);
    contestant.end();
    const firstCallMs = contestant.ready.firstCallMs as number;
    rows.push(rowOf(each, "native", ms, { phase: each.phase, peakRssMB, firstCallMs }));
    say(`bench: ${each.phase} of ${each.context} tokens: ${rows.at(-1)?.msPerStep} ms, ${peakRssMB} MB`);
  }
  return rows;
}
