/**
 * Every export of the two public entries says what it is, and shows how it is used: the examples
 * run. That they have no type errors is in `example-types.test.ts`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { all, FILES, programOf } from "./example-programs.ts";
import { NODE, PURE } from "./public-exports.ts";

const TYPESCRIPT = new URL("../../scripts/typescript.mjs", import.meta.url).href;

let folder: string;
const outcomes: Record<string, Record<string, string>> = {};
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "examples-")));
  for (const [entry, file] of FILES) {
    writeFileSync(join(folder, file), programOf(entry, folder));
    const args = ["--import", TYPESCRIPT, join(folder, file)];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout, stderr).not.toBe("");
    outcomes[entry] = JSON.parse(stdout.trim().split("\n").at(-1) as string);
  }
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
    expect(outcomes[entry]?.[name]).toBe("runs");
  });
});
