// @ts-check
/**
 * The program of a clone as JavaScript that Node loads by itself: each source file without its
 * types, its lines where they were.
 *
 *     node_modules/.whereabouts/tree/
 *         src/FOLDER/NAME.mjs     of src/FOLDER/NAME.ts
 *         packages/NAME.mjs       of a package that is required (`required.mjs`)
 *         stamps.mjs              what sources and files looked like when they were made
 *
 * Hooks that make it while it loads (`hooks.mjs`) run in a thread of their own before
 * Node 22.15: asking it for each import took as long as all the rest of a command's start.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isOurs } from "../ours.mjs";
import { requiring } from "./required.mjs";
import { isFolderTrusted, keeping, readKept, writeKept } from "./stripped.mjs";

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
/** Of the rules in `builtFrom`: to be changed with them. */
const RULES = 2;
/** Packages that are required, as `hooks.mjs` says, and the module of each. @type {Record<string, string>} */
const PACKAGES = { zod: "zod.mjs", "@tensorflow/tfjs-core": "tfjs-core.mjs" };

/**
 * Brings the tree up to date.
 *
 * @returns the URL of what is built of a source file; undefined where nothing is: in the package,
 *   which is built already, and where nothing can be kept
 */
export function builtTree(root = ROOT) {
  if (!isClone(root)) return undefined;
  const tree = join(root, "node_modules", ".whereabouts", "tree");
  if (!isFolderTrusted(tree)) return undefined;
  try {
    update(root, tree);
  } catch {
    return undefined; // a full disk, or another user's folder
  }
  /** @param {string} path of a source file */
  return (path) => {
    const name = relative(root, path);
    return isSource(name) ? pathToFileURL(join(tree, builtOf(name))).href : undefined;
  };
}

/** Whether this is no installed package. */
export const isClone = (root = ROOT) =>
  statSync(join(root, "package-lock.json"), { throwIfNoEntry: false }) !== undefined;

/** @param {string} name below the clone's folder */
const isSource = (name) => /^(?:src|scripts)[\\/]/.test(name) && /(?<!\.d)\.ts$/.test(name);

/** @param {string} name */
const builtOf = (name) => name.replace(/\.ts$/, ".mjs");

/**
 * What is new or was changed is made anew.
 *
 * @param {string} root
 * @param {string} tree
 */
function update(root, tree) {
  const version = `${require("@swc/wasm-typescript/package.json").version} ${RULES}`;
  const keep = keeping(tree, version);
  const stamps = join(tree, "stamps.mjs");
  const key = version.replace(/\W/g, "_");
  /** @type {Record<string, readonly [source: string, built: string]>} */
  const before = JSON.parse(readKept(stamps, key) ?? "{}");
  const after = { ...before };
  let isChanged = false;
  for (const { file, path, make } of modules(root, tree)) {
    const built = join(tree, file);
    const stamp = stampOf(path); // before it is read: what is changed meanwhile is made anew next time
    if (before[file]?.[0] === stamp && before[file][1] === ownStampOf(built)) continue;
    const source = readFileSync(path, "utf8");
    keep(file, source, () => make(source));
    const kept = ownStampOf(built);
    if (kept === undefined) throw new Error(`${built} cannot be kept`);
    after[file] = [stamp, kept];
    isChanged = true;
  }
  if (isChanged) writeKept(stamps, key, JSON.stringify(after));
}

/**
 * Files of the tree, each with that of which it is made.
 *
 * @param {string} root
 * @param {string} tree
 * @returns {{ file: string, path: string, make: (source: string) => string }[]}
 */
function modules(root, tree) {
  const built = sources(root).map((name) => ({
    file: builtOf(name),
    path: join(root, name),
    make: (/** @type {string} */ source) =>
      builtFrom(name, source, (path) => relative(join(tree, dirname(name)), join(root, path))),
  }));
  const packages = Object.entries(PACKAGES).map(([specifier, file]) => ({
    file: `packages/${file}`,
    path: join(root, "package-lock.json"), // it names the packages' versions
    make: () => requiring(specifier, require(specifier)),
  }));
  return [...built, ...packages];
}

/**
 * Names of all source files.
 *
 * @param {string} root
 */
function sources(root) {
  /** @type {string[]} */
  const names = [];
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else if (isSource(name)) names.push(name);
    }
  };
  walk("src");
  walk("scripts");
  return names;
}

/**
 * @param {string} path
 * @returns what changes with the file
 */
const stampOf = (path) => stamped(statSync(path));

/** @param {import("node:fs").Stats} stats */
const stamped = ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`;

/**
 * @param {string} path
 * @returns undefined where there is no file, or one that others can change
 */
function ownStampOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && isOurs(stats) ? stamped(stats) : undefined;
}

/**
 * Without types; imports name what is built, and `import.meta.url` is that of the source.
 *
 * @param {string} name
 * @param {string} source
 * @param {(path: string) => string} from the way from the built file to one of the clone
 */
function builtFrom(name, source, from) {
  const { transformSync } = require("@swc/wasm-typescript"); // a fifth of a second: only where something is made
  const { code } = transformSync(source, { filename: name, module: true, mode: "strip-only" });
  /** @param {string} path */
  const address = (path) => from(path).split(sep).join("/");
  const packages = `${"../".repeat(name.split("/").length - 1)}packages`;
  /** @param {string} specifier */
  const built = (specifier) => {
    if (specifier in PACKAGES) return `${packages}/${PACKAGES[specifier]}`;
    if (!/^\.{1,2}\//.test(specifier)) return specifier;
    return specifier.endsWith(".mjs") ? address(join(dirname(name), specifier)) : builtOf(specifier);
  };
  const parts = importsOf(code).map(({ n: specifier, s: start, e: end, d: kind }) => {
    if (kind === IMPORT_META && code.startsWith(".url", end))
      return { start, end: end + ".url".length, text: `new URL("${address(name)}", import.meta.url).href` };
    if (specifier === undefined) return { start, end, text: code.slice(start, end) }; // of a name that is computed
    return { start, end, text: kind === STATIC ? built(specifier) : JSON.stringify(built(specifier)) };
  });
  const between = parts.map(({ start, text }, i) => code.slice(parts[i - 1]?.end ?? 0, start) + text);
  return between.join("") + code.slice(parts.at(-1)?.end ?? 0);
}

/** What es-module-lexer gives as `d` of a static import and of `import.meta`; else the place of an `import()`. */
const STATIC = -1;
const IMPORT_META = -2;

/**
 * In their order. A pattern would take `"import" in options` for one.
 *
 * @param {string} code
 */
function importsOf(code) {
  const { initSync, parse } = require("es-module-lexer");
  initSync();
  return /** @type {import("es-module-lexer").ImportSpecifier[]} */ ([...parse(code)[0]]);
}
