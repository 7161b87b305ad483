/**
 * What can be known before the first step is refused before it, and leaves nothing; what identifies
 * a run is checked by all who use it.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { dataOf, subjectOf } from "../../../src/node/run/subject.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { parsePreset } from "../../../src/train/preset.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "./tiny-run.ts";

const LINE = "The dog bit the man, and the man bit the dog.\n";
let runs: TinyRuns;
let cacheBefore: string | undefined;
beforeAll(async () => {
  runs = await tinyRuns();
  cacheBefore = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = runs.at("cache"); // where probes look for the tokens of a text
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
  runs.remove();
});
beforeEach(() => writeFileSync(runs.at("my.txt"), LINE.repeat(100)));

const onText = (...changes: string[]) =>
  parsePreset(
    { ...tinyPreset(), data: { kind: "text", path: runs.at("my.txt"), tokenizer: "characters" } },
    "text.json",
    changes,
  );

describe("before the first step", () => {
  test("a held-out part shorter than a window is refused, and no folder is left", async () => {
    const steps: number[] = [];
    const short = runs.train("short", onText("model.context=1000"), {
      onStep: ({ step }) => void steps.push(step),
    });
    const error = await short.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      /the heldout part of the text has \d+ tokens, fewer than a window of 1001/,
    );
    expect(steps).toEqual([]);
    expect(existsSync(runs.at("short"))).toBe(false);
  });

  test.each([
    ["a precision that the engine lacks", "train.precision=bfloat16", /bfloat16 need the native engine/],
    [
      "positions past the table",
      'train.positions={"kind":"shifted","by":5}',
      /position 1[2-6] is outside \[0, 12\)/,
    ],
    ["a range that the contexts do not fit in", 'train.positions={"kind":"randomized","range":5}', /range/],
  ])("%s: refused, and no folder is left", async (_, change, message) => {
    const events: string[] = [];
    const onStart = () => void events.push("start");
    const before = tf.memory().numTensors;
    await expect(runs.train("never", tinyPreset(change), { onStart })).rejects.toThrow(message);
    expect(events).toEqual([]);
    expect(existsSync(runs.at("never"))).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("an output that cannot be written is refused", async () => {
    writeFileSync(runs.at("file"), "");
    const events: string[] = [];
    const onStart = () => void events.push("start");
    await expect(runs.train(join("file", "below"), tinyPreset(), { onStart })).rejects.toThrow(
      /cannot be written/,
    );
    expect(events).toEqual([]);
  });

  test("a log that cannot be added to is refused", async () => {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 5 && controller.abort();
    await runs.train("log", tinyPreset(), { signal: controller.signal, onStep });
    rmSync(runs.at("log", "log.jsonl"));
    const events: string[] = [];
    mkdirSync(runs.at("log", "log.jsonl"));
    const again = runs.train("log", tinyPreset(), { onStep: ({ step }) => void events.push(String(step)) });
    await expect(again).rejects.toThrow(/log\.jsonl: is a folder, not a regular file/);
    expect(events).toEqual([]);
  });
});

describe("a run whose text has changed", () => {
  test("is neither trained on nor probed, and both hashes are told", async () => {
    await runs.train("text", onText());
    const before = readdirSync(runs.at("text"));
    const difference =
      /text: was trained on another text than data\.path holds now \(sha256 [0-9a-f]{8}, now [0-9a-f]{8}\); /;
    const checkpoint = await loadCheckpoint(runs.at("text"));
    expect(subjectOf(checkpoint, { data: await dataOf(checkpoint) }).training?.data.kind).toBe("text");
    writeFileSync(runs.at("my.txt"), LINE.repeat(101));
    await expect(dataOf(checkpoint)).rejects.toThrow(difference);
    await expect(runs.train("text", onText())).rejects.toThrow(difference);
    const step = await loadCheckpoint(runs.at("text", stepName(8)));
    await expect(dataOf(step)).rejects.toThrow(difference);
    expect(readdirSync(runs.at("text"))).toEqual(before);
    for (const { params } of [checkpoint, step]) disposeTree(params);
  });
});
