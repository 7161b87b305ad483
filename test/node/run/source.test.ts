/** Runs that begin with a checkpoint's weights: what is taken, what is fresh, and whose run it is. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartedEngine } from "../../../src/engine/index.ts";
import { InputError } from "../../../src/errors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { runDirectoryName } from "../../../src/node/run/names.ts";
import { readRunJson } from "../../../src/node/run/run-json.ts";
import { type RunOptions, runTraining } from "../../../src/node/run/training.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { parsePreset } from "../../../src/train/preset.ts";

const STEPS = 4;
let folder: string;
let engine: StartedEngine;
const heard: string[] = [];

const at = (name: string) => join(folder, name);

function presetOf(kind: string, ...changes: string[]) {
  const model = { layers: 2, heads: 2, width: 8, context: 12, position: { kind } };
  const train = { steps: STEPS, batch: 4, warmup: 0, evalEvery: STEPS, evalBatches: 1 };
  const data = { kind: "who", nouns: 4, verbs: 1 };
  return parsePreset({ name: kind, model, train, data }, "tiny.json", changes);
}

const train = (name: string, kind: string, options: Partial<RunOptions> = {}, ...changes: string[]) =>
  runTraining(presetOf(kind, ...changes), {
    out: at(name),
    engine,
    versions: {},
    onPrepare: (text) => heard.push(text),
    ...options,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "source-"));
  engine = await startEngine("cpu");
  await train("rope", "rope");
  await train("kerple", "kerple");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The largest difference of a parameter that both runs have. */
async function apart(one: string, other: string): Promise<number> {
  const [a, b] = [(await loadCheckpoint(at(one))).params, (await loadCheckpoint(at(other))).params];
  const shared = Object.keys(a).filter((name) => name in b);
  expect(shared.length).toBeGreaterThan(20);
  const far = shared.map((name) =>
    tf.tidy(() => tf.max(tf.abs(tf.sub(a[name] as tf.Tensor, b[name] as tf.Tensor))).dataSync()[0] as number),
  );
  disposeTree({ a, b });
  return Math.max(...far);
}

const STILL = "train.learningRate=1e-12";

test("with the same preset, training begins with the checkpoint's weights", async () => {
  const before = tf.memory().numTensors;
  await train("same", "rope", { from: at("rope") }, STILL);
  expect(tf.memory().numTensors).toBe(before);
  expect(heard.at(-1)).toMatch(/^(\d+) of \1 parameters are those of .*rope \(sha256 [0-9a-f]{8}\)$/);
  expect(await apart("same", "rope")).toBeLessThan(1e-6);
  await train("fresh", "rope", {}, STILL);
  expect(await apart("fresh", "rope")).toBeGreaterThan(1e-3);
});

test("DroPE: without the rotation nothing is fresh and nothing left behind", async () => {
  const first: number[] = [];
  const onStep: RunOptions["onStep"] = ({ lossNats }) => first.push(lossNats);
  await train("dropped", "none", { from: at("rope"), onStep });
  expect(heard.at(-1)).not.toMatch(/fresh|left behind/);
  const dropped = first.splice(0);
  await train("never-rotated", "none", { onStep });
  expect(Math.abs((dropped[0] as number) - (first[0] as number))).toBeGreaterThan(1e-3); // of the same batch
});

test("another encoding begins fresh, what only the source has is left behind, and the rest is taken", async () => {
  await train("across", "forgetting", { from: at("kerple") }, STILL);
  expect(heard.at(-1)).toContain(
    "; fresh: h.*.attn.forgetting.weight, h.*.attn.forgetting.bias; left behind: h.*.attn.kerple.r1, h.*.attn.kerple.r2",
  );
  expect(await apart("across", "kerple")).toBeLessThan(1e-6);
});

test("a table of another size is fresh", async () => {
  await train("short", "learned");
  await train("long", "learned", { from: at("short") }, "model.context=16");
  expect(heard.at(-1)).toMatch(/; fresh: wpe\.weight; left behind: wpe\.weight$/);
});

test("the run is the source's: run.json says its hash, which counts in the run's name", async () => {
  const { from } = readRunJson(at("dropped")) ?? {};
  expect(from).toEqual({ path: at("rope"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const preset = presetOf("none");
  const names = [undefined, from?.sha256, "0".repeat(64)].map((sha256) => runDirectoryName(preset, sha256));
  expect(new Set(names).size).toBe(3);
  expect((await train("dropped", "none", { from: at("rope") })).outcome).toBe("skipped");
  await expect(train("dropped", "none")).rejects.toThrow(
    /began with the weights of .*rope \(sha256 .*, now fresh weights; give/,
  );
  await expect(train("dropped", "none", { from: at("kerple") })).rejects.toThrow(InputError);
  await expect(train("rope", "rope", { from: at("kerple") })).rejects.toThrow(
    /began with fresh weights, now the weights of/,
  );
});

test("an interrupted run goes on to the same bits", async () => {
  const controller = new AbortController();
  const onStep: RunOptions["onStep"] = ({ step }) => step === 2 && controller.abort();
  const stopped = await train("resumed", "none", { from: at("rope"), signal: controller.signal, onStep });
  expect([stopped.outcome, stopped.step]).toEqual(["interrupted", 2]);
  await train("resumed", "none", { from: at("rope") });
  const weights = (name: string) => readFileSync(join(at(name), stepName(STEPS), "model.safetensors"));
  expect(weights("resumed").equals(weights("dropped"))).toBe(true);
});

test("other tokens, other sizes and no checkpoint are refused, and leave no directory", async () => {
  await expect(train("words", "none", { from: at("rope") }, "data.nouns=6")).rejects.toThrow(
    /^--from: .*rope: its token \d+ is .*, that of the preset's data ".*; give data with the tokens/,
  );
  await expect(train("wide", "none", { from: at("rope") }, "model.width=16")).rejects.toThrow(
    /no weight has the name and shape of one of the preset's model; give a checkpoint of its sizes/,
  );
  await expect(train("nowhere", "none", { from: at("not-there") })).rejects.toThrow(InputError);
  expect(["words", "wide", "nowhere"].filter((name) => existsSync(at(name)))).toEqual([]);
});
