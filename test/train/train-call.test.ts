/**
 * `train` in one call: the bits of the loop below it, a signal that stops it, and a state that it
 * goes on from.
 */
import { expect, test } from "vitest";
import * as w from "../../src/index.ts";

await w.startEngine("cpu");
const data = w.openWho(w.whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
const position = { kind: "rope" };
const config = w.modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 18, position });
const model = w.createModel(config, data.tokenizer.vocabSize);
const task = { model, data, train: w.trainSchema.parse({ steps: 4, batch: 2, warmup: 1 }), seed: 1 };

async function numbersOf(state: w.TrainState): Promise<number[][]> {
  const all = await Promise.all(Object.values(state.params).map(async (x) => [...(await x.data())]));
  w.disposeState(state);
  return all;
}

test("train gives the bits of trainLoop from the state before the first step", async () => {
  const before = w.tf.memory().numTensors;
  const once = await numbersOf(await w.train(task));
  expect(once).toEqual(await numbersOf(await w.trainLoop(task, w.initialState(model, 1))));
  expect(w.tf.memory().numTensors).toBe(before);
});

test("a signal stops it between two steps with the state saved; from there it goes on to the same bits", async () => {
  const stop = new AbortController();
  const saved: number[] = [];
  const state = await w.train(task, {
    signal: stop.signal,
    onStep: ({ step }) => step === 2 && stop.abort(),
    onSave: async ({ step }) => void saved.push(step),
  });
  expect([state.step, saved]).toEqual([2, [2]]);
  const resumed = await w.train(task, { start: state });
  expect(resumed.step).toBe(4);
  expect(await numbersOf(resumed)).toEqual(await numbersOf(await w.train(task)));
});

test("a signal that was aborted before takes no step", async () => {
  const state = await w.train(task, { signal: AbortSignal.abort() });
  expect(state.step).toBe(0);
  w.disposeState(state);
});

test("data that does not fit is refused before the first step, and nothing stays in memory", async () => {
  const before = w.tf.memory().numTensors;
  const tiny = w.createModel({ ...config, context: 2 }, data.tokenizer.vocabSize);
  const short = w.openTask(w.taskConfig.parse({ kind: "task", task: "copy" }), 1);
  await expect(w.train({ ...task, model: tiny, data: short })).rejects.toThrow(w.InputError);
  expect(w.tf.memory().numTensors).toBe(before);
});
