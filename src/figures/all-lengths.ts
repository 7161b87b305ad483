/**
 * One table of every metric at every length: a row each, a column for each condition, and what a
 * perfect model would have where that is known. What is asked of further places, such as depths, is
 * in means.csv alone.
 */
import { type Answer, meansOf } from "../compare/answers.ts";
import type { MeanOfSeeds } from "../compare/means.ts";
import { LEAST_SEEDS } from "../compare/paired.ts";
import type { ComparedRun } from "../compare/questions.ts";
import { titleOf } from "./comparison.ts";
import { questionFloor } from "./question-floor.ts";
import { centerText, isCensored, short } from "./seed-values.ts";
import type { ReportTable, TableRow } from "./table.ts";

/** What says where a metric is asked of the same thing: its data, its length, and until when. */
const LENGTHS: ReadonlySet<string> = new Set([
  "data",
  "split",
  "range",
  "items",
  "length",
  "until",
  "of",
  "threshold",
]);

/** @returns undefined where no metric is asked of lengths alone */
export function allLengths(
  answers: readonly Answer[],
  runs: readonly ComparedRun[],
): ReportTable | undefined {
  const some = answers.filter(({ question }) => Object.keys(question.at).every((key) => LENGTHS.has(key)));
  if (some.length === 0) return undefined;
  const names = conditionsOf(some);
  const floors = some.map((answer) => questionFloor(answer, runs));
  const hasFloor = floors.some((floor) => floor !== undefined);
  return {
    columns: [
      { key: "question", heading: "metric, length" },
      { key: "n", heading: "n", align: "right" },
      ...names.map((own, i) => ({ key: `c${i}`, heading: own, align: "right" as const })),
      ...(hasFloor ? [{ key: "floor", heading: "floor", align: "right" as const }] : []),
    ],
    rows: some.map((answer, i) => rowOf(answer, names, floors[i])),
    caption: captionOf(some, hasFloor),
  };
}

/** In the order in which they first come. */
const conditionsOf = (answers: readonly Answer[]): string[] => [
  ...new Set(answers.flatMap(({ question }) => question.conditions.map(({ name }) => name))),
];

const sizeOf = ({ values, missing = [] }: MeanOfSeeds) => values.length + missing.length;

function rowOf(answer: Answer, names: readonly string[], floor: number | undefined): TableRow {
  const means = meansOf(answer);
  const sizes = means.map(sizeOf);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const cells = names.map((own, i) => {
    const found = means.find(({ name }) => name === own);
    const n = found && least < most ? ` (n ${sizeOf(found)})` : "";
    return [`c${i}`, found && `${meanText(found, answer)}${n}`] as const;
  });
  return {
    question: `${titleOf(answer)} (${answer.question.unit})`,
    n: least === most ? `${most}` : `${least}–${most}`,
    ...Object.fromEntries(cells),
    floor: floor === undefined ? undefined : short(floor),
  };
}

/** "0.581 [0.577, 0.585]"; where a seed has no value, what half of them reached. */
function meanText(found: MeanOfSeeds, answer: Answer): string {
  const { interval } = found;
  const range = interval && !isCensored(answer) ? ` [${short(interval.low)}, ${short(interval.high)}]` : "";
  return `${centerText(found, answer)}${range}`;
}

function captionOf(answers: readonly Answer[], hasFloor: boolean): string {
  const sizes = answers.flatMap((answer) => meansOf(answer).map(sizeOf));
  const few = Math.min(...sizes) < LEAST_SEEDS;
  return [
    "Means over n seeds [95% interval of the mean by Student's t, which knows no bounds; of P(success) by Clopper and Pearson].",
    few && `Fewer than ${LEAST_SEEDS} seeds give no interval.`,
    answers.some(isCensored) && "Where a seed never got there: what half of the seeds reached.",
    hasFloor && "Floor: the loss of a perfect model.",
  ]
    .filter(Boolean)
    .join(" ");
}
