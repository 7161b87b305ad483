/**
 * What the README shows of the study: its first table, and the figure of the two orders. Each part
 * stands between two lines of comment, and is written anew with the study.
 */
import { ordersAgree } from "./orders.ts";
import { ordersLead } from "./orders-section.ts";
import type { SweepSoFar } from "./results.ts";
import { headlineTable } from "./tables.ts";

const TABLE = "published study -->";
const ORDERS = "two orders of the study -->";
const END = "<!-- end of study -->";

/** The sweep of the first table. */
const FIRST = "who";

/**
 * @param readme its text, with both parts or with one
 * @param figures the folder of the study's figures, from the README
 */
export function readmeWithStudy(readme: string, sweeps: readonly SweepSoFar[], figures: string): string {
  const first = sweeps.find(({ sweep }) => sweep.name === FIRST);
  const withTable = first === undefined ? readme : replaced(readme, TABLE, aligned(cellsOf(first)));
  return replaced(withTable, ORDERS, ordersText(sweeps, figures));
}

/** A README without such a part is left as it is. */
function replaced(text: string, start: string, part: string): string {
  const at = text.indexOf(start);
  const end = text.indexOf(END, at);
  if (at < 0 || end < 0) return text;
  return `${text.slice(0, at + start.length)}\n\n${part}\n\n${text.slice(end)}`;
}

function cellsOf(result: SweepSoFar): string[][] {
  const { columns, rows } = headlineTable(result);
  return [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ key }) => `${row[key] ?? "–"}`)),
  ];
}

/** A table as the formatter writes it. */
function aligned([head = [], ...body]: readonly (readonly string[])[]): string {
  const size = (text: string) => [...text].length;
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((cells) => size(cells[i] as string))));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd((widths[i] as number) + cell.length - size(cell))).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

const WIDTH = 100;

function ordersText(sweeps: readonly SweepSoFar[], figures: string): string {
  const lead = wrapped(ordersLead(sweeps));
  if (ordersAgree(sweeps).length === 0) return lead;
  return `![Ranks of encodings by loss on stories and by exact match on tasks, past L_max](${figures}/orders.svg)\n\n${lead}`;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.replaceAll("_", "\\_").split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
