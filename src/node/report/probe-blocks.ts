/**
 * The tables of a model's page: what each probe measured, and the numbers that figures tell without
 * a probe.
 */

import { floorLoss } from "../../figures/references.ts";
import { type ComparisonResult, contextOf, type DemoResult } from "../../figures/results.ts";
import { likeliest } from "../../figures/two-sentences.ts";
import type { Measurement } from "../../probes/probe.ts";
import type { AskedAll } from "../jobs/asking.ts";
import { type Line, linesOf } from "./lines.ts";
import { BARE, type Block } from "./quotable.ts";

/** @param context L_max */
export function blocksOf(
  { answers }: Pick<AskedAll, "answers">,
  result: DemoResult,
  context: number,
): Block[] {
  const half = Math.max(1, Math.round(context / 2)); // figures compare the second half of L_max with as much past it
  return [
    ...answers.map(({ probe: { name, question }, rows }) => ({
      ...{ title: name, question, lines: withMeans(linesOf(rows, half)) },
    })),
    ...(result.comparison ? [comparisonBlock(result.comparison)] : []),
    ...trainingBlock(result),
  ];
}

/**
 * Coordinates over which figures' sentences tell means: how much a shuffle inverts, and the heads
 * of a layer.
 */
const AVERAGED = ["inverted", "head"] as const;

/** Lines, and their means over those coordinates. */
function withMeans(lines: readonly Line[]): Line[] {
  return [...lines, ...AVERAGED.flatMap((field) => meansOver(field, lines))];
}

function meansOver(field: (typeof AVERAGED)[number], lines: readonly Line[]): Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.at[field] === undefined || line.value === undefined) continue;
    const key = JSON.stringify([line.metric, { ...line.at, [field]: MEAN }]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].flatMap((some): Line[] => {
    const [first] = some;
    if (first === undefined || some.length < 2) return [];
    const n = some.reduce((sum, line) => sum + line.n, 0);
    const value = some.reduce((sum, line) => sum + (line.value ?? 0) * line.n, 0) / n;
    return [{ ...first, at: { ...first.at, [field]: MEAN }, value, n, se: undefined }];
  });
}

const MEAN = "mean";

function comparisonBlock({ sentences, comparisons }: ComparisonResult): Block {
  const row = (metric: string, value: number | null, unit: string, at: Measurement["at"]): Measurement => ({
    ...{ metric, value, unit, n: 1, at },
  });
  const rows = comparisons.flatMap(({ continuation, next, divergenceBits, distanceByLayer }) => {
    const at = { continuation: continuation || BARE };
    return [
      row("divergence", divergenceBits, "bits", at),
      ...distanceByLayer.map((value, layer) => row("state_distance", value, "1 − cos", { ...at, layer })),
      ...likeliest(next).flatMap(({ token, probabilities }) =>
        probabilities.map((value, which) =>
          row("next_token", value, "probability", { ...at, sentence: sentences[which as 0 | 1], token }),
        ),
      ),
    ];
  });
  return {
    ...{ title: "pair", question: "What do two sentences change?", figure: "two-sentences" },
    lines: linesOf(rows),
  };
}

/** What the log says of the last validation, and what a perfect model would have. */
function trainingBlock(result: DemoResult): Block[] {
  const last = result.log.findLast(({ split }) => split === "validation");
  if (last === undefined) return [];
  const floor = floorLoss([result], contextOf([result]));
  const row = (metric: string, value: number, at: Measurement["at"]) => ({
    ...{ metric, value, unit: "nats", n: 1, at },
  });
  const rows: Measurement[] = [row("validation_loss", last.loss, { step: last.step })];
  if (floor !== undefined) rows.push({ ...row("floor", floor, {}), se: "exact" });
  return [
    {
      title: "training",
      question: "How did it end?",
      figure: "training",
      lines: linesOf(rows),
    },
  ];
}
