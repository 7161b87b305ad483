/**
 * A model whose numbers are none: every command that would print or save one ends with exit code 1
 * and says where it first appeared.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { encodeSafetensors, type StoredTensor } from "../../src/formats/safetensors.ts";
import { readSafetensors } from "../../src/node/run/safetensors-file.ts";
import { withTensors } from "../node/run/huggingface-copies.ts";
import { LEARNED, run, sets, TINY } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

const ENGINE = ["--engine", "cpu"];

let folder: string;
/** A GPT-2 and a run of ours, each with one NaN in its table of tokens. */
let gpt2: string;
let who: string;
let task: string;

const broken = (tensor: StoredTensor): StoredTensor => {
  const data = Float32Array.from(tensor.data);
  data[2 * (tensor.shape[1] as number) + 1] = Number.NaN;
  return { ...tensor, data };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "not-finite-"));
  await startEngine("cpu");
  gpt2 = await withTensors(folder, "gpt2", (tensors) => {
    tensors["transformer.wte.weight"] = broken(tensors["transformer.wte.weight"] as StoredTensor);
  });
  [who, task] = [join(folder, "who"), join(folder, "task")];
  const short = sets("train.steps=3");
  const trained = await Promise.all([
    runInside("train", LEARNED, "--out", who, ...ENGINE, ...TINY, ...short),
    runInside(
      "train",
      LEARNED,
      "--out",
      task,
      ...ENGINE,
      ...TINY,
      ...short,
      ...sets('data={"kind":"task","task":"copy"}'),
    ),
  ]);
  for (const { code, stderr } of trained) expect(code, stderr).toBe(0);
  for (const directory of [who, task]) {
    const path = join(directory, "step-000003", "model.safetensors");
    const { tensors } = await readSafetensors(path);
    const table = broken(tensors["wte.weight"] as StoredTensor);
    writeFileSync(path, encodeSafetensors({ ...tensors, "wte.weight": table }, { format: "pt" }));
    rmSync(join(directory, "step-000003", "SHA256SUMS")); // as one saved it that did not look
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const FIRST = /first in parameter wte\.weight, NaN at \(2,1\)/;

describe("fails with the parameter's name, and prints nothing:", () => {
  test.each<[string, () => string[]]>([
    ["logits", () => ["logits", gpt2, "--ids", "3,1,4"]],
    ["probe --pair", () => ["probe", gpt2, "--pair", "5 6 7", "7 6 5"]],
    ["probe --pair --json", () => ["probe", who, "--pair", "dog bites man", "man bites dog", "--json"]],
    ["sample", () => ["sample", gpt2, "--ids", "3,1", "--tokens", "3"]],
    ["probe order", () => ["probe", who, "--probe", "order"]],
    ["probe length", () => ["probe", who, "--probe", "length", "--with", "length.factor=2", "--json"]],
    ["probe coverage", () => ["probe", who, "--probe", "coverage"]],
    ["probe exact", () => ["probe", task, "--probe", "exact"]],
  ])("%s", async (_name, args) => {
    const { code, stdout, stderr } = await runInside(...args(), ...ENGINE);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(FIRST);
  });

  test("logits, in a process of its own", async () => {
    const { code, stdout, stderr } = await run("logits", gpt2, "--ids", "3,1,4", ...ENGINE);
    expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(FIRST);
  });
});

test("nothing of it was saved", () => {
  expect(existsSync(join(who, "probes")) ? readdirSync(join(who, "probes")) : []).toEqual([]);
});

test("training does not go on from it", async () => {
  const unfinished = join(folder, "unfinished");
  cpSync(who, unfinished, { recursive: true });
  const path = join(unfinished, "run.json");
  const record = JSON.parse(readFileSync(path, "utf8")) as { config: { train: { steps: number } } };
  record.config.train.steps = 6;
  writeFileSync(path, JSON.stringify({ ...record, status: "interrupted" }));
  const config = join(unfinished, "step-000003", "config.json");
  writeFileSync(config, readFileSync(config, "utf8").replace('"steps": 3', '"steps": 6'));
  const { code, stderr } = await runInside("train", LEARNED, "--out", unfinished, ...ENGINE, ...TINY);
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(/wte\.weight holds numbers that are not finite, first NaN at \(2,1\)/);
});

describe("import and export", () => {
  const fault = /wte\.weight holds numbers that are not finite, first NaN at \(2,1\)/;
  const inside = () => join(folder, "in");
  const keep = "--keep-not-finite";

  test("save no such model, and name the tensor", async () => {
    for (const args of [
      ["import", gpt2],
      ["export", who],
    ] as const) {
      const out = join(folder, `never-${args[0]}`);
      const { code, stdout, stderr } = await runInside(...args, "--out", out);
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(fault);
      expect(stderr).toMatch(/take another model, or write it as it is with --keep-not-finite/);
      expect(existsSync(out)).toBe(false);
    }
  });

  test("carry it over where they are asked to, and name the tensor", async () => {
    const imported = await runInside("import", gpt2, "--out", inside(), keep);
    expect(imported).toMatchObject({ code: 0, stderr: expect.stringMatching(fault) });
    const refused = await runInside("export", inside(), "--out", join(folder, "out"));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(fault) });
    const exported = await runInside("export", inside(), "--out", join(folder, "out"), keep);
    expect(exported).toMatchObject({ code: 0, stderr: expect.stringMatching(fault) });
  });
});
