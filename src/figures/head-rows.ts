/**
 * Rows of heads, as figures read them: of several seeds the first, for a head of one seed is not
 * that of another.
 */
import type { Measurement } from "../probes/probe.ts";
import { type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** A measurement that was taken of one head. */
export type HeadRow = Measurement & {
  readonly value: number;
  readonly at: { readonly layer: number; readonly head: number };
};

export interface PresetHeads {
  readonly preset: string;
  /** The encoding, which decides the colour. */
  readonly kind: string;
  readonly rows: readonly HeadRow[];
}

/** Rows of these metrics by preset; presets without any are left out. */
export function headRowsOf(results: readonly DemoResult[], metrics: readonly string[]): PresetHeads[] {
  return presetsOf(results).flatMap((preset) => {
    const found = results
      .filter((result) => result.preset === preset)
      .map(({ encoding, measurements }) => ({
        ...{ preset, kind: encoding },
        rows: measurements.filter((row): row is HeadRow => metrics.includes(row.metric) && isOfHead(row)),
      }))
      .find(({ rows }) => rows.length > 0);
    return found === undefined ? [] : [found];
  });
}

const isOfHead = ({ value, at }: Measurement): boolean =>
  value !== null && at.layer !== undefined && at.head !== undefined && at.split !== "train";

/** What a reader is told once of these names. */
export const NAMES = "`L0H3` is head 3 of block 0, both counted from 0.";

/** "`L0H3`" */
export const shortName = ({ at }: HeadRow): string => `\`L${at.layer}H${at.head}\``;

/** "`L0H3` of `rope`": in backticks, for its digits are a name and measure nothing. */
export const headName = (preset: string, row: HeadRow): string => `${shortName(row)} of ${name(preset)}`;

/** The rows with the least and the most, over all presets; undefined where there is none. */
export function extremeHeads(
  presets: readonly PresetHeads[],
  where: (row: HeadRow) => boolean,
): { least: string; most: string; low: number; high: number } | undefined {
  const all = presets.flatMap(({ preset, rows }) => rows.filter(where).map((row) => ({ preset, row })));
  const sorted = all.sort((a, b) => a.row.value - b.row.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  return {
    ...{ least: headName(least.preset, least.row), most: headName(most.preset, most.row) },
    ...{ low: least.row.value, high: most.row.value },
  };
}

/** A grid of so few heads is narrow enough to stand beside others. */
const NARROW = 6;

/** Whether a grid of cells stands beside others. */
export const isSmall = (cells: readonly { readonly head: number }[]): boolean =>
  new Set(cells.map(({ head }) => head)).size <= NARROW;

/** The cells of a grid: rows of a metric that `where` accepts. */
export const cellsOf = (rows: readonly HeadRow[], where: (row: HeadRow) => boolean) =>
  rows.filter(where).map(({ value, at: { layer, head } }) => ({ layer, head, value }));

/** The middle of the distances of a row: `distance`, or up to `to`. */
export function middleOf(at: Readonly<Record<string, unknown>>): number {
  const distance = Number(at.distance);
  return (distance + Number(at.to ?? distance)) / 2;
}
