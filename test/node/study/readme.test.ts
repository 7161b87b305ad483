/** The README's first table is the study's, as it is published. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { standingsOf } from "../../../src/node/jobs/study/run-study.ts";
import { readStudy, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { sweepResults } from "../../../src/node/report/study/results.ts";
import { headlineTable } from "../../../src/node/report/study/tables.ts";
import { textOf } from "../../sources.ts";

const STUDY = join(import.meta.dirname, "../../../checkpoints/published/study/study.json");
const [START, END] = ["compares this table with the published study -->\n", "<!-- end of study -->"];

/** A table as the formatter writes it. */
function aligned([head = [], ...body]: readonly (readonly string[])[]): string {
  const size = (text: string) => [...text].length;
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((cells) => size(cells[i] as string))));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd((widths[i] as number) + cell.length - size(cell))).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

// `npx vitest run test/node/study/readme.test.ts -u` writes the table anew.
test("the README's first table has the published numbers, their intervals, and how many seeds", async () => {
  const study = readStudy(STUDY);
  const standings = standingsOf(study, studyRuns(study, ["who"]), new Map());
  const found = standings.flatMap(({ run, published }) =>
    published ? [[run.name, published] as const] : [],
  );
  const [who] = sweepResults(standings, new Map(found));
  const { columns, rows } = headlineTable(who ?? expect.fail("no sweep is called who"));
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ key }) => `${row[key] ?? "–"}`)),
  ];
  const [before, rest = ""] = textOf("README.md").split(START);
  const [, after] = rest.split(END);
  const written = [before, START, "\n", aligned(cells), "\n\n", END, after].join("");
  await expect(written).toMatchFileSnapshot("../../../README.md");
});
