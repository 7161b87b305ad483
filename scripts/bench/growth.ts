/**
 * How the time of a step, and resident memory, grow with the context, and those of evaluation of one
 * long sequence; beside a peer's, in turn.
 */

import { type PairedOptions, timedBesidePeer } from "./beside-peer.ts";
import type { Case, Phase } from "./cases.ts";
import type { BenchRow } from "./rows.ts";

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
    const timed = await timedBesidePeer([each], { calls: CALLS[each.phase] }, options);
    rows.push(...timed.rows);
    const [{ msPerStep, peakRssMB, ratio }] = timed.rows;
    const beside = ratio === undefined ? "" : `, ${ratio} of PyTorch's time`;
    options.say(`bench: ${each.phase} of ${each.context} tokens: ${msPerStep} ms, ${peakRssMB} MB${beside}`);
  }
  return rows;
}
