/** The encodings as a person reads them in a terminal. */
import type { CatalogueEntry, FieldEntry } from "../../model/catalogue.ts";
import { wrapped } from "./wrap.ts";

const HEAD =
  'Fields stand as --set takes them, with their defaults. Relative: scores depend on differences of positions alone. Positions are defined everywhere unless it is said. Layers may differ: model.position takes a list of one each, or {"pattern":["rope","rope","rope","none"]}, by name or with fields.';

/** An encoding a paragraph: its name and claims, its source, its fields. */
export function encodingsText(entries: readonly CatalogueEntry[]): string {
  return [wrapped(HEAD), ...entries.map(entryText)].join("\n\n");
}

function entryText({ kind, title, source, relative, maxPositions, fields }: CatalogueEntry): string {
  const claims = [
    title,
    ...(relative ? ["relative"] : []),
    ...(maxPositions === null ? [] : [`${maxPositions} positions in the default model`]),
  ];
  return [wrapped(`${kind}  ${claims.join("; ")}`), wrapped(source, "  "), ...fields.flatMap(fieldText)].join(
    "\n",
  );
}

function fieldText({ name, type, default: value, description }: FieldEntry): string[] {
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  return [
    wrapped(
      `model.position.${name}=${shown ?? "…"}  ${type}${shown === undefined ? "; may be left out" : ""}`,
      "  ",
    ),
    ...(description === undefined ? [] : [wrapped(description, "    ")]),
  ];
}
