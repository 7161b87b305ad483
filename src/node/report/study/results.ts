/** What the runs of a study say: by sweep, and of all sweeps together. */
import { type Answer, answersOf } from "../../../compare/answers.ts";
import type { ComparedRun } from "../../../compare/questions.ts";
import { type Scored, scoreRegistered } from "../../../compare/registered.ts";
import { type Slope, slopeOf } from "../../../compare/slopes.ts";
import type { OrderBy } from "../../../compare/two-orders.ts";
import type { DemoResult } from "../../../figures/results.ts";
import { groupsOf } from "../../../probes/groups.ts";
import { metrics } from "../../../probes/index.ts";
import { comparedRun, type PublishedRun } from "../../jobs/study/published.ts";
import type { StatementFile, StudyStatement } from "../../jobs/study/registered-file.ts";
import type { Standing } from "../../jobs/study/run-study.ts";
import type { StudyRun, StudySweep } from "../../jobs/study/study-file.ts";

/** A run, and what it measured. */
export interface FinishedRun {
  readonly run: StudyRun;
  readonly published: PublishedRun;
}

/** A sweep, as far as it is. */
export interface SweepSoFar {
  readonly sweep: StudySweep;
  /** Runs of the whole sweep. */
  readonly planned: number;
  readonly finished: readonly FinishedRun[];
  readonly runs: readonly ComparedRun[];
}

/** A statement, of one sweep, part by part. */
export interface ScoredStatement {
  readonly statement: StudyStatement;
  readonly sweep: StudySweep;
  readonly parts: readonly Scored[];
}

/** What losses and answers past L_max are put in order by. */
export const ORDERS: Readonly<Record<StudySweep["kind"], OrderBy>> = {
  language: { metric: "nll", at: { range: "2–4 L_max" } },
  task: { metric: "exact_match_past" },
};

/** @param finished by the name of the run, of what is done */
export function sweepResults(
  standings: readonly Standing[],
  finished: ReadonlyMap<string, PublishedRun>,
): SweepSoFar[] {
  return groupsOf(standings, ({ run }) => run.sweep.name).map((some) => {
    const byPlace = [...some].sort((a, b) => placeOf(a.run, some) - placeOf(b.run, some));
    const done = byPlace.flatMap(({ run }) => {
      const published = finished.get(run.name);
      return published === undefined ? [] : [{ run, published }];
    });
    return {
      sweep: (some[0] as Standing).run.sweep, // a group has one or more
      planned: some.length,
      finished: done,
      runs: done.map(({ run, published }) => comparedRun(run, published)),
    };
  });
}

/** Presets in the study's order, then seeds. */
function placeOf({ condition, preset }: StudyRun, all: readonly Standing[]): number {
  const names = [...new Set(all.map(({ run }) => run.condition))];
  return 1000 * names.indexOf(condition) + preset.seed;
}

/** Each question of a sweep, against no positions. */
export const sweepAnswers = ({ runs }: SweepSoFar): Answer[] =>
  answersOf(runs, metrics, { against: "none" }).filter(({ question }) => question.at.split !== "train");

/** Each statement of each sweep that it is asked of. */
export function scoredStatements(
  { statements }: StatementFile,
  sweeps: readonly SweepSoFar[],
): ScoredStatement[] {
  return statements.flatMap((statement) =>
    statement.sweeps.flatMap((name) => {
      const found = sweeps.find(({ sweep }) => sweep.name === name);
      if (found === undefined) return [];
      const parts = scoreRegistered(statement, found.runs, metrics);
      return [{ statement, sweep: found.sweep, parts }];
    }),
  );
}

/** A condition whose training had not ended, or had. */
export interface SweepSlope extends Slope {
  readonly sweep: StudySweep;
  readonly condition: string;
}

/** Of each condition of each sweep. */
export function slopesOf(sweeps: readonly SweepSoFar[]): SweepSlope[] {
  return sweeps.flatMap(({ sweep, finished }) =>
    groupsOf(finished, ({ run }) => run.condition).flatMap((some) => {
      const slope = slopeOf(some.map(({ published }) => published.validation));
      const { condition } = (some[0] as FinishedRun).run;
      return slope === undefined ? [] : [{ sweep, condition, ...slope }];
    }),
  );
}

/** A run as the figures read it. */
export const figureResult = ({ run, published }: FinishedRun): DemoResult => ({
  ...{ preset: run.condition, encoding: published.encoding, title: run.condition },
  ...{ config: run.preset, parameters: published.parameters, measurements: published.measurements },
  log: published.validation.map(([step, loss]) => ({ step, split: "validation", loss })),
});
