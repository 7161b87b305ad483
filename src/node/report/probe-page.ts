/**
 * The page of one model: three sentences to quote, the figures that it has rows for, all rows, and
 * what was left out.
 */

import { basename } from "node:path";
import type { DataConfig } from "../../data/index.ts";
import { type Figure, type ReportSection, sectionsOf } from "../../figures/figure.ts";
import { count } from "../../figures/format.ts";
import { escapeHtml } from "../../figures/html.ts";
import { figures } from "../../figures/index.ts";
import { type Look, lookSections } from "../../figures/look.ts";
import type { ComparisonResult, DemoResult } from "../../figures/results.ts";
import type { ReportTable } from "../../figures/table.ts";
import { name } from "../../figures/words.ts";
import type { Origin } from "../../formats/huggingface/origin.ts";
import type { Measurement, Metric } from "../../probes/probe.ts";
import { quantity } from "../../quantity.ts";
import type { AskedAll } from "../jobs/asking.ts";
import { checkpointResult } from "../jobs/demo-result.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { PLACES } from "./glossary.ts";
import { written } from "./lines.ts";
import { nodeDocument } from "./node-document.ts";
import { type Provenance, reportPage } from "./page.ts";
import { blocksOf } from "./probe-blocks.ts";
import { rowsSection } from "./probe-rows.ts";
import { knownTo, type Quote, quotesOf, uncovered } from "./quotable.ts";

/** What the page says that it was written by. */
export const PROBE_PAGE = "whereabouts probe";

/** What the page of one model is made of. */
export interface ProbePage extends AskedAll {
  readonly checkpoint: Checkpoint;
  /** Two sentences that were compared. */
  readonly comparison?: ComparisonResult | undefined;
  /** What was looked at, where probes sum up. */
  readonly look?: Look | undefined;
  readonly provenance: Provenance;
  /** What makes the page again. */
  readonly command: string;
}

/**
 * The whole page, ready to be written to a file.
 *
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "learned" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "paged"), engine, versions: {} });
 * const checkpoint = await checkpoints.load(directory);
 * const given = { probes: probes.filter(({ name }) => name === "coverage"), files: {} };
 * const asked = await probeCheckpoint(checkpoint, { data: await dataOf(checkpoint), engine: engine.name, probes: given });
 * const provenance = { commit: "unknown", engine: engine.name, seeds: [1], seconds: 1, versions: {}, date: "2026-01-01" };
 * const html = await probePage({ ...asked, checkpoint, provenance, command: "node page.ts" });
 * assert.match(html, /What does tiny know about where/);
 */
export async function probePage(page: ProbePage): Promise<string> {
  const { checkpoint, provenance, command, leftOut } = page;
  const result = await resultOf(page);
  const { shape, vocabSize } = checkpoint.model;
  const blocks = blocksOf(page, result, shape.context);
  const sizes = [
    ...Object.values(shape).filter((one) => typeof one === "number"),
    vocabSize,
    result.parameters,
  ];
  const quoting = { blocks, sizes, step: checkpoint.step };
  const quotes = quotesOf(figures, [result], quoting);
  const document = await nodeDocument();
  const shown = figures.map((figure): Figure => ({ ...figure, optional: true }));
  return reportPage({
    title: `What does ${result.preset} know about where?`,
    subtitle: subtitleOf(checkpoint, result),
    provenance,
    answer: quotes.map(({ sentence }) => sentence),
    ...(quotes.length > 0 && { table: evidenceTable(quotes) }),
    sections: [
      ...shown.flatMap((figure) =>
        sectionsOf([figure], [result], document).map((one) =>
          withoutUncovered(one, knownTo(figure, quoting)),
        ),
      ),
      ...(page.look === undefined ? [] : lookSections(page.look, document)),
      rowsSection(page, blocks),
      ...(leftOut.length > 0 ? [leftOutSection(leftOut)] : []),
    ],
    glossary: glossaryOf(page),
    commands: [[command, "makes this page again, of what is kept where nothing changed"]],
    generator: PROBE_PAGE,
  });
}

/** Figures show one step, the best where several were asked; all of them are the rows of `steps`. */
async function resultOf({ checkpoint, answers, comparison }: ProbePage): Promise<DemoResult> {
  const rows = answers.flatMap((answer) => answer.rows);
  const steps = rows.filter(({ at }) => at.step !== undefined);
  const ofStep = ({ at: { step, ...at }, ...row }: Measurement): Measurement[] =>
    step === undefined || step === checkpoint.step ? [{ ...row, at }] : [];
  const result = await checkpointResult(checkpoint, rows.flatMap(ofStep));
  return { ...result, comparison, ...(steps.length > 0 && { steps }) };
}

function subtitleOf({ model, preset, step, kind, origin }: Checkpoint, result: DemoResult): string {
  const { shape, config, vocabSize, ablated } = model;
  const { layers, width, heads, context } = config;
  const at = step === undefined ? "" : `, step ${count(step)}`;
  const trained = preset
    ? `Trained on ${name(materialName(preset.data))} for ${quantity(preset.train.steps, "step")}${at}${kind === "run" ? ", the best that is kept" : ""}.`
    : importedFrom(origin);
  return [
    `${shape.causal ? "A causal model" : "A bidirectional model"} of ${quantity(layers, "layer")}, width ${width}, ${quantity(heads, "head")}, L_max ${context}, ${quantity(vocabSize, "token")}, ${quantity(result.parameters, "parameter")}; position encoding ${name(result.encoding)} (${result.title}).`,
    trained,
    ablated === undefined ? "" : `Taken out of every pass: ${ablated}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function importedFrom({ title, architecture, sha256 = {} }: Partial<Origin> = {}): string {
  const files = Object.entries(sha256).map(([file, sum]) => `${name(file)} sha256 ${name(sum)}`);
  if (files.length === 0) return "Imported.";
  const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
  return `Imported from ${name(title ?? architecture ?? "")}, ${files[0]}${more}.`;
}

function materialName(data: DataConfig): string {
  if (data.kind === "task") return data.task;
  return data.kind === "text" ? (data.corpus ?? basename(data.path ?? "text")) : data.kind;
}

/** A sentence with a number that no table holds is left out; the figure says what it shows without. */
function withoutUncovered(section: ReportSection, known: readonly number[]): ReportSection {
  const told = section.lead.split(/(?<=\.) (?=[A-Z`“])/);
  const lead = told.filter((sentence) => uncovered(sentence, known).length === 0).join(" ");
  return { ...section, lead };
}

function evidenceTable(quotes: readonly Quote[]): ReportTable {
  const rows = quotes.flatMap(({ evidence }, i) =>
    evidence.map(({ metric, at, value, se, unit, n }) => ({
      sentence: i + 1,
      metric,
      where: Object.entries(at)
        .map(([field, place]) => `${field} ${place}`)
        .join(", "),
      value: written(value, se),
      unit,
      n,
    })),
  );
  return {
    columns: [
      { key: "metric", heading: "measured" },
      { key: "where", heading: "where" },
      { key: "value", heading: "value", align: "right" },
      { key: "unit", heading: "unit" },
      { key: "n", heading: "cases", align: "right" },
      { key: "sentence", heading: "in sentence", align: "right" },
    ],
    rows,
    caption: "Where the numbers of these sentences stand; ± is the standard error.",
  };
}

function leftOutSection(leftOut: readonly string[]): ReportSection {
  const items = leftOut.map((reason) => `<li>${escapeHtml(reason)}</li>`);
  return {
    id: "left-out",
    heading: "What was left out, and why",
    lead: "",
    html: `<ul>${items.join("\n")}</ul>`,
  };
}

function glossaryOf({ answers }: ProbePage): [term: string, meaning: string][] {
  const rows = answers.flatMap((answer) => answer.rows);
  const measured = new Set(rows.map(({ metric }) => metric));
  const terms = answers.flatMap(({ probe }) =>
    Object.entries<Metric>(probe.metrics).flatMap(([metric, known]): [string, string][] => {
      if (!measured.has(metric)) return [];
      const exact = known.null ? ` Exactly ${known.null.value} for ${known.null.of}.` : "";
      return [[`${known.title} (\`${metric}\`, ${known.unit})`, `${known.meaning}${exact}`]];
    }),
  );
  const fields = new Set(rows.flatMap(({ at }) => Object.keys(at)));
  const places = Object.entries(PLACES).flatMap(([field, meaning]): [string, string][] =>
    fields.has(field) ? [[`\`${field}\``, meaning]] : [],
  );
  return [...terms, ...places];
}
