/** Every export of the two public entries says what it is, and shows how it is used: the examples run. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportsOf, NODE, PURE } from "./public-exports.ts";

const TYPESCRIPT = new URL("../../scripts/typescript.mjs", import.meta.url).href;
const urlOf = (entry: string) => new URL(`../../${entry}`, import.meta.url).href;
const all = [...exportsOf(PURE), ...exportsOf(NODE)];
const values = all.filter(({ isType }) => !isType);

let folder: string;
let outcomes: Record<string, string>;

/** One program for all examples: a process and an engine are started once. Those of Node's entry have its exports before the pure ones. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "examples-"));
  const namesOf = (entry: string) =>
    all.filter((one) => one.entry === entry && !one.isType).map(({ name }) => name);
  const members = ["save", "load", "loadState"]; // of `checkpoints`
  const ofNode = new Set([...namesOf(NODE).filter((name) => !members.includes(name)), "checkpoints"]);
  const scopes = [PURE, NODE].map((entry) => {
    const names = [...new Set([...namesOf(PURE), "tf", "z", ...(entry === NODE ? ofNode : [])])];
    const from = (name: string) => (entry === NODE && ofNode.has(name) ? "node" : "pure");
    const bindings = names.map((name) => `const ${name} = ${from(name)}.${name};`);
    const examples = values.filter((one) => one.entry === entry && one.example !== undefined);
    const functions = examples.map(
      ({ name, example }) => `await attempt("${entry} ${name}", async () => {\n${example}\n});`,
    );
    return `{\n${bindings.join("\n")}\n${functions.join("\n")}\n}`;
  });
  const program = `import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pure from "${urlOf(PURE)}";
import * as node from "${urlOf(NODE)}";
const folder = ${JSON.stringify(folder)};
const outcomes = {};
async function attempt(name, example) {
  outcomes[name] = await example().then(() => "runs", (error) => String(error.stack));
}
await pure.startEngine("cpu");
${scopes.join("\n")}
console.log(JSON.stringify(outcomes));`;
  writeFileSync(join(folder, "examples.ts"), program);
  const args = ["--import", TYPESCRIPT, join(folder, "examples.ts")];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  outcomes = JSON.parse(stdout.trim().split("\n").at(-1) as string);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([PURE, NODE])("%s", (entry) => {
  const own = all.filter((one) => one.entry === entry);

  test("every export has TSDoc", () => {
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter(({ doc }) => doc === undefined).map(({ name }) => name)).toEqual([]);
  });

  test.each(own.filter(({ isType }) => !isType))("the example of $name runs", ({ name, example }) => {
    expect(example, "has no @example").toBeDefined();
    expect(outcomes[`${entry} ${name}`]).toBe("runs");
  });
});
