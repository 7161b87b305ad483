/** Folders are made in one place, which ends where the system makes none. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { requireNewFolder, writeDirectory } from "../../../src/node/files/durable.ts";
import { acquireLock } from "../../../src/node/files/lock.ts";
import { makeFolder } from "../../../src/node/files/make-folder.mjs";
import { claimDirectory } from "../../../src/node/jobs/sweep/directory.ts";
import { requirePageFile } from "../../../src/node/report/page-file.ts";
import { saveMeasurements } from "../../../src/node/run/measurements.ts";

const ROOT = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "folders-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]) => join(folder, ...parts);

test("all that is missing is made, with the mode that is asked for", () => {
  makeFolder(at("a", "b", "c"), 0o700);
  expect(statSync(at("a", "b", "c")).isDirectory()).toBe(true);
  if (process.platform !== "win32") expect(statSync(at("a", "b")).mode & 0o777).toBe(0o700);
  makeFolder(at("a", "b", "c")); // one that is there is left as it is
  expect(existsSync(at("a", "b", "c"))).toBe(true);
});

test("a file, or a link to nothing, is no folder, nor is what lies below it", () => {
  writeFileSync(at("file"), "");
  symlinkSync(at("nowhere"), at("link"));
  expect(() => makeFolder(at("file"))).toThrow(/EEXIST/);
  expect(() => makeFolder(at("file", "below"))).toThrow(/ENOTDIR/);
  expect(() => makeFolder(at("link", "below"))).toThrow(/EEXIST|ENOENT/);
});

/** Below it Node's own `recursive` never ends. */
const NOWHERE = "/proc/whereabouts/deeper";

describe.runIf(process.platform === "linux")("where the system makes no folder, it is said", () => {
  test.each<[string, () => unknown]>([
    ["a run's lock", () => acquireLock(NOWHERE)],
    ["a model", () => writeDirectory(NOWHERE, { file: "" })],
    ["a model that is yet to be made", () => requireNewFolder(NOWHERE)],
    ["a sweep", () => claimDirectory(NOWHERE, { runs: [], probes: [] })],
    ["a page", () => requirePageFile(`${NOWHERE}/page.html`, "probe")],
    ["a page in a folder that is there", () => requirePageFile("/proc/page.html", "probe")],
    ["rows of a probe", () => saveMeasurements(NOWHERE, "order", [])],
  ])("for %s", async (_, make) => {
    const error = await Promise.resolve()
      .then(make)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^\/proc\/.*: no folder can be made there \(ENOENT\); choose/);
  });
});

test("no other file makes folders with those above them", () => {
  const files = ["src", "scripts"].flatMap((part) =>
    readdirSync(join(ROOT, part), { recursive: true, encoding: "utf8" }).map((name) => join(part, name)),
  );
  const code = files.filter((file) => /\.m?[tj]s$/.test(file));
  expect(code.length).toBeGreaterThan(200);
  const isExample = (line: string) => /^\s*\*/.test(line);
  const making = code.filter((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .some((line) => !isExample(line) && /mkdir(Sync)?\([^;]*recursive/.test(line)),
  );
  expect(making).toEqual([]);
});
