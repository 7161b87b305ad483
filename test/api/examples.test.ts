/**
 * Every export of the two public entries says what it is, and shows how it is used: the examples
 * are type-checked, and run.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportsOf, NODE, PURE } from "./public-exports.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TYPESCRIPT = new URL("../../scripts/typescript.mjs", import.meta.url).href;
const all = [...exportsOf(PURE), ...exportsOf(NODE)];
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
function programOf(entry: string, folder: string): string {
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

let folder: string;
const outcomes: Record<string, Record<string, string>> = {};
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "examples-")));
  for (const [entry, file] of [[PURE, "pure.ts"] as const, [NODE, "node.ts"] as const]) {
    writeFileSync(join(folder, file), programOf(entry, folder));
    const args = ["--import", TYPESCRIPT, join(folder, file)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout, stderr).not.toBe("");
    outcomes[entry] = JSON.parse(stdout.trim().split("\n").at(-1) as string);
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("the examples have no type errors", () => {
  const own = { noEmit: true, typeRoots: [join(ROOT, "node_modules", "@types")] };
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions: own, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  expect(stdout).toBe("");
});

describe.each([PURE, NODE])("%s", (entry) => {
  const own = all.filter((one) => one.entry === entry);

  test("every export has TSDoc", () => {
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter(({ doc }) => doc === undefined).map(({ name }) => name)).toEqual([]);
  });

  test.each(own.filter(({ isType }) => !isType))("the example of $name runs", ({ name, example }) => {
    expect(example, "has no @example").toBeDefined();
    expect(outcomes[entry]?.[name]).toBe("runs");
  });
});
