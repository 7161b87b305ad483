/** Which conditions are compared with which. */
import type { Condition } from "./summaries.ts";

export function pairsOf(
  conditions: readonly Condition[],
  wanted?: string | readonly (readonly [string, string])[],
): [Condition, Condition][] {
  if (wanted === undefined)
    return conditions.flatMap((a, i) => conditions.slice(i + 1).map((b): [Condition, Condition] => [a, b]));
  const named = (name: string) => {
    const found = conditions.find((one) => one.name === name);
    if (found === undefined) throw new TypeError(`decide: no condition is named ${name}`);
    return found;
  };
  if (typeof wanted !== "string") return wanted.map(([a, b]) => [named(a), named(b)]);
  const reference = named(wanted);
  return conditions.filter((one) => one !== reference).map((one) => [one, reference]);
}

/** A policy past L_max stands behind its condition, in parentheses; a control's, if it has one, is the same. */
export function pairsWith(
  conditions: readonly Condition[],
  controls: Readonly<Record<string, string>>,
): [Condition, Condition][] {
  const byName = new Map(conditions.map((one) => [one.name, one]));
  return conditions.flatMap((one): [Condition, Condition][] => {
    const [, base = "", policy = ""] = /^(.*?)( \([^()]*\))?$/.exec(one.name) ?? [];
    const name = controls[base];
    const control = name === undefined ? undefined : (byName.get(`${name}${policy}`) ?? byName.get(name));
    return control === undefined ? [] : [[one, control]];
  });
}
