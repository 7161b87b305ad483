/** The project's own TypeScript, stripped once and kept where nobody else could have put it. */
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { keeping } from "../../../../src/node/files/typescript/stripped.mjs";

const place = mkdtempSync(join(tmpdir(), "stripped-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const SOURCE = "export const n: number = 1;";
const CODE = "export const n         = 1;";
let folder = "";
let made = 0;
const make = () => {
  made++;
  return CODE;
};
const ask = (version = "1", source = SOURCE) => keeping(folder, version)("src/a.ts.js", source, make);
const path = () => join(folder, "src", "a.ts.js");

beforeEach(() => {
  folder = join(mkdtempSync(join(place, "case-")), ".whereabouts");
  made = 0;
  expect(ask()).toBe(CODE);
  expect(made).toBe(1);
});

test("code is made once, and anew for another source or another version of what makes it", () => {
  expect(ask()).toBe(CODE);
  expect(made).toBe(1);
  ask("1", `${SOURCE} `);
  ask("2", `${SOURCE} `);
  expect(made).toBe(3);
  expect(readdirSync(join(folder, "src"))).toEqual(["a.ts.js"]);
});

test.each([
  ["changed", (text: string) => text.replace("1;", "2;")],
  ["cut short", (text: string) => text.slice(0, -1)],
  ["empty", () => ""],
])("kept code that was %s is made anew", (_, change) => {
  writeFileSync(path(), change(readFileSync(path(), "utf8")));
  expect(ask()).toBe(CODE);
  expect(made).toBe(2);
  ask();
  expect(made).toBe(2);
});

test.skipIf(process.getuid === undefined).each([
  ["a file that others can write", () => chmodSync(path(), 0o666)],
  ["a folder that others can write", () => chmodSync(folder, 0o777)],
])("%s is not read", (_, open) => {
  open();
  ask();
  expect(made).toBe(2);
});

test.skipIf(process.getuid?.() !== 0)("another user's file is not read", () => {
  chownSync(path(), 12345, 12345);
  ask();
  expect(made).toBe(2);
});

test("where nothing can be kept, each process makes its own", () => {
  folder = join(path(), "below-a-file");
  expect(ask()).toBe(CODE);
  expect(made).toBe(2);
});
