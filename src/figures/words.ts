/** Words that the sentences of several figures share. */
import { listed } from "./format.ts";

/** A preset as a name, set apart: "none" is one of them. */
export function name(label: string): string {
  return `\`${label}\``;
}

/** The verb for one row or for several. */
export function plural(rows: readonly unknown[], one: string, many: string): string {
  return rows.length === 1 ? one : many;
}

/** "lies between 0.89 nats (none) and 3.10 nats (learned)", or what it is if that is one number. */
export function extremes(
  rows: readonly { readonly label: string; readonly value: number }[],
  write: (value: number) => string,
): string | undefined {
  const sorted = [...rows].sort((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined) return undefined;
  if (write(most.value) === write(least.value)) {
    return `is ${write(most.value)} for ${listed(rows.map((row) => name(row.label)))}`;
  }
  return `lies between ${write(least.value)} (${name(least.label)}) and ${write(most.value)} (${name(most.label)})`;
}
