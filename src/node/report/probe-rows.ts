/** Every number of a model's page: tables folded by probe, and the rows as a file. */
import type { ReportSection } from "../../figures/figure.ts";
import { count } from "../../figures/format.ts";
import { escapeHtml, proseHtml } from "../../figures/html.ts";
import type { ReportTable } from "../../figures/table.ts";
import { metricsOf } from "../../probes/index.ts";
import type { Metric } from "../../probes/probe.ts";
import type { AskedAll } from "../jobs/asking.ts";
import { measurementsCsv } from "./csv.ts";
import { type MetricLines, metricLines } from "./lines.ts";
import { tableHtml } from "./page.ts";
import type { Block } from "./quotable.ts";

/** All rows, folded by probe, and the same as a file. */
export function rowsSection({ answers }: Pick<AskedAll, "answers">, blocks: readonly Block[]): ReportSection {
  const known = metricsOf(answers.map(({ probe }) => probe));
  const csv = Buffer.from(measurementsCsv(answers)).toString("base64");
  const total = answers.reduce((sum, { rows }) => sum + rows.length, 0);
  const folded = blocks.map(({ title, question, lines }) => {
    const tables = metricLines(lines).map((lines) => metricHtml(lines, known[lines.metric]));
    return `<details${lines.length > MOST_PRINTED ? ' class="long"' : ""}><summary><strong>${escapeHtml(title)}</strong> ${proseHtml(question)}</summary>${tables.join("\n")}</details>`;
  });
  return {
    id: "rows",
    heading: "Every number",
    lead: "By probe. Along positions and distances, means over ranges that double; the file has each row.",
    html: `${folded.join("\n")}\n<p><a download="rows.csv" href="data:text/csv;base64,${csv}">${count(total)} rows as CSV</a></p>`,
  };
}

/** A longer table stays folded on paper. */
const MOST_PRINTED = 40;

function metricHtml({ metric, unit, shared, columns, rows }: MetricLines, known: Metric | undefined): string {
  const caption = [`\`${metric}\` (${unit})`, ...shared].join("; ") + (known ? `. ${known.meaning}` : "");
  const table: ReportTable = {
    columns: columns.map((key) => ({
      key,
      heading: key,
      ...(key === "value" ? { align: "right" as const } : {}),
    })),
    rows,
    caption,
  };
  return tableHtml(table);
}
