/** The main job's report: what each encoding knows about order, and what happens past L_max. */

import { layerDistance } from "../../figures/charts/layer-distance.ts";
import { panels } from "../../figures/charts/lines.ts";
import { shuffleCost } from "../../figures/charts/shuffle-cost.ts";
import { type AccuracyRow, swapAccuracy } from "../../figures/charts/swap-accuracy.ts";
import { trainingCurves } from "../../figures/charts/training-curves.ts";
import { bands, both, missing } from "../../figures/figures.ts";
import { fixed, listed } from "../../figures/format.ts";
import { escapeHtml, proseHtml } from "../../figures/html.ts";
import { floorLoss, orderBlindOf } from "../../figures/references.ts";
import {
  type Curve,
  contextOf,
  curves,
  type DemoResult,
  estimate,
  lossCurves,
  presetsOf,
} from "../../figures/results.ts";
import * as say from "../../figures/sentences.ts";
import type { MeasurementSite } from "../../probes/probe.ts";
import { demoTable } from "./demo-table.ts";
import { lengthSection, storySection } from "./length-sections.ts";
import { nodeDocument } from "./node-document.ts";
import { type Provenance, type ReportSection, reportPage } from "./page.ts";
import { pairSection } from "./pair-section.ts";
import { positionsSection } from "./positions-section.ts";

export type { DemoResult } from "../../figures/results.ts";

/** The whole page of the main job. */
export async function demoPage(results: readonly DemoResult[], provenance: Provenance): Promise<string> {
  return reportPage({
    title: "What does a transformer know about where?",
    subtitle:
      "Small GPTs, trained on the same stories, such as “dog bites man . who bites ? dog .”, that differ in how, if at all, they are told where a word stands.",
    provenance,
    answer: demoAnswer(results),
    table: results.length > 0 ? demoTable(results) : undefined,
    sections: await demoReport(results),
  });
}

/** The findings in short. */
export function demoAnswer(results: readonly DemoResult[]): string[] {
  return [say.orderSentence, say.shuffleSentence, say.lengthSentence]
    .map((sentence) => sentence(results))
    .filter((sentence) => sentence !== undefined);
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
  return [
    orderSection(results, on),
    pairSection(results, on),
    shuffleSection(results, on),
    layerSection(results, on),
    lengthSection(results, on),
    storySection(results, on),
    positionsSection(results, on),
    trainingSection(results, on),
    runsSection(results),
  ];
}

function orderSection(results: readonly DemoResult[], document: Document): ReportSection {
  const blind = orderBlindOf(results);
  const rows = presetsOf(results).flatMap((kind): AccuracyRow[] =>
    ["train", "heldout"].flatMap((split) => {
      const wanted = (at: MeasurementSite) => (split === "train") === (at.split === "train");
      const found = estimate(results, kind, "swap_accuracy", wanted);
      const exact = blind.has(kind) && found?.value === 0.5;
      return found && !(exact && split === "train") ? [{ kind, split, exact, ...found }] : [];
    }),
  );
  const id = { id: "order", heading: "Does it know who bit whom?" };
  const sentence = say.orderSentence(results);
  if (rows.length === 0) return { ...id, lead: missing("swap_accuracy") };
  const label = `Share of swapped stories with the right answer preferred, a dot for each preset. ${sentence ?? ""}`;
  const several = results.length > presetsOf(results).length;
  const hollow = rows.some((row) => row.split === "train") ? "; hollow: stories of the training set" : "";
  const diamonds = rows.some(({ exact }) => exact)
    ? " Diamonds: controls, exactly one half by a theorem, so without an interval."
    : "";
  return {
    ...id,
    lead: [sentence, say.maskSentence(results)].filter(Boolean).join(" "),
    figures: [both((width) => swapAccuracy(rows, { label, width }), document)],
    caption: `Filled: held-out stories${hollow}. Lines: 95% interval over ${several ? "seeds" : "the stories of one run"}.${diamonds}`,
  };
}

function shuffleSection(results: readonly DemoResult[], document: Document): ReportSection {
  const { series, note } = withoutControls(
    results,
    curves(results, "prefix_shuffle_delta_nll", (at) => at.inverted),
  );
  const lead = say.shuffleSentence(results);
  const id = { id: "shuffle", heading: "How much does order matter to it?" };
  if (lead === undefined) return { ...id, lead: missing("prefix_shuffle_delta_nll") };
  if (series.length === 0) return { ...id, lead };
  const label = `Rise in loss by the share of token pairs whose order is inverted, a line for each preset. ${lead}`;
  return {
    ...id,
    lead,
    figures: panels(series).map((some) => both((width) => shuffleCost(some, { label, width }), document)),
    caption: `The last word stays where it is; those before it are put in another order. ${note} ${bands(series)}`,
  };
}

function layerSection(results: readonly DemoResult[], document: Document): ReportSection {
  const all = curves(results, "hidden_distance", (at) => at.layer);
  const { series, note } = withoutControls(results, all);
  const lead = say.layerSentence(all);
  const id = { id: "layers", heading: "Where in the network do the two stories part?" };
  if (lead === undefined) return { ...id, lead: missing("hidden_distance") };
  const label = `Distance between a story's hidden state and its swap's by layer, a line for each preset. ${lead}`;
  return {
    ...id,
    lead,
    figures: panels(series).map((some) => both((width) => layerDistance(some, { label, width }), document)),
    caption: `Both stories end in the same token; only the order of the words before it differs. ${note}`,
  };
}

/** Leaves controls out, whose curves are zero by a theorem, and says how near to it they were measured. */
function withoutControls(results: readonly DemoResult[], all: readonly Curve[]) {
  const blind = orderBlindOf(results);
  const controls = all.filter(({ kind }) => blind.has(kind));
  const series = all.filter((one) => !controls.includes(one));
  if (controls.length === 0 || series.length === 0) return { series: all, note: "" };
  const largest = Math.max(...controls.flatMap(({ points }) => points.map(({ y }) => Math.abs(y))));
  const names = listed(controls.map(({ label }) => say.name(label)));
  return {
    series,
    note: `Not drawn: ${names}, zero by a theorem and ${fixed(largest, 4)} at most as measured.`,
  };
}

function trainingSection(results: readonly DemoResult[], document: Document): ReportSection {
  const series = lossCurves(results, "validation").filter(({ points }) => points.length > 0);
  const floor = floorLoss(results, contextOf(results));
  const lead = say.trainingSentence(series, floor);
  const rules = floor === undefined ? [] : [{ y: floor, label: "floor" }];
  const id = { id: "training", heading: "How did they learn?" };
  if (lead === undefined)
    return { ...id, lead: "The logs hold no validation loss, so there is no curve to draw." };
  const label = `Validation loss by training step, a line for each preset. ${lead}`;
  return {
    ...id,
    lead,
    figures: panels(series).map((some) =>
      both((width) => trainingCurves(some, { label, width, rules }), document),
    ),
    caption: `Weights that two models share start alike, and all models see the same batches in the same order. ${bands(series)}`,
  };
}

function runsSection(results: readonly DemoResult[]): ReportSection {
  const runs = results.map(
    ({ preset, encoding, title, config }) =>
      `<details><summary>${proseHtml(say.name(preset))}: encoding ${proseHtml(say.name(encoding))}, ${escapeHtml(title)}</summary><pre>${escapeHtml(JSON.stringify(config, null, 2))}</pre></details>`,
  );
  const holes = results.flatMap((run) =>
    run.measurements.filter((row) => !Number.isFinite(row.value)),
  ).length;
  const lead = [
    results.length > 0 ? "The resolved config of each run." : "There are no runs to report.",
    holes > 0 && `Measurements left out above because they are infinite or not numbers: ${holes}.`,
  ]
    .filter(Boolean)
    .join(" ");
  return { id: "runs", heading: "The runs", lead, html: runs.join("\n") };
}
