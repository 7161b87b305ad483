/**
 * A step whose parts do not belong together is never trained on, nor asked: hashes say so, and the
 * step before is taken.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { SUMS_FILE } from "../../../src/node/files/sums.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { readLog } from "../../../src/node/run/log.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { STEPS, type TinyRuns, tinyRuns } from "./tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
  await runs.train("whole");
});
afterAll(() => runs.remove());

/** What a fault does to a file of the newest step. */
type Fault = (path: string, ofStepBefore: string) => void;
const swap: Fault = (path, before) => copyFileSync(before, path);
const flip: Fault = (path) => {
  const bytes = readFileSync(path);
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
  writeFileSync(path, bytes);
};
const cut: Fault = (path) => writeFileSync(path, readFileSync(path).subarray(0, -100));
const remove: Fault = (path) => rmSync(path);

const FILES = ["model.safetensors", "state.safetensors", "state.json", "tokenizer.json", SUMS_FILE];
const cases = FILES.flatMap((file) =>
  Object.entries({ swap, flip, cut, remove }).map(([fault, make]) => ({ file, fault, make })),
).filter(
  ({ file, fault }) =>
    !(file === "tokenizer.json" && fault === "swap") && !(file === SUMS_FILE && fault === "remove"),
);

const asideOf = (name: string) => readdirSync(runs.at(name)).filter((file) => file.includes(".damaged-"));

describe("a newest step with a damaged part is set aside, and the run ends at the same bits", () => {
  test.each(cases)("$fault: $file", async ({ file, fault, make }) => {
    const name = `${fault}-${file}`;
    runs.copy("whole", name);
    make(runs.at(name, stepName(STEPS), file), runs.at(name, stepName(8), file));
    const { outcome, from, said } = await runs.train(name);
    expect([outcome, from]).toEqual(["finished", 8]);
    const [aside, ...others] = asideOf(name);
    expect(others).toEqual([]);
    expect(said.join()).toContain(`it is set aside as ${aside}`);
    const reason = readFileSync(runs.at(name, aside as string, "why.txt"), "utf8");
    expect(reason).toMatch(/is missing|is not what was saved|is not a list|is cut off|lacks/);
    expect(runs.weights(name)).toBe(runs.weights("whole"));
    expect(readLog(runs.at(name)).map(({ step, loss }) => [step, loss])).toEqual(
      readLog(runs.at("whole")).map(({ step, loss }) => [step, loss]),
    );
  });

  test("several at once: the newest that is whole", async () => {
    runs.copy("whole", "several");
    for (const step of [8, STEPS]) flip(runs.at("several", stepName(step), "model.safetensors"), "");
    expect((await runs.train("several")).from).toBe(4);
    expect(asideOf("several")).toHaveLength(2);
    expect(runs.weights("several")).toBe(runs.weights("whole"));
  });

  test("a step under another's number", async () => {
    runs.copy("whole", "moved");
    rmSync(runs.at("moved", stepName(STEPS)), { recursive: true });
    renameSync(runs.at("moved", stepName(8)), runs.at("moved", stepName(STEPS)));
    const { from, said } = await runs.train("moved");
    expect([from, said[0]]).toEqual([
      4,
      expect.stringContaining("its state.json says step 8; it is set aside"),
    ]);
    expect(runs.weights("moved")).toBe(runs.weights("whole"));
  });
});

describe("a step of an earlier version, which names no hashes", () => {
  const older = (name: string) => {
    runs.copy("whole", name);
    rmSync(runs.at(name, "run.json"));
    for (const step of [4, 8, STEPS]) rmSync(runs.at(name, stepName(step), SUMS_FILE));
    rmSync(runs.at(name, stepName(STEPS)), { recursive: true });
  };

  test("is read, and said so", async () => {
    older("older");
    const { from, said } = await runs.train("older");
    expect([from, said]).toEqual([
      8,
      [expect.stringMatching(/step-000008 is of an earlier version, which kept no hashes/)],
    ]);
    expect(runs.weights("older")).toBe(runs.weights("whole"));
    const { notes, params } = await loadCheckpoint(runs.at("older", stepName(8)));
    disposeTree(params);
    expect(notes).toEqual(said);
  });

  test.each([
    ["that says step 1000 of 12", "state.json", '{"step":1000}'],
    ["whose model is cut off", "model.safetensors", "{"],
  ])("%s is set aside", async (_, file, content) => {
    const name = `older-${file}`;
    older(name);
    writeFileSync(runs.at(name, stepName(8), file), content);
    expect(await runs.train(name)).toMatchObject({ from: 4, outcome: "finished" });
    expect(runs.weights(name)).toBe(runs.weights("whole"));
  });
});

test("a step beyond train.steps is no finished run", async () => {
  runs.copy("whole", "beyond");
  renameSync(runs.at("beyond", stepName(STEPS)), runs.at("beyond", stepName(1000)));
  rmSync(runs.at("beyond", stepName(1000), SUMS_FILE));
  writeFileSync(runs.at("beyond", stepName(1000), "state.json"), '{"step":1000}');
  await expect(runs.train("beyond")).rejects.toThrow(/step-001000: is beyond train\.steps, 12/);
});

test("somebody's folder of a step's name is no step, and stays where it is", async () => {
  runs.copy("whole", "named");
  mkdirSync(runs.at("named", stepName(20)));
  writeFileSync(runs.at("named", stepName(20), "notes.txt"), "mine");
  expect((await runs.train("named")).outcome).toBe("skipped");
  expect(readdirSync(runs.at("named", stepName(20)))).toEqual(["notes.txt"]);
});

describe("a checkpoint that is asked", () => {
  test("is refused with both hashes where a part is another's", async () => {
    runs.copy("whole", "asked");
    swap(
      runs.at("asked", stepName(STEPS), "model.safetensors"),
      runs.at("whole", stepName(4), "model.safetensors"),
    );
    const error = await loadCheckpoint(runs.at("asked", stepName(STEPS))).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /model\.safetensors: is not what was saved \(sha256 [0-9a-f]{12}…, was [0-9a-f]{12}…\); take another step, or delete SHA256SUMS/,
    );
  });

  test("is refused where another run's step was put into its folder", async () => {
    runs.copy("whole", "mixed");
    const config = JSON.parse(readFileSync(runs.at("mixed", "run.json"), "utf8"));
    config.config.seed = 2;
    writeFileSync(runs.at("mixed", "run.json"), JSON.stringify(config));
    await expect(loadCheckpoint(runs.at("mixed"))).rejects.toThrow(
      /was trained by another preset than .*run\.json says/,
    );
  });

  test("is refused where it was put under another's number, whose name its numbers would bear", async () => {
    runs.copy("whole", "renamed");
    rmSync(runs.at("renamed", stepName(STEPS)), { recursive: true });
    renameSync(runs.at("renamed", stepName(8)), runs.at("renamed", stepName(STEPS)));
    await expect(loadCheckpoint(runs.at("renamed", stepName(STEPS)))).rejects.toThrow(
      /its state\.json says step 8; put it back/,
    );
  });

  test("names hashes that sha256sum checks", () => {
    if (process.platform !== "linux") return;
    const cwd = runs.at("whole", stepName(STEPS));
    const text = execFileSync("sha256sum", ["-c", SUMS_FILE], { cwd, encoding: "utf8" });
    expect(text.match(/: OK$/gm)).toHaveLength(readdirSync(cwd).length - 1);
  });
});
