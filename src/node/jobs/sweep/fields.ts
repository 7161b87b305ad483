/** What the runs of a plan were asked, field by field, so that two plans can be told apart in words. */
import { askedOf } from "../../run/names.ts";
import type { SweepPlan } from "./plan.ts";

/** By path, the values that a field has in the runs of a plan: one, or several between which it varies. */
export type Fields = Readonly<Record<string, unknown>>;

/** @returns by path, such as `train.steps`, its value, or a list of them in their order */
export function fieldsOf({ runs }: Pick<SweepPlan, "runs">): Fields {
  const found = new Map<string, Map<string, unknown>>();
  for (const { preset } of runs)
    for (const [path, value] of flat(askedOf(preset), "")) {
      const values = found.get(path) ?? new Map<string, unknown>();
      found.set(path, values.set(JSON.stringify(value), value));
    }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([path, values]) => [path, oneOrAll([...values])]));
}

function oneOrAll(values: readonly [text: string, value: unknown][]): unknown {
  if (values.length === 1) return values[0]?.[1];
  const number = ([, value]: readonly [string, unknown]) => (typeof value === "number" ? value : 0);
  return [...values]
    .sort((a, b) => number(a) - number(b) || (a[0] < b[0] ? -1 : 1))
    .map(([, value]) => value);
}

function flat(value: object, path: string): [path: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, field]): [string, unknown][] => {
    const here = path === "" ? key : `${path}.${key}`;
    if (field === undefined) return [];
    return typeof field === "object" && field !== null && !Array.isArray(field)
      ? flat(field, here)
      : [[here, field]];
  });
}
