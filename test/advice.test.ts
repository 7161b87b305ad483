/** What any text of the repository tells a reader to run is there: npm scripts and presets. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const presets = readdirSync(join(ROOT, "models"));
const texts = ["src", "scripts", "models", "data", ""].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== "", encoding: "utf8" })
    .filter((path) => /\.(ts|mjs|md|py)$/.test(path))
    .map((path) => join(folder, path)),
);

test("every text names npm scripts and presets that exist", () => {
  const missing = texts.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const named = (pattern: RegExp, known: readonly string[]) =>
      [...text.matchAll(pattern)].map(([, name = ""]) => name).filter((name) => !known.includes(name));
    return [
      ...named(/\bnpm run (?:-s )?([a-z][\w-]*)/g, Object.keys(scripts)),
      ...named(/\bmodels\/([\w-]+\.json)/g, presets),
    ].map((name) => `${path}: ${name}`);
  });
  expect(texts.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
