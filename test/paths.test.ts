/** Paths that come from URLs: a clone may lie where a path holds a space, `#`, `%` or `?`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const TYPESCRIPT = new URL("../scripts/typescript.mjs", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "paths-"));
afterAll(() => rmSync(folder, { recursive: true }));

const files = ["src", "scripts", "test"].flatMap((part) =>
  readdirSync(join(ROOT, part), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?[tj]s$/.test(name))
    .map((name) => join(part, name)),
);

test("no file takes a URL's pathname for a path: fileURLToPath undoes its escapes", () => {
  expect(files.length).toBeGreaterThan(300);
  const property = ["path", "name"].join("");
  const taken = new RegExp(`[.?]${property}\\b|\\{[^}]*\\b${property}\\b[^}]*\\} = new URL`);
  expect(files.filter((file) => taken.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
});

test("what lies in the common temporary folder has a random name, so that nobody can have made it before", () => {
  const uses = files
    .filter((file) => !file.startsWith("test"))
    .flatMap((file) => readFileSync(join(ROOT, file), "utf8").match(/^.*tmpdir\(\).*$/gm) ?? []);
  expect(uses.length).toBeGreaterThan(3);
  expect(uses.filter((line) => !/mkdtempSync\(join\(tmpdir\(\), "[\w-]+-"\)\)/.test(line))).toEqual([]);
});

test("TypeScript runs at any path, with enums, imports of types, and neighbours named as TypeScript lets them be", () => {
  const place = join(folder, "a b#c%41?d");
  mkdirSync(join(place, "inner"), { recursive: true });
  writeFileSync(
    join(place, "part.ts"),
    "export interface Shape { n: number }\nexport const part: number = 1;\n",
  );
  writeFileSync(join(place, "inner", "index.ts"), "export const inner = 2 as const;\n");
  writeFileSync(
    join(place, "main.ts"),
    'import { part, Shape } from "./part";\nimport { part as same } from "./part.js";\nimport { inner } from "./inner";\n' +
      "enum Kind { A = 3 }\nconst shape: Shape = { n: Kind.A };\nconsole.log(part, same, inner, shape.n, import.meta.url);\n",
  );
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", TYPESCRIPT, join(place, "main.ts")], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^1 1 2 3 file:\/\/.*a%20b%23c%2541%3Fd\/main\.ts\n$/);
});
