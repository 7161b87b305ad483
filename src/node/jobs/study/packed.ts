/**
 * Rows of probes as the study publishes them: those of one curve, position after position, are one
 * entry, and numbers have six significant digits, and their errors two, so that a study of a thousand runs is a few MB.
 */
import { z } from "zod";
import type { Measurement } from "../../../probes/probe.ts";

const DIGITS = 6;

const error = z.union([z.number(), z.literal("exact"), z.null()]);

const common = {
  metric: z.string(),
  unit: z.string(),
  n: z.number(),
  at: z.record(z.string(), z.union([z.string(), z.number()])),
};

const single = z.strictObject({ ...common, value: z.number().nullable(), se: error.optional() });

const curve = z
  .strictObject({
    ...common,
    /** The position of the first value. */
    from: z.int().min(0),
    values: z.array(z.number().nullable()).min(2),
    errors: z.array(error),
  })
  .refine(({ values, errors }) => values.length === errors.length, "values and errors differ in number");

export const packedSchema = z.array(z.union([single, curve]));

/** Rows, packed. */
export type Packed = z.output<typeof packedSchema>;

/** @param rows in the order in which they were measured: curves are those that stand together */
export function packed(rows: readonly Measurement[]): Packed {
  const entries: Packed[number][] = [];
  let open: { readonly key: string; readonly from: number; readonly rows: Measurement[] } | undefined;
  const close = () => {
    if (open !== undefined) entries.push(...closed(open.rows, open.from));
    open = undefined;
  };
  for (const row of rows) {
    const { position, ...at } = row.at;
    const key = JSON.stringify([row.metric, row.unit, row.n, at]);
    if (open?.key === key && position === open.from + open.rows.length) {
      open.rows.push(row);
      continue;
    }
    close();
    if (position === undefined) entries.push(...closed([row], 0));
    else open = { key, from: position, rows: [row] };
  }
  close();
  return entries;
}

function closed(rows: readonly Measurement[], from: number): Packed {
  const [first] = rows;
  if (first === undefined) return [];
  const { metric, unit, n } = first;
  if (rows.length === 1) {
    const at = plain(first.at);
    return [{ metric, unit, n, at, value: short(first.value), se: shortError(first.se) }];
  }
  const { position, ...at } = first.at;
  return [
    {
      ...{ metric, unit, n, at: plain(at), from },
      values: rows.map(({ value }) => short(value)),
      errors: rows.map(({ se }) => shortError(se)),
    },
  ];
}

/** The rows again. */
export function unpacked(entries: Packed): Measurement[] {
  return entries.flatMap((entry): Measurement[] => {
    if ("value" in entry) return [{ ...entry, se: entry.se ?? null }];
    const { from, values, errors, at, ...rest } = entry;
    return values.map((value, i) => ({
      ...rest,
      ...{ value, se: errors[i] ?? null, at: { position: from + i, ...at } },
    }));
  });
}

function plain(at: Measurement["at"]): Record<string, string | number> {
  const known = Object.entries(at).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Record<string, string | number>;
}

const short = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(DIGITS));

/** Of an error, two digits say enough. */
const shortError = (se: Measurement["se"]): z.output<typeof error> =>
  typeof se === "number" ? Number(se.toPrecision(2)) : (se ?? null);

/** Numbers with six significant digits: no decision shows more. */
export const rounded = (value: object): object =>
  JSON.parse(
    JSON.stringify(value, (_, one) =>
      typeof one === "number" && Number.isFinite(one) ? Number(one.toPrecision(DIGITS)) : one,
    ),
  ) as object;
