/** The main job's report: the figures in their order, and the runs that they are drawn from. */
import { findings, type ReportSection, sectionsOf } from "../../figures/figure.ts";
import type { Placed } from "../../figures/headline.ts";
import { escapeHtml, proseHtml } from "../../figures/html.ts";
import { figures } from "../../figures/index.ts";
import { placedSection, placedSentence } from "../../figures/placed.ts";
import type { DemoResult } from "../../figures/results.ts";
import { name } from "../../figures/words.ts";
import { demoTable } from "./demo-table.ts";
import { nodeDocument } from "./node-document.ts";
import { type Provenance, reportPage } from "./page.ts";

/** A run's numbers among those of the study, where it has them. */
export interface DemoStudy {
  readonly placed: readonly Placed[];
  /** Whether the run's seed is one of the study's. */
  readonly isOfStudy: boolean;
}

/** The whole page of the main job. */
export async function demoPage(
  results: readonly DemoResult[],
  provenance: Provenance,
  study: DemoStudy = { placed: [], isOfStudy: false },
): Promise<string> {
  const placed = placedSection(study.placed, await nodeDocument(), study.isOfStudy);
  const said = placedSentence(study.placed);
  return reportPage({
    title: "What does a transformer know about where?",
    subtitle:
      "Small GPTs, trained on the same stories, such as “dog bites man . who bites ? dog .”, that differ in how, if at all, they are told where a word stands.",
    provenance,
    answer: [...demoAnswer(results), ...(said === undefined ? [] : [said])],
    table: results.length > 0 ? demoTable(results) : undefined,
    sections: [...(placed === undefined ? [] : [placed]), ...(await demoReport(results))],
  });
}

/** The findings in short. */
export function demoAnswer(results: readonly DemoResult[]): string[] {
  return findings(figures, results);
}

/**
 * The report's sections, each with its figure, or with a sentence about what is missing.
 * @param document draws the charts; linkedom's if left out
 */
export async function demoReport(
  results: readonly DemoResult[],
  document?: Document,
): Promise<ReportSection[]> {
  const on = document ?? (await nodeDocument());
  return [...sectionsOf(figures, results, on), runsSection(results)];
}

function runsSection(results: readonly DemoResult[]): ReportSection {
  const runs = results.map(
    ({ preset, encoding, title, config }) =>
      `<details><summary>${proseHtml(name(preset))}: encoding ${proseHtml(name(encoding))}, ${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(config, null, 2))}</pre></details>`,
  );
  const holes = results.flatMap((run) =>
    run.measurements.filter((row) => !Number.isFinite(row.value)),
  ).length;
  const lead = [
    results.length > 0 ? "The resolved config of each run." : "There are no runs to report.",
    holes > 0 && `Measurements without a value, which no figure draws: ${holes}.`,
  ]
    .filter(Boolean)
    .join(" ");
  return { id: "runs", heading: "The runs", lead, html: runs.join("\n") };
}
