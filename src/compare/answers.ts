/** From runs to decisions: every question that they answer, decided. */
import { InputError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import type { Metric } from "../probes/probe.ts";
import { type Contrast, type DecideOptions, type Decision, decide } from "./decide.ts";
import { comparableLearning } from "./learning.ts";
import { type MeanOfSeeds, meanOfSeeds } from "./means.ts";
import { type ComparedRun, type Question, questionsOf } from "./questions.ts";

/** A question, what was decided, and what its metric says. */
export interface Answer {
  readonly question: Question;
  readonly decision: Decision;
  readonly metric?: Metric | undefined;
}

/**
 * The questions that runs answer, each decided; with a reference, those that it answers too.
 *
 * @param wanted metrics by name; left out, those that judge
 */
export function answersOf(
  runs: readonly ComparedRun[],
  metrics: Readonly<Record<string, Metric>>,
  { against, ...options }: Pick<DecideOptions, "against" | "margin" | "alpha" | "controls">,
  wanted?: readonly string[],
): Answer[] {
  return questionsOf(comparableLearning(runs, against), metrics, wanted)
    .filter(({ conditions }) => against === undefined || conditions.some(({ name }) => name === against))
    .map((question) => {
      const metric = metrics[question.metric];
      const said = { success: metric?.success, missing: metric?.missing?.lies };
      return { question, decision: decide(question.conditions, { ...options, ...said, against }), metric };
    });
}

/** Each condition by itself, with the interval of its mean. */
export const meansOf = ({ decision, metric }: Answer): MeanOfSeeds[] =>
  decision.summaries.map((summary) => meanOfSeeds(summary, metric?.success));

/** An answer as JSON holds it: what was decided, and of what. A mean of no seeds is left out. */
export function plainAnswer(answer: Answer) {
  const { question, decision } = answer;
  const { metric, unit, at } = question;
  return {
    ...{ metric, unit, at },
    ...decision,
    summaries: meansOf(answer),
    contrasts: decision.contrasts.map(plainContrast),
    ...(decision.controls && { controls: decision.controls.map(plainContrast) }),
  };
}

function plainContrast({ difference: { mean, ...difference }, ...one }: Contrast) {
  return { ...one, difference: { ...(Number.isNaN(mean) ? {} : { mean }), ...difference } };
}

/**
 * Looks for a reference among what is compared, before anything is computed.
 *
 * @param against a condition; a policy past L_max stands behind one, in parentheses
 * @throws InputError where there are not two conditions, or it names none
 */
export function referenceIn(
  runs: readonly Pick<ComparedRun, "condition">[],
  against: string | undefined,
): void {
  const names = [...new Set(runs.map(({ condition }) => condition))];
  if (names.length < 2)
    throw new InputError(
      `compare: is of two conditions or more, and ${runs.length === 1 ? "this one is" : `these ${runs.length} are all`} ${names[0]}; give others too`,
    );
  if (against === undefined || names.some((name) => against === name || against.startsWith(`${name} (`)))
    return;
  throw new InputError(
    `--against: no condition is ${against}${didYouMean(against, names)}; there are ${names.join(", ")}`,
  );
}
