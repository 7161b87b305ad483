/** Which steps stay on the disk, and that pruning removes nothing that the run did not write. */
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStaging } from "../../../src/node/files/staging.ts";
import { SUMS_FILE } from "../../../src/node/files/sums.ts";
import { bestStep, stepName } from "../../../src/node/run/directory.ts";
import { pruneSteps } from "../../../src/node/run/keep.ts";
import { appendLog } from "../../../src/node/run/log.ts";
import { configHash } from "../../../src/node/run/names.ts";
import { resolveCheckpoint } from "../../../src/node/run/resolve.ts";
import { listed } from "../../../src/train/preset.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "./tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
  await runs.train("all", preset("all"));
});
afterAll(() => runs.remove());

const preset = (keep: string, ...more: string[]) =>
  tinyPreset(`train.keep=${keep}`, "train.saveEvery=2", "train.evalEvery=2", ...more);

describe("train.keep", () => {
  test("is no part of what identifies a run", () => {
    expect(configHash(preset("last"))).toBe(configHash(preset("all")));
    expect(configHash({ train: { steps: 1 } })).toBe(configHash({ train: { steps: 1, keep: "all" } }));
  });

  test.each([
    ["all", () => [2, 4, 6, 8, 10, 12]],
    ["last", () => [12]],
    ["best", (best: number) => [...new Set([best, 12])]],
    ["powers", (best: number) => [...new Set([2, 4, 8, best, 12])].sort((a, b) => a - b)],
  ])("%s", async (keep, kept) => {
    const best = bestStep(runs.at("all"))?.step as number;
    await runs.train(`keep-${keep}`, preset(keep));
    expect(runs.steps(`keep-${keep}`)).toEqual(kept(best));
    expect(runs.weights(`keep-${keep}`)).toBe(runs.weights("all"));
    if (keep !== "last") expect(resolveCheckpoint(runs.at(`keep-${keep}`)).step).toBe(best);
    expect(readdirSync(runs.at(`keep-${keep}`)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("best keeps one that is not the last", async () => {
    await runs.train("rising", preset("all"));
    appendLog(runs.at("rising"), { step: 4, split: "validation", loss: 0 });
    await pruneSteps(runs.at("rising"), preset("best"), listed, () => {});
    expect(runs.steps("rising")).toEqual([4, 12]);
  });

  test.each([3, 5, 10])("a run stopped at step %i that keeps the last ends at the same bits", async (at) => {
    const name = `stopped-${at}`;
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === at && controller.abort();
    await runs.train(name, preset("last"), { signal: controller.signal, onStep });
    expect(runs.steps(name)).toEqual([at]);
    await runs.train(name, preset("best"));
    expect(runs.weights(name)).toBe(runs.weights("all"));
  });
});

describe("what the run did not write stays", () => {
  const pruned = async (name: string, change: (step: string) => void) => {
    runs.copy("all", name);
    change(runs.at(name, stepName(4)));
    await pruneSteps(runs.at(name), preset("last"), listed, () => {});
    return runs.steps(name);
  };

  test("a step with somebody's notes", async () => {
    expect(await pruned("notes", (step) => writeFileSync(`${step}/notes.txt`, "good"))).toEqual([4, 12]);
  });

  test("a step of an earlier version", async () => {
    expect(await pruned("older", (step) => rmSync(`${step}/${SUMS_FILE}`))).toEqual([4, 12]);
  });

  test("steps of another preset", async () => {
    runs.copy("all", "other");
    await pruneSteps(runs.at("other"), preset("last", "seed=2"), listed, () => {});
    expect(runs.steps("other")).toEqual([2, 4, 6, 8, 10, 12]);
  });
});

describe("a crash", () => {
  test("between a save and the removal of what it supersedes: the next start removes it", async () => {
    runs.copy("all", "superseded");
    rmSync(runs.at("superseded", stepName(12)), { recursive: true });
    await runs.train("superseded", preset("last"));
    expect(runs.steps("superseded")).toEqual([12]);
    expect(runs.weights("superseded")).toBe(runs.weights("all"));
  });

  test("within a removal leaves no half of a step, and the next start removes the rest", async () => {
    runs.copy("all", "half");
    rmSync(runs.at("half", stepName(12)), { recursive: true });
    const { path } = await openStaging(runs.at("half", stepName(4)));
    renameSync(runs.at("half", stepName(4)), path);
    rmSync(`${path}/model.safetensors`);
    expect(runs.steps("half")).toEqual([2, 6, 8, 10]);
    await runs.train("half", preset("best"));
    expect(readdirSync(runs.at("half")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(runs.weights("half")).toBe(runs.weights("all"));
  });
});
