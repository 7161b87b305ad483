/** The examples of the public entries as programs. */
import { join, relative } from "node:path";
import { exportsOf, NODE, PURE } from "./public-exports.ts";

export const ROOT = join(import.meta.dirname, "..", "..");
/** What the entries export. */
export const all = [...exportsOf(PURE), ...exportsOf(NODE)];
/** Of `checkpoints`. */
const MEMBERS = ["save", "load", "loadState"];

/** What examples of an entry may name: those of Node's entry have its exports before the pure ones. */
function importsOf(entry: string, folder: string): string {
  const names = (of: string) => all.filter((one) => one.entry === of && !one.isType).map(({ name }) => name);
  const node = [...names(NODE).filter((name) => !MEMBERS.includes(name)), "checkpoints"];
  const pure = [...names(PURE), "tf", "z"].filter((name) => entry === PURE || !node.includes(name));
  const path = (of: string) => relative(folder, join(ROOT, of)).replaceAll("\\", "/");
  return [
    'import assert from "node:assert/strict";',
    'import { mkdirSync, writeFileSync } from "node:fs";',
    'import { join } from "node:path";',
    `import { ${pure.join(", ")} } from "${path(PURE)}";`,
    ...(entry === NODE ? [`import { ${node.join(", ")} } from "${path(NODE)}";`] : []),
  ].join("\n");
}

/** A program that runs the examples of an entry in turn, in one process, and prints how each ended. */
export function programOf(entry: string, folder: string): string {
  const examples = all.filter((one) => one.entry === entry && one.example !== undefined);
  return `${importsOf(entry, folder)}
const folder = ${JSON.stringify(folder)};
const outcomes: Record<string, string> = {};
const attempt = async (name: string, example: () => Promise<void>) => {
  outcomes[name] = await example().then(() => "runs", (error) => String(error.stack));
};
await startEngine("cpu");
${examples.map(({ name, example }) => `await attempt("${name}", async () => {\n${example}\n});`).join("\n")}
console.log(JSON.stringify(outcomes));\n`;
}

/** The file of each entry's program. */
export const FILES = [
  [PURE, "pure.ts"],
  [NODE, "node.ts"],
] as const;
