/** What somebody else put beside a run, or in its place, is never deleted, overwritten or added to. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { isStaging, openStaging } from "../../../src/node/files/staging.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { saveMeasurements } from "../../../src/node/run/measurements.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "./tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
  await runs.train("run");
});
afterAll(() => runs.remove());

function write(path: string, content = "mine"): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

describe("a folder that is no run is refused as it is", () => {
  test.each<[string, string[]]>([
    ["a folder of notes", ["thesis.tex", "figure.tmp"]],
    ["somebody's staging", ["step-000004.tmp/model.safetensors", "draft.0123456789abcdef.tmp/x"]],
    ["a log without a run", ["log.jsonl"]],
    ["probes without a run", ["probes/order.json"]],
  ])("%s", async (title, files) => {
    const dir = runs.at(title.replaceAll(/\W/g, "-"));
    for (const file of files) write(`${dir}/${file}`);
    const before = readdirSync(dir, { recursive: true }).sort();
    const error = await runs.train(title.replaceAll(/\W/g, "-")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(
      `${dir}: is not empty and holds no run (${readdirSync(dir).sort()[0]}`,
    );
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(before);
    for (const file of files) expect(readFileSync(`${dir}/${file}`, "utf8")).toBe("mine");
  });

  test("but for hidden files, and what a run left that was killed at once", async () => {
    write(runs.at("mounted", ".DS_Store"));
    mkdirSync(runs.at("mounted", "lost+found"));
    await openStaging(runs.at("mounted", "run.json"));
    write(runs.at("mounted", "lock-999999-0123456789abcdef.json"), "");
    expect((await runs.train("mounted")).outcome).toBe("finished");
    expect(readdirSync(runs.at("mounted")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(existsSync(runs.at("mounted", ".DS_Store"))).toBe(true);
  });
});

describe("in a run's folder", () => {
  test("somebody's files and folders that end in .tmp outlive a run that goes on", async () => {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 6 && controller.abort();
    await runs.train("shared", tinyPreset(), { signal: controller.signal, onStep });
    const mine = ["notes.tmp", "step-000008.tmp/mine", "old.0123456789abcdef.tmp/mine"];
    for (const file of mine) write(runs.at("shared", file));
    const left = await openStaging(runs.at("shared", "step-000008"));
    mkdirSync(left.path);
    write(`${left.path}/model.safetensors`);
    await runs.train("shared");
    for (const file of mine) expect(readFileSync(runs.at("shared", file), "utf8")).toBe("mine");
    expect(existsSync(dirname(left.path))).toBe(false);
  });

  test("a file of a probe's name that no probe wrote is not replaced", async () => {
    const path = runs.at("run", "probes", "order.json");
    write(path, '{"my":"order"}');
    const rows = [{ metric: "m", value: 1, unit: "nats", n: 1, at: {} }];
    await expect(saveMeasurements(runs.at("run"), "order", rows)).rejects.toThrow(InputError);
    expect(readFileSync(path, "utf8")).toBe('{"my":"order"}');
    for (let time = 0; time < 2; time++) await saveMeasurements(runs.at("run"), "length", rows);
    expect(JSON.parse(readFileSync(runs.at("run", "probes", "length.json"), "utf8"))).toEqual(rows);
  });
});

describe("import and export", () => {
  test("write beside somebody's .tmp folder, and into an empty one", async () => {
    write(runs.at("model.tmp", "mine"));
    await exportCheckpoint(runs.at("run"), `${runs.at("model")}/`);
    expect(readFileSync(runs.at("model.tmp", "mine"), "utf8")).toBe("mine");
    mkdirSync(runs.at("imported"));
    await importCheckpoint(runs.at("model"), runs.at("imported"));
    expect(readdirSync(runs.at("imported")).sort()).toEqual([
      "SHA256SUMS",
      "config.json",
      "model.safetensors",
      "tokenizer.json",
    ]);
  });

  test("refuse a folder that is there before they read the model", async () => {
    write(runs.at("full", "mine"));
    const nowhere = runs.at("nowhere");
    await expect(importCheckpoint(nowhere, runs.at("full"))).rejects.toThrow(/full: exists already/);
    await expect(exportCheckpoint(nowhere, runs.at("full"))).rejects.toThrow(/full: exists already/);
    const below = runs.at("full", "mine", "below");
    await expect(importCheckpoint(nowhere, below)).rejects.toThrow(/below: cannot be written \(ENOTDIR\)/);
  });
});

test("an import says what a folder has in the place of safetensors", async () => {
  write(runs.at("pickled", "config.json"));
  write(runs.at("pickled", "pytorch_model.bin"));
  const into = runs.at("never");
  await expect(importCheckpoint(runs.at("pickled"), into)).rejects.toThrow(/a pickle is never read; load/);
  await expect(importCheckpoint(runs.at("run"), into)).rejects.toThrow(/is a run, which needs no import/);
  await expect(importCheckpoint(runs.at("nowhere"), into)).rejects.toThrow(/nowhere: does not exist/);
});

test("a staging is known by what is inside", async () => {
  const ours = await openStaging(runs.at("x"));
  expect(isStaging(dirname(ours.path))).toBe(true);
  write(runs.at("y.0123456789abcdef.tmp", "mine"));
  expect(isStaging(runs.at("y.0123456789abcdef.tmp"))).toBe(false);
  write(`${dirname(ours.path)}/mine`);
  expect(isStaging(dirname(ours.path))).toBe(false);
});
