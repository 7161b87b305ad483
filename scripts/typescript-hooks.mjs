/**
 * How Node finds and reads TypeScript here: types become spaces, so that lines and columns stay. It
 * takes a third of a second for all files, and nothing is kept on disk, where others could put code
 * of theirs.
 *
 * Both functions serve `registerHooks`, where `next` answers at once, and `register`, where it
 * gives a promise.
 */
import { readFileSync } from "node:fs";
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/wasm-typescript";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url))) + sep;
const FORMATS = { ".ts": "module", ".mts": "module", ".cts": "commonjs" };

/**
 * A user's file may name its neighbours as TypeScript lets it: without an ending, or with that of
 * JavaScript.
 */
export function resolve(specifier, context, next) {
  const retry = (error, others) => {
    const [other, ...rest] = others;
    if (other === undefined) throw error;
    return attempt(other, () => retry(error, rest));
  };
  const attempt = (name, otherwise) => {
    try {
      const found = next(name, context);
      return typeof found?.then === "function" ? found.catch(otherwise) : found;
    } catch (error) {
      return otherwise(error);
    }
  };
  const others = formatOf(context.parentURL) && /^\.{1,2}\//.test(specifier) ? spellings(specifier) : [];
  return attempt(specifier, (error) => retry(error, others));
}

const spellings = (specifier) =>
  specifier.endsWith("js")
    ? [specifier.replace(/js$/, "ts")]
    : [`${specifier}.ts`, `${specifier}/index.ts`, `${specifier}.js`];

export function load(url, context, next) {
  const format = formatOf(url);
  if (format === undefined) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = transformSync(readFileSync(filename, "utf8"), {
    filename,
    module: format === "module",
    // Ours is erasable; a user's may have enums, and imports of types that do not say so.
    mode: filename.startsWith(ROOT) ? "strip-only" : "transform",
  });
  return { format, source: code, shortCircuit: true };
}

function formatOf(url) {
  if (!url?.startsWith("file:")) return undefined;
  return FORMATS[/\.[mc]?ts$/.exec(fileURLToPath(url))?.[0]];
}
