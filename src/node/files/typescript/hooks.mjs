/**
 * How Node finds and reads TypeScript here: types become spaces, so that lines and columns stay.
 *
 * Both functions serve `registerHooks`, where `next` answers at once, and `register`, where it
 * gives a promise.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtTree, isClone } from "./built-tree.mjs";
import { requiring } from "./required.mjs";
import { keeping } from "./stripped.mjs";

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url)); // ends with a separator
const { version } = require("@swc/wasm-typescript/package.json");
const kept = keeping(join(ROOT, "node_modules", ".whereabouts"), version);
const builtOf = builtTree();
/**
 * Packages that are required, whoever imports them, with the file of theirs for that: a tenth of a
 * command's start. One is a single file of CommonJS, the other a hundred modules, of which each goes
 * through these hooks. What is built for the package imports them.
 */
const REQUIRED = isClone()
  ? { "@tensorflow/tfjs-core/dist/tf-core.node.js": "tf-core.node.js", "zod/index.js": "index.cjs" }
  : {};
const PACKAGE_JSON = { "tf-core.node.js": "../package.json", "index.cjs": "./package.json" };
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
  const found = attempt(specifier, (error) => retry(error, others));
  return typeof found?.then === "function" ? found.then(orBuilt) : orBuilt(found);
}

/** The program is loaded once, whoever imports of it: what was built of a source file is that file. */
function orBuilt(found) {
  const url = found.url?.startsWith("file:") ? builtOf?.(fileURLToPath(found.url)) : undefined;
  return url === undefined ? found : { url, format: "module", shortCircuit: true };
}

const spellings = (specifier) =>
  specifier.endsWith("js")
    ? [specifier.replace(/js$/, "ts")]
    : [`${specifier}.ts`, `${specifier}/index.ts`, `${specifier}.js`];

export function load(url, context, next) {
  const isImported = !context.conditions?.includes("require"); // in one thread, what is required comes here too
  const file = isImported ? REQUIRED[/\/node_modules\/(.*)$/.exec(url ?? "")?.[1]] : undefined;
  if (file !== undefined) return { format: "module", source: required(url, file), shortCircuit: true };
  const format = formatOf(url);
  if (format === undefined) return next(url, context);
  const filename = fileURLToPath(url);
  const source = readFileSync(filename, "utf8");
  const code = filename.startsWith(ROOT)
    ? kept(`${filename.slice(ROOT.length)}.js`, source, () =>
        stripped(source, filename, format, "strip-only"),
      )
    : stripped(source, filename, format, "transform"); // a user's may have enums, and imports of types
  return { format, source: code, shortCircuit: true };
}

/** Kept, for to know its names the package must be loaded. */
function required(url, file) {
  const folder = dirname(fileURLToPath(url));
  const { version } = require(join(folder, PACKAGE_JSON[file]));
  return kept(`names-of-${file}.js`, `${url} ${version}`, () =>
    requiring(`./${file}`, require(join(folder, file))),
  );
}

/** The wasm module takes a fifth of a second to start: only where something is not kept. */
function stripped(source, filename, format, mode) {
  const { transformSync } = require("@swc/wasm-typescript");
  return transformSync(source, { filename, module: format === "module", mode }).code;
}

function formatOf(url) {
  if (!url?.startsWith("file:")) return undefined;
  return FORMATS[/\.[mc]?ts$/.exec(fileURLToPath(url))?.[0]];
}
