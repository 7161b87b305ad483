/** Answers that are kept beside a run's, and where models are not ours to write beside. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { keptAnswers, removeOldest } from "../../../src/node/run/kept-answers.ts";
import { saveMeasurements } from "../../../src/node/run/measurements.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kept-answers-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const rows = (value: number) => [
  { metric: "m", value, unit: "nats", n: 1, se: "exact" as const, at: { layer: 0 } },
];
const asked = (digit: string) => digit.repeat(64);

test("of a model that is no run's are in the user's cache, each under what was asked", async () => {
  const answers = keptAnswers(undefined, false);
  await answers.keep("order", asked("a"), rows(1));
  await answers.keep("order", asked("b"), rows(2));
  expect(await answers.find("order", asked("a"))).toEqual(rows(1));
  expect(await answers.find("order", asked("b"))).toEqual(rows(2));
  expect(await answers.find("length", asked("a"))).toBeUndefined();
  expect(readdirSync(join(folder, "cache", "whereabouts", "probes"))).toHaveLength(2);
});

test("that are damaged, or of another question with the same beginning, are asked again", async () => {
  const answers = keptAnswers(undefined, false);
  await answers.keep("damaged", asked("a"), rows(1));
  const path = join(folder, "cache", "whereabouts", "probes", `damaged-${asked("a").slice(0, 16)}.json`);
  expect(await answers.find("damaged", `${asked("a").slice(0, 63)}b`)).toBeUndefined();
  writeFileSync(path, readFileSync(path, "utf8").replace('"value":1', '"value":9'));
  expect(await answers.find("damaged", asked("a"))).toBeUndefined();
});

test("of a run's steps and variants leave its own rows alone; an answer of a step that became the best is the run's", async () => {
  const run = join(folder, "run");
  mkdirSync(run);
  await saveMeasurements(run, "order", rows(0), asked("0"));
  const [variants, own] = [keptAnswers(run, false), keptAnswers(run, true)];
  await variants.keep("order", asked("1"), rows(1));
  const path = join(run, "probes", "order.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(rows(0));
  expect(await own.find("order", asked("0"))).toEqual(rows(0));
  expect(await own.find("order", asked("1"))).toEqual(rows(1));
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(rows(1));
});

test("what was read longest ago goes first where there is too much", () => {
  const cache = join(folder, "full");
  mkdirSync(cache);
  const path = (digit: string) => join(cache, `order-${digit.repeat(16)}.json`);
  ["1", "2", "3"].forEach((digit, i) => {
    writeFileSync(path(digit), "x".repeat(100));
    utimesSync(path(digit), 1000 + i, 1000 + i);
  });
  utimesSync(path("1"), 2000, 2000);
  writeFileSync(join(cache, "order.json"), "of the run, not counted".repeat(100));
  removeOldest(cache, 250);
  expect(readdirSync(cache)).toEqual([
    `order-${"1".repeat(16)}.json`,
    `order-${"3".repeat(16)}.json`,
    "order.json",
  ]);
});

test("a cache that cannot be written is an error that a caller may tell", async () => {
  writeFileSync(join(folder, "file"), "");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "file"));
  const answers = keptAnswers(undefined, false);
  expect(await answers.find("order", asked("a"))).toBeUndefined();
  await expect(answers.keep("order", asked("a"), rows(1))).rejects.toThrow(InputError);
});
