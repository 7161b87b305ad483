/** The playground's build empties its folder: only one that holds nothing else. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildPlayground } from "../../scripts/playground/build.ts";
import { requireOwnFolder } from "../../scripts/playground/own-folder.ts";
import { InputError } from "../../src/errors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text = "") => writeFileSync(join(folder, name), text);
const PAGE = "<title>whereabouts: what does a transformer know about where?</title>";

test("a folder that is missing, empty, or holds a page that was built may be emptied", () => {
  requireOwnFolder(join(folder, "missing"));
  requireOwnFolder(folder);
  for (const name of ["assets", "engine", "models"]) mkdirSync(join(folder, name));
  write("index.html", PAGE);
  requireOwnFolder(folder);
});

test.each([
  ["a page of another's", "index.html", "<title>My site</title>"],
  ["files beside no page", "thesis.tex", ""],
])("%s is kept, and the build says so before it does anything", async (_, name, text) => {
  write(name, text);
  const built = buildPlayground({ models: "no-models", out: folder });
  await expect(built).rejects.toThrow(InputError);
  await expect(built).rejects.toThrow(`holds what this command has not built (${name})`);
  expect(readdirSync(folder)).toEqual([name]);
});

test("a file beside a page that was built is kept, and so is a file in the folder's place", () => {
  write("index.html", PAGE);
  write("notes.txt");
  expect(() => requireOwnFolder(folder)).toThrow(/\(notes\.txt\).*give another --out, or an empty folder/);
  expect(() => requireOwnFolder(join(folder, "notes.txt"))).toThrow(/is no folder; give another --out/);
});
