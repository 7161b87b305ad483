/** What an own encoding's file may export, and what is said of one that cannot be used. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
let child: ChildProcess;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "own-encoding-"));
  // A process, for the test runner replaces the import of a file by its own.
  child = fork(new URL("children/load-own.ts", import.meta.url), {
    execArgv: ["--import", new URL("../../scripts/typescript.mjs", import.meta.url).href],
  });
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

let files = 0;

/** "loaded", or the error, of a file with this text. */
async function outcomeOf(text: string): Promise<string> {
  const file = join(folder, `file-${files++}.ts`);
  writeFileSync(file, text);
  const answer = once(child, "message");
  child.send(file);
  return String((await answer)[0]);
}

const definition = (fields: string) =>
  `import { defineEncoding, z } from "whereabouts"; export default { kind: "mine", title: "Mine", source: "", relative: true,
   config: z.strictObject({}), create: () => ({}), ${fields} };`;
const cases: Record<string, readonly [string, RegExp]> = {
  "it is not TypeScript": ["export default {", /cannot be run \(.*\); mend the file$/s],
  "it exports nothing": ["export {};", /exports no encoding; write export default defineEncoding/],
  "it exports two": [
    "export const a = { kind: 'a', create() {} }; export const b = { kind: 'b', create() {} };",
    /exports 2 encodings \(a, b\); make one of them the default export$/,
  ],
  "a listed name": [definition('kind: "learned"'), /default export: kind: is the name of a listed encoding/],
  "a name with spaces": [definition('kind: "my own"'), /kind: lower-case letters, digits and '-' only/],
  "config is no schema": [definition("config: {}"), /config: must be a zod object, such as z\.strictObject/],
  "create is no function": [definition("create: 3"), /create: must be a function$/],
  "create throws": [
    definition('create() { throw new Error("oh"); }'),
    /create failed \(Error: oh\); mend the file$/,
  ],
  "an unknown seam": [
    definition("create: () => ({ rotate() {} })"),
    /what create returns: rotate is not a field; known here: .*bias/,
  ],
  "a shape that is none": [
    definition("create: () => ({ params: { w: { shape: [2.5], init: () => 0 } } })"),
    /what create returns: params\.w\.shape\.0: /,
  ],
};

test.each(Object.entries(cases))("%s: an InputError", async (_title, [text, message]) => {
  const outcome = await outcomeOf(text);
  expect(outcome).toMatch(/^InputError: --encoding: .*file-\d+\.ts/);
  expect(outcome).toMatch(message);
});

test.each([
  ["the default export", definition("")],
  ["the only export", definition("").replace("export default", "export const mine =")],
  ["beside other exports", `${definition("")} export const SIZE = 3; export const sizes = { SIZE };`],
])("%s loads", async (_title, text) => {
  expect(await outcomeOf(text)).toBe("loaded");
});
