/**
 * Speeds of learning, made comparable: runs are asked the same of the same steps.
 *
 * Of runs of different lengths, all are held to the steps of the shortest. The target of
 * `steps_to_loss` is one for all on the same data: the mean loss in which the reference ended, or,
 * without one, the condition that ended highest.
 */
import { firstReached, type StepValue } from "../probes/first-reached.ts";
import { groupsOf } from "../probes/groups.ts";
import type { Measurement } from "../probes/probe.ts";
import { mean } from "../tensor/numbers.ts";
import type { ComparedRun } from "./questions.ts";

/** Rows of learning as they can be compared; all others are as they were. */
export function comparableLearning(runs: readonly ComparedRun[], against?: string): ComparedRun[] {
  const targets = new Map(dataOf(runs).map((data) => [data, lossTarget(runs, data, against)]));
  const asked = runs.map((run): ComparedRun => {
    const target = targets.get(run.data);
    const has = run.measurements.some(({ metric }) => metric === "steps_to_loss");
    return target === undefined || has
      ? run
      : { ...run, measurements: [...run.measurements, ...target(run)] };
  });
  return withinSameSteps(asked);
}

const dataOf = (runs: readonly ComparedRun[]) => [...new Set(runs.map(({ data }) => data))];

const lossesOf = ({ measurements }: ComparedRun): StepValue[] =>
  measurements.flatMap(({ metric, value, at }) =>
    metric === "validation_at_step" && value !== null && typeof at.step === "number"
      ? [{ step: at.step, value }]
      : [],
  );

/** The row that a run gets; undefined where no two conditions of that data have losses. */
function lossTarget(
  runs: readonly ComparedRun[],
  data: string | undefined,
  against: string | undefined,
): ((run: ComparedRun) => Measurement[]) | undefined {
  const some = runs.filter((run) => run.data === data && lossesOf(run).length > 0);
  const conditions = groupsOf(some, ({ condition }) => condition);
  if (conditions.length < 2) return undefined;
  const ended = conditions.map((same) => ({
    condition: same[0]?.condition,
    loss: mean(same.map((run) => lastOf(lossesOf(run)))),
  }));
  const reference = ended.find(({ condition }) => condition === against);
  const target = Number((reference?.loss ?? Math.max(...ended.map(({ loss }) => loss))).toPrecision(3));
  return (run) => {
    const losses = lossesOf(run);
    if (losses.length === 0) return [];
    const until = Math.max(...losses.map(({ step }) => step));
    const value = firstReached(losses, target, "lower");
    return [{ metric: "steps_to_loss", value, unit: "steps", n: 1, se: null, at: { target, until } }];
  };
}

const lastOf = (losses: readonly StepValue[]) =>
  losses.reduce((last, one) => (one.step > last.step ? one : last)).value;

/** A row that says until which step it was asked says no more than the shortest run of its data could. */
function withinSameSteps(runs: readonly ComparedRun[]): ComparedRun[] {
  const keyOf = ({ data }: ComparedRun, { metric, at: { until, ...at } }: Measurement) =>
    JSON.stringify([data, metric, Object.entries(at).sort()]);
  const shortest = new Map<string, number>();
  for (const run of runs)
    for (const row of run.measurements)
      if (typeof row.at.until === "number") {
        const key = keyOf(run, row);
        shortest.set(key, Math.min(row.at.until, shortest.get(key) ?? row.at.until));
      }
  return runs.map((run) => ({
    ...run,
    measurements: run.measurements.map((row) => {
      const until = row.at.until === undefined ? undefined : shortest.get(keyOf(run, row));
      if (until === undefined || until === row.at.until) return row;
      const value = row.value === null || row.value > until ? null : row.value;
      return { ...row, value, at: { ...row.at, until } };
    }),
  }));
}
