/** `bench --train`, but for the trainings themselves: CI has no PyTorch. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { requirePeer } from "../../scripts/bench/peer-preset.ts";
import { peerRun, type Trained } from "../../scripts/bench/training.ts";
import { trainingWindows, validationWindows, writePeerFiles } from "../../scripts/bench/training-files.ts";
import { summaryOf, trainingTable } from "../../scripts/bench/training-table.ts";
import { createText } from "../../src/data/text.ts";
import { memoryStore } from "../../src/data/token-store.ts";
import { charactersTokenizer, characterVocabulary } from "../../src/data/tokenizers/characters.ts";
import { createModel } from "../../src/model/model.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { readPreset } from "../../src/node/run/preset.ts";
import { initialize, sizeOf } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { run } from "./run-command.ts";

const PRESET = join(import.meta.dirname, "../../models/shakespeare.json");
const LEARNED = join(import.meta.dirname, "../../models/learned.json");

beforeAll(() => startEngine("cpu"));

const HOW = { train: "t", validation: "v", threads: 2, compile: false };

test("PyTorch is asked for nanoGPT's CPU recipe: its sizes, no bias, its schedule, its AdamW", () => {
  const { rates, ...rest } = peerRun(readPreset(PRESET, ["seed=7"]), 82, HOW);
  expect(rest).toEqual({
    ...{ layers: 4, heads: 4, width: 128, context: 64, vocabulary: 82, encoding: "learned", bias: false },
    ...{ batch: 12, betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0.1, clip: 1, evalEvery: 250, seed: 7 },
    ...HOW,
  });
  expect(rates).toHaveLength(2000);
  // nanoGPT's get_lr: 1e-3·(it+1)/101 up to step 100, then half a cosine down to 1e-4.
  const expected = { 0: 1e-3 / 101, 99: 1e-1 / 101, 100: 1e-3, 1050: 5.5e-4, 1999: 1e-4 };
  for (const [step, rate] of Object.entries(expected)) expect(rates[Number(step)]).toBeCloseTo(rate, 8);
});

test.each([
  [LEARNED, [], 'data.kind is "who", and the script in PyTorch has "text" alone'],
  [PRESET, ["model.position.kind=rope"], 'model.position.kind is "rope"'],
  [PRESET, ["model.norm=post"], 'model.norm is "post", and the script in PyTorch has "pre" alone'],
  [PRESET, ["model.dropout=0.1"], "model.dropout is 0.1"],
  [PRESET, ["model.tied=false"], "model.tied is false"],
  [PRESET, ["data.bos=true"], "data.bos is true"],
  [PRESET, ["train.objective=masked", "model.attention=bidirectional"], 'model.attention is "bidirectional"'],
  [PRESET, ["train.precision=bfloat16"], 'train.precision is "bfloat16"'],
])("%s with %s is refused: PyTorch's script would train something else", (path, changes, message) => {
  expect(() => requirePeer(readPreset(path, changes))).toThrow(`--train: ${message}`);
});

test("what the script follows is not refused", () => {
  const changes = [
    "model.layers=2",
    "model.bias=true",
    "train.batch=3",
    "train.clip=2",
    "data.tokenizer=bpe",
  ];
  expect(requirePeer(readPreset(PRESET, changes))).toMatchObject({ kind: "text", tokenizer: "bpe" });
});

test("both are judged by the windows of our own validation, inputs and targets in one", () => {
  const tokens = Int32Array.from({ length: 100 }, (_, i) => i); // so a window is known by its first token
  const stores = { train: memoryStore(tokens, 100), heldout: memoryStore(tokens, 100) };
  const preset = readPreset(PRESET, ["model.context=8", "train.batch=3", "train.evalBatches=2"]);
  const tokenizer = charactersTokenizer(characterVocabulary(["a", "b", "c"]));
  const data = createText(requirePeer(preset), { tokenizer, stores, fingerprint: "" }, 5);
  const windows = validationWindows(data, preset);
  expect(windows).toHaveLength(2 * 3 * 9);
  const batches = [0, 1].map((index) => data.validation("heldout", index, 3, 8));
  for (let row = 0; row < 6; row++) {
    const first = batches[Math.floor(row / 3)]?.tokens[(row % 3) * 8] as number;
    expect([...windows.subarray(row * 9, row * 9 + 9)]).toEqual(
      Array.from({ length: 9 }, (_, i) => first + i),
    );
  }
});

test("with --same-start PyTorch begins with our initial values and sees the batches of our steps", () => {
  const tokens = Int32Array.from({ length: 100 }, (_, i) => i % 5);
  const stores = { train: memoryStore(tokens, 100), heldout: memoryStore(tokens, 100) };
  const sizes = ["model.layers=1", "model.width=8", "model.context=8", "train.batch=3", "train.steps=2"];
  const preset = readPreset(PRESET, ["seed=5", ...sizes]);
  const data = createText(
    requirePeer(preset),
    { tokenizer: charactersTokenizer(characterVocabulary(["a", "b", "c"])), stores, fingerprint: "" },
    preset.seed,
  );
  const folder = mkdtempSync(join(tmpdir(), "peer-files-"));
  try {
    expect(Object.keys(writePeerFiles(folder, preset, data, stores.train, false))).toEqual([
      "train",
      "validation",
    ]);
    const { start, batches, parameters = [] } = writePeerFiles(folder, preset, data, stores.train, true);
    expect(new Int32Array(bytesOf(batches))).toEqual(trainingWindows(data, preset));
    const values = new Float32Array(bytesOf(start));
    const drawn = tf.tidy(() =>
      Object.values(initialize(createModel(preset.model, data.tokenizer.vocabSize).specs, preset.seed)).map(
        (x) => [...x.dataSync()],
      ),
    );
    expect([...values]).toEqual(drawn.flat());
    expect(parameters[0]).toEqual(["wte.weight", [5, 8]]);
    expect(parameters.reduce((sum, [, shape]) => sum + sizeOf(shape), 0)).toBe(values.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const bytesOf = (path = "") => Uint8Array.from(readFileSync(path)).buffer;

const trained = (engine: string, seed: number, validationNats: number, seconds: number): Trained => ({
  ...{ engine, seed, validationNats, seconds, steps: 2000, wallSeconds: 2 * seconds + 1, threads: 2 },
});

test("seeds come to a mean, a spread and the median of the paired ratios of time", () => {
  const rows = [
    ...[trained("native", 1, 1.5, 10), trained("pytorch", 1, 1.6, 20)],
    ...[trained("native", 2, 1.6, 10), trained("pytorch", 2, 1.5, 40)],
    ...[trained("native", 3, 1.7, 12), trained("pytorch", 3, 1.76, 20)],
  ];
  const [native, pytorch] = summaryOf(rows);
  expect(native).toMatchObject({
    engine: "native",
    seeds: 3,
    meanNats: 1.6,
    spreadNats: 0.2,
    secondsRatio: 1,
  });
  expect(pytorch).toMatchObject({ meanNats: 1.62, spreadNats: 0.26, differenceNats: -0.02, seconds: 20 });
  expect(pytorch?.secondsRatio).toBe(0.5); // of 10/20, 10/40 and 12/20
  expect(pytorch?.wallRatio).toBe(0.512); // of 21/41, 21/81 and 25/41
  expect(trainingTable(rows).split("\n")).toHaveLength(2 + 6 + 1 + 2 + 2);
});

test.each([
  [["--train", PRESET], /--train: trains beside a peer; add --peer pytorch/],
  [["--train", LEARNED, "--peer", "pytorch"], /data.kind is "who"/],
  [["--train", PRESET, "--peer", "pytorch", "--seeds", "0"], /--seeds: 0 is not a number of seeds/],
])("bench %s is bad input", async (args, message) => {
  const { code, stderr } = await run("bench", ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
