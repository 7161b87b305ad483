/** A compared run as the figures read it: their curves and bands are over the seeds of a condition. */
import type { ComparedRun } from "../compare/questions.ts";
import type { DemoResult } from "./results.ts";

export function comparedResult(run: ComparedRun): DemoResult {
  const { condition, encoding, context, parameters, measurements, validation = [] } = run;
  return {
    ...{ preset: condition, encoding, title: condition, parameters, measurements },
    config: run.config ?? { model: { context } },
    log: validation.map(([step, loss]) => ({ step, split: "validation", loss })),
  };
}
