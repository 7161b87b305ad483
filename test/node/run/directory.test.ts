import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { openStaging } from "../../../src/node/files/staging.ts";
import {
  bestStep,
  cleanStaging,
  latestStep,
  listSteps,
  stepName,
  stepNumber,
  writeStep,
} from "../../../src/node/run/directory.ts";
import { appendLog } from "../../../src/node/run/log.ts";
import { configHash, runDirectoryName } from "../../../src/node/run/names.ts";
import { resolveCheckpoint } from "../../../src/node/run/resolve.ts";
import { anyText } from "../../formats/safetensors-files.ts";

let root: string;
let dir: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "directory-"));
});
beforeEach(() => {
  count += 1;
  dir = join(root, String(count));
});
afterAll(() => rmSync(root, { recursive: true }));

const MODEL = { "config.json": "{}", "model.safetensors": "" };
const config = {
  name: "rope",
  seed: 1,
  model: { layers: 2, position: { kind: "rope", base: 10_000 } },
  data: { kind: "text", corpus: "shakespeare" },
  train: { steps: 500, learningRate: 1e-3 },
  engine: "native",
  threads: 2,
};

function save(path: string, files: object = MODEL): void {
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
}

describe("the name of a run", () => {
  test("is preset, data, seed and six hex digits, the same on every machine", () => {
    expect(runDirectoryName(config)).toBe("rope-shakespeare-s1-55670a");
  });

  test("does not depend on the order of fields, the engine, the threads or --out", () => {
    const { name, ...rest } = config;
    const reordered = { out: "elsewhere", ...rest, engine: "wasm", threads: 8, name };
    expect(runDirectoryName(reordered)).toBe(runDirectoryName(config));
  });

  test.each([
    { ...config, seed: 2 },
    { ...config, train: { ...config.train, steps: 501 } },
    { ...config, model: { ...config.model, position: { kind: "rope", base: 10_001 } } },
    { ...config, model: { ...config.model, bias: false } },
  ])("changes with any other field (%#)", (other) => {
    expect(configHash(other)).not.toBe(configHash(config));
  });

  test.each([
    [{ kind: "who" }, "rope-who-s1-"],
    [{ kind: "task", task: "copy" }, "rope-copy-s1-"],
    [{ kind: "text", path: "/data/My Corpus.v2.txt" }, "rope-My-Corpus.v2-s1-"],
    [{ kind: "text", path: "../.." }, "rope-unnamed-s1-"],
  ])("tells the data %j", (data, start) => {
    expect(runDirectoryName({ ...config, data }).startsWith(start)).toBe(true);
  });

  test("is one plain file name whatever the preset is called", () => {
    fc.assert(
      fc.property(anyText, anyText, (name, corpus) => {
        const folder = runDirectoryName({ ...config, name, data: { kind: "text", corpus } });
        expect(folder).toMatch(
          /^[A-Za-z0-9_][A-Za-z0-9._-]{0,39}-[A-Za-z0-9_][A-Za-z0-9._-]{0,39}-s1-[0-9a-f]{6}$/,
        );
        expect(basename(folder)).toBe(folder);
      }),
      { seed: 3 },
    );
  });

  test("a config that JSON cannot hold is refused", () => {
    expect(() => configHash({ x: Number.NaN })).toThrow(TypeError);
  });
});

test("stepNumber undoes stepName and knows no other names", () => {
  for (const step of [0, 500, 999_999, 1_000_000, 123_456_789]) expect(stepNumber(stepName(step))).toBe(step);
  expect(stepName(500)).toBe("step-000500");
  for (const name of ["step-500", "step-0000500", "step-000500.tmp", "step-00050x", "step-", "x"]) {
    expect(stepNumber(name)).toBe(undefined);
  }
});

test("steps are listed in ascending order, without what is staged, incomplete or no step", async () => {
  for (const name of ["step-1000000", "step-000500", "step-000020", "probes"]) save(join(dir, name));
  save((await openStaging(join(dir, "step-000600"))).path); // as a crash leaves it
  save(join(dir, "step-000700"), { "config.json": "{}" });
  writeFileSync(join(dir, "step-000800"), "a file");
  expect(listSteps(dir).map(({ step }) => step)).toEqual([20, 500, 1_000_000]);
  expect(latestStep(dir)).toEqual({ step: 1_000_000, path: join(dir, "step-1000000") });
  cleanStaging(dir);
  expect(readdirSync(dir).filter((name) => name.startsWith("step-000600"))).toEqual([]);
});

test("a run without a folder has no steps", () => {
  expect(listSteps(dir)).toEqual([]);
  expect(latestStep(dir)).toBe(undefined);
  expect(bestStep(dir)).toBe(undefined);
  cleanStaging(dir);
});

test("the best step has the lowest validation loss of those saved, the earlier of two equal, else it is the latest", async () => {
  const best = () => bestStep(dir)?.step;
  for (const step of [100, 200, 300, 400]) await writeStep(dir, step, MODEL);
  expect(best()).toBe(400);
  const validation = (step: number, loss: number) => appendLog(dir, { step, split: "validation", loss });
  appendLog(dir, { step: 100, split: "train", loss: 0.1 });
  appendFileSync(
    join(dir, "log.jsonl"),
    `${JSON.stringify({ step: 100, split: "validation", loss: null })}\n`,
  ); // of an older version
  expect(best()).toBe(400);
  validation(150, 0.5); // never saved
  validation(200, 2);
  validation(300, 2);
  validation(400, 3);
  expect(best()).toBe(200);
});

test("saving a step twice is refused", async () => {
  expect(await writeStep(dir, 1, MODEL)).toBe(join(dir, "step-000001"));
  await expect(writeStep(dir, 1, MODEL)).rejects.toThrow(InputError);
});

describe("a CHECKPOINT", () => {
  test("that is a run stands for its best step", async () => {
    save(dir, { "run.json": "{}" });
    for (const step of [1, 2]) await writeStep(dir, step, MODEL);
    appendLog(dir, { step: 1, split: "validation", loss: 1 });
    expect(resolveCheckpoint(dir)).toEqual({
      kind: "run",
      run: dir,
      step: 1,
      path: join(dir, "step-000001"),
    });
    expect(resolveCheckpoint(join(dir, "step-000002", ""))).toEqual({
      kind: "step",
      run: dir,
      step: 2,
      path: join(dir, "step-000002"),
    });
  });

  test("may be a step without its run, or a Hugging Face model", () => {
    save(join(dir, "step-000003"));
    expect(resolveCheckpoint(join(dir, "step-000003"))).toMatchObject({ kind: "step", step: 3 });
    save(join(dir, "renamed"), { ...MODEL, "state.json": "{}" });
    expect(resolveCheckpoint(join(dir, "renamed"))).toEqual({ kind: "step", path: join(dir, "renamed") });
    save(join(dir, "gpt2"));
    expect(resolveCheckpoint(join(dir, "gpt2"))).toEqual({ kind: "huggingface", path: join(dir, "gpt2") });
    save(join(dir, "split"), { "config.json": "", "model.safetensors.index.json": "" });
    expect(resolveCheckpoint(join(dir, "split"))).toMatchObject({ kind: "huggingface" });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["a run before its first step", { "run.json": "{}" }, /no complete step yet/],
    ["an empty folder", {}, /neither run.json nor config.json/],
    ["a model of PyTorch", { "config.json": "", "pytorch_model.bin": "" }, /not in safetensors/],
    ["one in parts", { "config.json": "", "pytorch_model.bin.index.json": "" }, /a pickle is never read/],
    ["an adapter", { "adapter_config.json": "" }, /adapter without its model/],
    ["a config alone", { "config.json": "" }, /model.safetensors is missing/],
    ["weights alone", { "model.safetensors": "" }, /config.json is missing/],
  ])("that is %s is refused", (_, files, message) => {
    save(dir, files);
    const resolving = () => resolveCheckpoint(dir);
    expect(resolving).toThrow(InputError);
    expect(resolving).toThrow(message);
  });

  test("that is missing, or a file, is refused", () => {
    save(dir, { file: "" });
    expect(() => resolveCheckpoint(join(dir, "nowhere"))).toThrow(/nowhere: does not exist; check the path/);
    expect(() => resolveCheckpoint(join(dir, "file"))).toThrow(/is a file; give the folder/);
    expect(() => resolveCheckpoint(join(dir, "file", "below"))).toThrow(/cannot be read \(ENOTDIR\)/);
    expect(() => resolveCheckpoint(join(dir, "nowhere"))).toThrow(InputError);
  });
});
