/**
 * What makes comparisons paired: models that differ in the encoding share all else, and nothing
 * random reaches an evaluation.
 */
import { beforeAll, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { batchTensors } from "../../src/train/batch.ts";
import { trainSchema } from "../../src/train/config.ts";
import { createEvaluator } from "../../src/train/evaluate.ts";
import { trainLoop } from "../../src/train/loop.ts";
import { disposeState, initialState } from "../../src/train/step.ts";

beforeAll(() => startEngine("wasm"));

const data = (seed = 1) => openWho(whoConfig.parse({ kind: "who" }), seed);

function modelOf(position: object, fields: object = {}): Model {
  const sizes = { layers: 1, heads: 2, width: 8, context: 8 };
  return createModel(modelSchema().parse({ ...sizes, ...fields, position }), data().tokenizer.vocabSize);
}

const valuesOf = (tensors: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, Array.from(x.dataSync())]));

test("models that differ in the encoding start from the same bits in every parameter that they share", () => {
  const [none, learned, relative] = ["none", "learned", "relative"].map((kind) =>
    valuesOf(initialState(modelOf({ kind }), 5).params),
  );
  expect(learned).toMatchObject(none as object);
  expect(relative).toMatchObject(none as object);
  const added = (more: object = {}) => Object.keys(more).filter((name) => !(name in (none as object)));
  expect(added(learned)).toEqual(["wpe.weight"]);
  expect(added(relative)).toEqual(["h.0.attn.relative.weight"]);
  const other = valuesOf(initialState(modelOf({ kind: "none" }), 6).params);
  expect(other["wte.weight"]).not.toEqual(none?.["wte.weight"]);
});

test("adding a block moves no initial value of the blocks before it but the two that its depth scales", () => {
  const one = valuesOf(initialState(modelOf({ kind: "none" }), 5).params);
  const two = valuesOf(initialState(modelOf({ kind: "none" }, { layers: 2 }), 5).params);
  const moved = Object.keys(one).filter((name) => one[name]?.join() !== two[name]?.join());
  expect(moved).toEqual(["h.0.attn.c_proj.weight", "h.0.mlp.c_proj.weight"]);
});

test("models that differ in the encoding see the same batches, and another seed sees others", async () => {
  /** The tokens of every training step, as the loop asks for them. */
  const seen = async (kind: string, seed = 1) => {
    const batches: string[] = [];
    const source = data(seed);
    const watched = {
      ...source,
      batch(step: number, size: number, length: number) {
        const batch = source.batch(step, size, length);
        batches.push(`${step}: ${batch.tokens.join()} > ${batch.targets.join()}`);
        return batch;
      },
    };
    const train = trainSchema.parse({ steps: 3, batch: 2 });
    const model = modelOf({ kind });
    disposeState(await trainLoop({ model, data: watched, train, seed }, initialState(model, seed)));
    return batches;
  };
  const batches = await seen("none");
  expect(new Set(batches).size).toBe(3);
  expect(await seen("relative")).toEqual(batches);
  expect(await seen("none", 2)).not.toEqual(batches);
});

test("an evaluation has no dropout, is equal at each call, and weighs batches by their tokens", async () => {
  const [plain, dropping] = [modelOf({ kind: "learned" }), modelOf({ kind: "learned" }, { dropout: 0.5 })];
  const { params } = initialState(plain, 1);
  const source = data();
  const lossOf = async (model: Model, sizes: readonly number[]) => {
    const evaluator = createEvaluator(model);
    const batches = sizes.map((size, i) => batchTensors(model, source.validation("heldout", i, size, 8)));
    const loss = await evaluator.meanLoss(params, batches);
    evaluator.close();
    return loss;
  };
  const before = tf.memory().numTensors;
  const one = await lossOf(plain, [3]);
  const both = await lossOf(plain, [3, 1]);
  expect(await lossOf(dropping, [3])).toBe(one);
  expect(await lossOf(dropping, [3])).toBe(one);
  expect(tf.memory().numTensors).toBe(before);
  const [, second] = [0, 1].map((i) => batchTensors(plain, source.validation("heldout", i, 1, 8)));
  const evaluator = createEvaluator(plain);
  const other = await evaluator.meanLoss(params, [second as NonNullable<typeof second>]);
  expect(both).toBeCloseTo((3 * one + other) / 4, 5); // 24 tokens and 8
  evaluator.close();
});

test("a target of weight 0 changes neither the loss nor, through it, any parameter", async () => {
  const model = modelOf({ kind: "learned" });
  const batch = data().validation("heldout", 0, 2, 8);
  const weights = Float32Array.from(batch.targets, (_, i) => (i % 3 === 0 ? 0 : 1));
  const spoiled = batch.targets.map((target, i) => (i % 3 === 0 ? (target + 1) % model.vocabSize : target));
  const { params } = initialState(model, 1);
  const lossOf = async (targets: Int32Array) => {
    const evaluator = createEvaluator(model);
    const loss = await evaluator.meanLoss(params, [batchTensors(model, { ...batch, targets, weights })]);
    evaluator.close();
    return loss;
  };
  expect(await lossOf(spoiled)).toBe(await lossOf(batch.targets));
});

test("a run that diverges leaves no tensor behind", async () => {
  const model = modelOf({ kind: "learned" });
  const train = trainSchema.parse({ steps: 50, batch: 2, learningRate: 1e6, warmup: 0 });
  const before = tf.memory().numTensors;
  const run = trainLoop({ model, data: data(), train, seed: 1 }, initialState(model, 1));
  await expect(run).rejects.toThrow(/^train: the loss is .* at step \d+; lower train\.learningRate/);
  expect(tf.memory().numTensors).toBe(before);
});

test("a run that is stopped before its first step returns the values that it was given and saves nothing", async () => {
  const model = modelOf({ kind: "none" });
  const saved: number[] = [];
  const task = { model, data: data(), train: trainSchema.parse({}), seed: 1 };
  const end = await trainLoop(task, initialState(model, 1), {
    shouldStop: () => true,
    onSave: async ({ step }) => void saved.push(step),
  });
  expect(end.step).toBe(0);
  const start = initialState(model, 1);
  expect(valuesOf(end.params)).toEqual(valuesOf(start.params));
  expect(valuesOf(end.slots.second ?? {})).toEqual(valuesOf(start.slots.second ?? {}));
  expect(saved).toEqual([]);
  disposeTree({ ...end.params, ...end.slots });
});
