/**
 * Keys that begin otherwise than the architecture's: as of a model inside another module
 * (`model.transformer.h.0.…`), or of a class that names its body otherwise (`model.h.0.…`).
 */
import { quoted } from "../strict-json.ts";
import { type Architecture, storedName, withoutPrefix } from "./architecture.ts";
import type { Sources } from "./ties.ts";

/**
 * The names that the keys of a file are taken for.
 *
 * @param keys of the file
 * @param table the architecture's name of the table of tokens, which tells how keys begin
 */
export function sourcesOf(
  architecture: Architecture,
  keys: readonly string[],
  table: string,
  where: string,
): { readonly sources: Sources; readonly notes: readonly string[] } {
  const own = named(keys, (key) => key);
  if (storedName(architecture, table, own) !== undefined) return { sources: own, notes: [] };
  const bare = withoutPrefix(architecture, table);
  const [found, ...others] = keys.filter((key) => key.endsWith(`.${bare}`));
  if (found === undefined || others.length > 0) return { sources: own, notes: [] };
  const beginning = found.slice(0, -bare.length);
  const { prefix } = architecture;
  const inside = beginning.endsWith(prefix);
  const from = inside ? beginning.slice(0, beginning.length - prefix.length) : beginning;
  const to = inside ? "" : prefix;
  const sources = named(keys, (key) => (key.startsWith(from) ? to + key.slice(from.length) : key));
  if (Object.keys(sources).length < keys.length) return { sources: own, notes: [] }; // two would be one
  const usual = prefix === "" ? "have no prefix" : `begin with ${quoted(prefix)}`;
  return {
    sources,
    notes: [
      `${where}: keys begin with ${quoted(beginning)} where ${architecture.title}'s ${usual}; read as those`,
    ],
  };
}

function named(keys: readonly string[], nameOf: (key: string) => string): Sources {
  const sources: Sources = Object.create(null);
  for (const key of keys) sources[nameOf(key)] = key;
  return sources;
}
