/** A run on a text of the user's: what it logs and keeps, stopped, resumed, refused, asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StartedEngine } from "../../../src/engine/index.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { openData } from "../../../src/node/run/data.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { readLog } from "../../../src/node/run/log.ts";
import { subjectOf } from "../../../src/node/run/subject.ts";
import { runTraining } from "../../../src/node/run/training.ts";
import { runProbe } from "../../../src/probes/run.ts";
import { createRng } from "../../../src/tensor/rng.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { parsePreset } from "../../../src/train/preset.ts";

const LINE = "The dog bit the man, and the man bit the dog; naïve 🙂 dogs bite.\n";
let folder: string;
let engine: StartedEngine;
const at = (...names: string[]) => join(folder, ...names);
const cache = () => at("cache");

beforeAll(async () => {
  engine = await startEngine("cpu");
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "text-"));
  writeFileSync(at("my.txt"), LINE.repeat(100));
});
afterEach(() => rmSync(folder, { recursive: true }));

const preset = (...changes: string[]) => presetOn({ tokenizer: "bpe", vocabSize: 270 }, ...changes);
const presetOn = (tokens: object, ...changes: string[]) =>
  parsePreset(
    {
      name: "tiny",
      model: { layers: 1, heads: 2, width: 8, context: 12, position: { kind: "learned" } },
      data: { kind: "text", path: at("my.txt"), ...tokens },
      train: { steps: 8, batch: 4, warmup: 2, evalEvery: 4, saveEvery: 4 },
    },
    "tiny.json",
    changes,
  );
const train = (name: string, options: object = {}) =>
  runTraining(preset(), { out: at(name), engine, versions: {}, cache: cache(), ...options });

describe("a run on a text", () => {
  test("logs nats a character beside nats a token, and keeps its tokenizer", async () => {
    await train("run");
    const lines = readLog(at("run"));
    expect(lines.map(({ split }) => split)).toEqual([
      ...["train", "validation", "train", "validation"],
      "heldout", // after the last step, all of it
    ]);
    const { charactersPerToken } = await openData(preset().data, 1, { cache: cache() });
    for (const { split, loss, lossPerCharacter } of lines) {
      const ratio = charactersPerToken?.[split === "train" ? "train" : "heldout"] ?? 0;
      expect(lossPerCharacter).toBeCloseTo(Number(loss) / ratio, 9);
      expect(ratio).toBeGreaterThan(1);
    }
    const saved = JSON.parse(readFileSync(at("run", stepName(8), "tokenizer.json"), "utf8"));
    expect(saved.model.type).toBe("BPE");
  });

  test("with words is charged for spelling <unk>: of random letters no more and no less is known than by characters", async () => {
    const rng = createRng(1, "letters");
    const word = () => Array.from({ length: 6 }, () => "abcdefghij"[rng.integer(10)]).join("");
    writeFileSync(at("my.txt"), Array.from({ length: 3000 }, word).join(" "));
    const perCharacter: number[] = [];
    for (const tokenizer of ["characters", "words"]) {
      const changed = presetOn({ tokenizer }, "train.steps=40", "train.learningRate=0.03");
      await runTraining(changed, { out: at(tokenizer), engine, versions: {}, cache: cache() });
      perCharacter.push(Number(readLog(at(tokenizer)).at(-1)?.lossPerCharacter));
    }
    const known = (6 * Math.log(10)) / 7; // nats a character, the space after six letters foreseen
    for (const nats of perCharacter) {
      expect(nats).toBeGreaterThan(0.95 * known);
      expect(nats).toBeLessThan(1.6 * known); // a uniform code over eleven characters and an end takes 1.44
    }
  });

  test("is judged by the same windows under every seed, and by all of the held-out text at the end", async () => {
    const windows = async (seed: number) => {
      const data = await openData(preset().data, seed, { cache: cache() });
      const all = data.validationWindows?.("heldout", 12) ?? 0;
      return { all, first: data.validation("heldout", 0, 4, 12) };
    };
    expect(await windows(2)).toEqual(await windows(1));
    expect((await windows(1)).all).toBeGreaterThan(16);
  });

  test("that was stopped ends at the same bits, and one whose text has changed is refused", async () => {
    await train("whole");
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 5 && controller.abort();
    expect((await train("stopped", { signal: controller.signal, onStep })).outcome).toBe("interrupted");
    rmSync(cache(), { recursive: true }); // the tokenizer comes from the checkpoint, the tokens are made anew
    await train("stopped");
    for (const file of ["model.safetensors", "tokenizer.json", "state.safetensors"]) {
      const bytes = (name: string) => readFileSync(at(name, stepName(8), file)).toString("base64");
      expect(bytes("stopped")).toBe(bytes("whole"));
    }
    expect((await train("whole")).outcome).toBe("skipped");
    writeFileSync(at("my.txt"), LINE.repeat(101));
    await expect(train("whole")).rejects.toThrow(/was trained on another text than data\.path holds now/);
  });

  test("interrupted while its text is read has trained nothing", async () => {
    const signal = AbortSignal.abort();
    expect(await train("early", { signal })).toEqual({
      directory: at("early"),
      outcome: "interrupted",
      step: 0,
    });
  });

  test("can be asked about length, and not about the world it never saw", async () => {
    await train("run");
    const checkpoint = await loadCheckpoint(at("run"));
    const { tokenizer } = checkpoint;
    const data = await openData(preset().data, 1, { tokenizer, cache: cache() });
    const subject = subjectOf(checkpoint, { data });
    const rows = await runProbe("length", subject, 1, { factor: 2, contexts: 4 });
    expect(rows.filter(({ metric, at: { beyond } }) => metric === "nll" && beyond === "clamp").length).toBe(
      24,
    );
    expect(rows.every(({ value }) => Number.isFinite(value))).toBe(true);
    expect(new Set(rows.map(({ metric }) => metric))).toEqual(
      new Set(["nll", "headroom", "degradation_ratio"]),
    );
    await expect(runProbe("order", subject, 1)).rejects.toThrow(
      /^probe order: needs pairs \(two orders of the same tokens and what should follow: --pairs FILE\); of this model can be asked: .*\blength, coverage\b/,
    );
    disposeTree(checkpoint.params);
  });
});
