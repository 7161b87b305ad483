/** Packages of others: each is pinned by the hash of what is installed, wherever it comes from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WEBGPU_PACKAGES } from "../src/engine/webgpu.ts";

const ROOT = join(import.meta.dirname, "..");

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
}

test.each([
  ["package-lock.json", 200],
  ["test/package/tools/package-lock.json", 50],
  ["scripts/docs/typedoc/package-lock.json", 15],
])("%s has the hash of every package, those of other platforms too, and names no host", (path, fewest) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, path), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const locked = Object.entries(packages).filter(([name]) => name !== "");
  expect(locked.length).toBeGreaterThan(fewest);
  const unpinned = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
  expect(unpinned.map(([name]) => name)).toEqual([]);
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test("so have the packages of webgpu, which are in no lock file", () => {
  for (const [spec, integrity] of Object.entries(WEBGPU_PACKAGES)) {
    expect(spec).toMatch(/@\d+\.\d+\.\d+$/);
    expect(integrity, spec).toMatch(/^sha512-[\w+/]{86}==$/);
  }
});

test("and the Python packages of the peers, with all that they need", () => {
  const text = (name: string) => readFileSync(join(ROOT, "scripts", "peers", name), "utf8");
  const requirements = text("requirements.txt")
    .replace(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .trim();
  const lines = requirements.split("\n");
  const unpinned = lines.filter((line) => !/^[\w.-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}/.test(line));
  expect(unpinned).toEqual([]);
  const names = lines.map((line) => line.split(" ")[0]);
  expect(names).toEqual(expect.arrayContaining(text("requirements.in").trim().split("\n")));
});
