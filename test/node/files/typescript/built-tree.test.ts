/** The program of a clone as JavaScript: made once, anew where a source changes, and loaded without hooks. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeEach, expect, test } from "vitest";
import { builtTree } from "../../../../src/node/files/typescript/built-tree.mjs";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "built tree #1-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

let root = "";
const source = (name: string) => join(root, name);
const write = (name: string, text: string) => writeFileSync(source(name), text);
/** What a process without hooks prints that imports what is built of `scripts/main.ts`. */
const run = () => {
  const url = builtTree(root)?.(source("scripts/main.ts"));
  return JSON.parse(
    execFileSync(process.execPath, ["-e", `import(${JSON.stringify(url)})`], { encoding: "utf8" }),
  );
};
const builtFile = (name: string) => fileURLToPath(builtTree(root)?.(source(name)) as string);

beforeEach(() => {
  root = mkdtempSync(join(place, "clone-"));
  for (const folder of ["src/node", "scripts", "node_modules"])
    mkdirSync(source(folder), { recursive: true });
  write("package-lock.json", "{}");
  write("src/node/a.ts", "export const a: number = 1;\nexport const here: string = import.meta.url;\n");
  write("src/plain.mjs", "export const plain = import.meta.url;\n");
  write("src/types.d.ts", "export declare const never: number;\n");
  write(
    "scripts/main.ts",
    `import { plain } from "../src/plain.mjs";
import { a, here } from "../src/node/a.ts";
const late: { a: number } = "import" in { import: 1 } ? await import("../src/node/a.ts") : (undefined as never);
console.log(JSON.stringify({ a, here, plain, isOne: late.a === a, line: new Error().stack?.split("main.mjs:")[1]?.split(":")[0] }));
`,
  );
});

test("modules are what they are in the sources: their URLs, their lines, one instance of each", () => {
  expect(run()).toEqual({
    a: 1,
    here: pathToFileURL(source("src/node/a.ts")).href,
    plain: pathToFileURL(source("src/plain.mjs")).href,
    isOne: true,
    line: "4",
  });
});

test("what is built is left as it is until its source changes", () => {
  run();
  const [main, a] = [builtFile("scripts/main.ts"), builtFile("src/node/a.ts")];
  const before = [main, a].map((path) => statSync(path).ino);
  write("src/node/a.ts", "export const a: number = 2;\nexport const here: string = import.meta.url;\n"); // as long
  expect(run().a).toBe(2);
  expect(statSync(main).ino).toBe(before[0]);
  expect(statSync(a).ino).not.toBe(before[1]);
});

test.each([
  ["cut short", (path: string) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 20))],
  ["missing", (path: string) => rmSync(path)],
])("a built file that is %s is made anew", (_, spoil) => {
  run();
  spoil(builtFile("src/node/a.ts"));
  expect(run().a).toBe(1);
});

test.skipIf(process.getuid === undefined)("a built file that others can write is not run", () => {
  run();
  const path = builtFile("src/node/a.ts");
  const text = readFileSync(path, "utf8").replace("= 1", "= 3");
  rmSync(path);
  writeFileSync(path, text);
  chmodSync(path, 0o666);
  expect(run().a).toBe(1);
  chmodSync(join(root, "node_modules", ".whereabouts", "tree"), 0o777);
  expect(builtTree(root)).toBeUndefined();
});

test("nothing is built of what is no source, and nothing without a clone", () => {
  run();
  const built = builtTree(root);
  expect(built?.(source("src/types.d.ts"))).toBeUndefined();
  expect(built?.(join(place, "mine.ts"))).toBeUndefined();
  rmSync(source("package-lock.json"));
  expect(builtTree(root)).toBeUndefined();
});

test("sources ask no more of import.meta than its URL, which the tree keeps", () => {
  const others = ["src", "scripts"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.d)\.ts$/.test(name))
      .filter((name) => /import\.meta\.(?!url\b)/.test(readFileSync(join(ROOT, folder, name), "utf8"))),
  );
  expect(others).toEqual([]);
});
