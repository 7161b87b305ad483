/** What is said of conditions against controls of as many parameters, where a sweep has some. */
import type { Answer } from "../compare/answers.ts";
import { outcomeText } from "./outcomes.ts";
import { differenceText, sizeText } from "./seed-values.ts";
import type { TableRow } from "./table.ts";
import { name } from "./words.ts";

/** "" where there are none. */
export function controlsText(answer: Answer): string {
  const { controls = [] } = answer.decision;
  const clauses = controls.map(
    (one) =>
      `${name(one.first)} to ${name(one.second)}: ${outcomeText(one, answer)}${one.outcome === "different" ? ` ${sizeText(one)}` : ""}`,
  );
  return clauses.length === 0 ? "" : `With as many parameters, ${clauses.join("; ")}.`;
}

/** The cell of a condition that has a control. */
export function controlCells(answer: Answer, condition: string): TableRow {
  const found = answer.decision.controls?.find(({ first }) => first === condition);
  if (found === undefined) return {};
  return {
    control: `${found.second}: ${differenceText(found) ?? "no seed in common"}, ${outcomeText(found, answer)}`,
  };
}
