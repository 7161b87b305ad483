/**
 * Which of many questions a page answers in full: order, loss inside L_max and furthest past it,
 * answers inside and past it. All others are told in tables.
 */
import type { Answer } from "../compare/answers.ts";

/** Picks one of a metric's answers. */
type Pick = (answers: readonly Answer[]) => Answer | undefined;

const first: Pick = (answers) => answers[0];
/** Of ranges and lengths, which come from the nearest to the furthest. */
const last: Pick = (answers) => (answers.length > 1 ? answers.at(-1) : undefined);

const lengthOf = ({ question: { at } }: Answer) => Number(/^[\d.]+(?= L_max$)/.exec(`${at.length}`)?.[0]);

/** The longest within L_max; where all are longer, or none says how long it is, the first. */
const within: Pick = (answers) => answers.findLast((answer) => lengthOf(answer) <= 1) ?? answers[0];

/** In the order of the page. */
const ORDER: readonly (readonly [metric: string, pick: Pick])[] = [
  ["swap_accuracy", first],
  ["nll", first],
  ["nll", last],
  ["exact_match", within],
  ["exact_match_past", first],
  ["success_at_2l", first],
];

/** Questions in full, at most: of one kind of data, and of each of several. */
const [MOST, MOST_OF_EACH] = [6, 3];

export interface Headlines {
  /** In full, by kind of data. */
  readonly shown: readonly Answer[];
  readonly rest: readonly Answer[];
}

/** @param answers in the order in which they were decided */
export function headlinesOf(answers: readonly Answer[]): Headlines {
  const data = [...new Set(answers.map(({ question }) => question.at.data))];
  const most = data.length > 1 ? MOST_OF_EACH : MOST;
  const shown = data.flatMap((one) =>
    picked(
      answers.filter(({ question }) => question.at.data === one),
      most,
    ),
  );
  return { shown, rest: answers.filter((one) => !shown.includes(one)) };
}

/** What is asked first, then what else judges, a question for each metric. */
function picked(answers: readonly Answer[], most: number): Answer[] {
  if (answers.length <= most) return [...answers];
  const unseen = answers.filter(({ question }) => question.at.split !== "train");
  const of = (metric: string) => unseen.filter(({ question }) => question.metric === metric);
  const named = ORDER.flatMap(([metric, pick]) => pick(of(metric)) ?? []);
  const metrics = [...new Set(unseen.map(({ question }) => question.metric))];
  const others = metrics.flatMap((metric) =>
    named.some(({ question }) => question.metric === metric) ? [] : (within(of(metric)) ?? []),
  );
  return [...new Set([...named, ...others])].slice(0, most);
}
