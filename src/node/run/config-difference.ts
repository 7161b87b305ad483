/** Where two configurations differ, for a person. */

/** More are counted, not listed. */
const MOST = 4;
const MOST_LETTERS = 60;

/**
 * "train.steps is 6 there and 8 here, seed is 1 there and 2 here": the fields that differ, by their
 * paths.
 */
export function differenceText(there: unknown, here: unknown): string {
  const all = differences(there, here, "");
  const rest = all.length > MOST ? `, and ${all.length - MOST} more fields differ` : "";
  return all.slice(0, MOST).join(", ") + rest;
}

function differences(there: unknown, here: unknown, path: string): string[] {
  if (isObject(there) && isObject(here)) {
    const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
    return names.flatMap((name) =>
      differences(there[name], here[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return shown(there) === shown(here) ? [] : [`${path} is ${brief(there)} there and ${brief(here)} here`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown) => JSON.stringify(value) ?? "not set";

function brief(value: unknown): string {
  const text = shown(value);
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
