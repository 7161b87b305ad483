import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readPreset } from "../../../src/node/run/preset.ts";
import { runMeant } from "../../../src/node/run/suggest.ts";

const folder = mkdtempSync(join(tmpdir(), "suggest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (path: string) => {
  try {
    readPreset(path);
    return "was read";
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ["rope", "models/rope.json"],
  ["rope.json", "models/rope.json"],
  ["models/rope", "models/rope.json"],
  ["models/roep.json", "models/rope.json"],
  ["Rope", "models/rope.json"],
  ["sinusodial", "models/sinusoidal.json"],
  ["transformerxl", "models/transformer-xl.json"],
])("the preset %j is offered as %j, which can be read", (given, meant) => {
  expect(refusal(given)).toMatch(new RegExp(`; did you mean ${meant.replace(".", "\\.")}\\?$`));
  expect(refusal(meant)).toBe("was read");
});

test("a path that comes close to none is offered none", () => {
  expect(refusal("nothing/like/it.json")).toMatch(/cannot be read \(ENOENT\); check the path$/);
});

test("a run is offered by the beginning of its name, or by what comes close", () => {
  for (const name of ["rope-who-s1-3f9c2a", "learned-who-s1-aaaaaa"]) mkdirSync(join(folder, name));
  expect(runMeant("rope", folder)).toBe(`; did you mean ${join(folder, "rope-who-s1-3f9c2a")}?`);
  expect(runMeant("x/rope-who-s1-3f9c2b", folder)).toBe(
    `; did you mean ${join(folder, "rope-who-s1-3f9c2a")}?`,
  );
  expect(runMeant("banana", folder)).toBe("");
});
