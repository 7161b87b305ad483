/** The loss of a perfect model where a question is asked: no training decides it. */
import type { Answer } from "../compare/answers.ts";
import { type ComparedRun, rangeOf } from "../compare/questions.ts";
import { mean } from "../tensor/numbers.ts";
import { comparedResult } from "./compared-result.ts";
import { floorCurve } from "./references.ts";
import { contextOf } from "./results.ts";

/**
 * The floor's mean over the positions of a loss, as they were measured; undefined where the floor is
 * not known, or of training material, which a perfect model knows more of.
 */
export function questionFloor({ question: { metric, at } }: Answer, runs: readonly ComparedRun[]) {
  if (metric !== "nll" || at.split === "train") return undefined;
  const some = runs.filter(({ data }) => at.data === undefined || data === at.data);
  const results = some.map(comparedResult);
  const context = contextOf(results);
  if (context === undefined) return undefined;
  const measured = some.flatMap(({ measurements }) =>
    measurements.flatMap((row) => (row.metric === metric ? (row.at.position ?? []) : [])),
  );
  const places = [...new Set(measured)].filter((position) => rangeOf(position, context) === at.range);
  const curve = places.length > 0 ? floorCurve(results, Math.max(...places) + 1) : undefined;
  return curve && mean(places.map((position) => curve[position]?.y as number)); // of 1 … the furthest
}
