/**
 * One table, two faces: aligned text for a terminal and HTML for the report, from the same columns
 * and rows.
 */
import { printable } from "../printable.ts";
import { fixed } from "./format.ts";
import { escapeHtml, proseHtml } from "./html.ts";

export type TableValue = string | number | null | undefined;
export type TableRow = Readonly<Record<string, TableValue>>;

export interface TableColumn {
  readonly key: string;
  readonly heading: string;
  /** Left out: right if every value that is there is a number. */
  readonly align?: "left" | "right";
  /** How a number is written; two decimals, or none for whole numbers, if left out. */
  readonly format?: (value: number) => string;
}

/** A table of a page. */
export interface ReportTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly caption: string;
}

const MISSING = "–";

/**
 * Aligned columns under a rule, a line a row; the last line has no line break.
 *
 * @param available the columns of the terminal. Where the table is wider, headings of several words
 *   take two lines, and columns that still do not fit stand below, where the first column heads
 *   each row again.
 */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  available = Number.POSITIVE_INFINITY,
): string {
  const body = rows.map((row) => columns.map((column) => printable(cellText(column, row[column.key]))));
  const headings = columns.map((column) => printable(column.heading));
  const right = columns.map((column) => isRight(column, rows));
  const whole = { head: [headings], widths: widthsOf([headings, ...body]) };
  const isWide = sideBySide(whole.widths, available).length > 1;
  const broken = headings.map((heading) => heading.split(/ (?=\S*$)/)); // before the last word
  const head = [broken.map(([first, last]) => (last === undefined ? "" : (first as string)))];
  head.push(broken.map((words) => words.at(-1) as string));
  const folded = { head, widths: widthsOf([...head, ...body]) };
  const { head: top, widths } = isWide ? folded : whole;
  const parts = sideBySide(widths, available).map((part) => {
    const line = (cells: readonly string[]) =>
      part
        .map((c) => pad(cells[c] as string, widths[c] as number, right[c] as boolean))
        .join(GAP)
        .trimEnd();
    const rule = part.map((c) => "─".repeat(widths[c] as number)).join(GAP);
    return [...top.map(line).filter((text) => text !== ""), rule, ...body.map(line)].join("\n");
  });
  return parts.join("\n\n");
}

/** The widest cell of each column. */
const widthsOf = ([first = [], ...lines]: readonly (readonly string[])[]): number[] =>
  first.map((text, c) => Math.max(width(text), ...lines.map((line) => width(line[c] as string))));

const GAP = "  ";

/** Indices of the columns in each part of a table: as many as fit, at least one beside the first. */
function sideBySide(widths: readonly number[], available: number): number[][] {
  const parts: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [c, own] of widths.entries()) {
    if (c === 0) continue;
    if (used + GAP.length + own > available) {
      parts.push([0]);
      used = widths[0] as number;
    }
    parts.at(-1)?.push(c);
    used += GAP.length + own;
  }
  return parts.length > 0 ? parts : [widths.map((_, c) => c)];
}

/** A table with a caption and scoped headings; the first column heads its row. */
export function htmlTable(columns: readonly TableColumn[], rows: readonly TableRow[], caption = ""): string {
  const classes = columns.map((column) => classOf(column, rows));
  const head = columns.map((column, c) => `<th scope="col"${classes[c]}>${proseHtml(column.heading)}</th>`);
  const isNumbered = columns[0] !== undefined && isRight(columns[0], rows); // "200" alone heads no card
  const body = rows.map((row) => {
    const cells = columns.map((column, c) => {
      const text = escapeHtml(cellText(column, row[column.key]));
      const label = ` data-label="${escapeHtml(column.heading)}"`; // stands before the value where rows are stacked
      return c === 0
        ? `<th scope="row"${classes[c]}${isNumbered ? label : ""}>${text}</th>`
        : `<td${classes[c]}${label}>${text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return [
    "<table>",
    caption && `<caption><span>${proseHtml(caption)}</span></caption>`,
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>\n${body.join("\n")}\n</tbody>`,
    "</table>",
  ]
    .filter(Boolean)
    .join("\n");
}

/** Characters of a heading and its longest cell that stand side by side in half of a phone's width. */
const NARROW = 22;

/** "wide": takes the whole of a card, where rows are stacked. */
function classOf(column: TableColumn, rows: readonly TableRow[]): string {
  const longest = Math.max(0, ...rows.map((row) => cellText(column, row[column.key]).length));
  const isWide = column.heading.length + longest > NARROW;
  const classes = [isRight(column, rows) && "number", isWide && "wide"].filter(Boolean);
  return classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
}

function cellText(column: TableColumn, value: TableValue): string {
  if (value === null || value === undefined || value === "") return MISSING;
  if (typeof value === "string") return value;
  return (column.format ?? ((n: number) => fixed(n, Number.isInteger(n) ? 0 : 2)))(value);
}

function isRight(column: TableColumn, rows: readonly TableRow[]): boolean {
  if (column.align !== undefined) return column.align === "right";
  const values = rows
    .map((row) => row[column.key])
    .filter((value) => value !== null && value !== undefined && value !== "");
  return values.length > 0 && values.every((value) => typeof value === "number");
}

function width(text: string): number {
  return [...text].length;
}

function pad(text: string, to: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, to - width(text)));
  return right ? space + text : text + space;
}
