/**
 * The compiled training step on the native engine, against the same step run kernel by kernel and
 * against itself.
 */
import { expect, test, vi } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import * as session from "../../src/node/native/graph/session.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { batchTensors } from "../../src/train/batch.ts";
import { trainSchema } from "../../src/train/config.ts";
import { trainLoop } from "../../src/train/loop.ts";
import { createTrainer, disposeState, initialState, type TrainState } from "../../src/train/step.ts";
import { describeNative, openGraphs } from "../node/native/graph/native.ts";

const switches = vi.hoisted(() => ({ eager: false }));

// `compile` asks the started engine for its compiler: told that there is none, it runs the step eagerly.
vi.mock("../../src/engine/engine.ts", async (original) => {
  const real = await original<typeof import("../../src/engine/engine.ts")>();
  return { ...real, currentCompiler: () => (switches.eager ? undefined : real.currentCompiler()) };
});

vi.mock("../../src/node/native/graph/session.ts", { spy: true });

const STEPS = 100;
/**
 * XLA rounds otherwise than TensorFlow's kernels, by 1e-7 a sum; the loss, an average, does not
 * amplify it in 100 steps.
 */
const LOSS = 1e-5;

interface Trained {
  readonly losses: number[];
  /** Values of the parameters and moments half-way and at the end. */
  readonly halfway: Values;
  readonly end: Values;
}
type Values = readonly Readonly<Record<string, readonly number[]>>[];

const valuesOf = ({ params, slots }: TrainState): Values =>
  [params, slots.first, slots.second].map((group = {}) =>
    Object.fromEntries(Object.entries(group).map(([name, x]) => [name, Array.from(x.dataSync())])),
  );

/** Trains a model of one layer, with dropout, from the beginning or from values saved half-way. */
async function train(eager: boolean, from?: Values): Promise<Trained> {
  switches.eager = eager;
  const data = openWho(whoConfig.parse({ kind: "who" }), 3);
  const sizes = { layers: 1, heads: 2, width: 16, context: 16, dropout: 0.1, position: { kind: "learned" } };
  const model = createModel(modelSchema().parse(sizes), data.tokenizer.vocabSize);
  const config = trainSchema.parse({ steps: STEPS, batch: 8, evalEvery: STEPS, saveEvery: STEPS / 2 });
  const restored = (group = 0) =>
    Object.fromEntries(
      Object.entries(model.specs).map(([name, { shape }]) => [
        name,
        tf.tensor([...(from?.[group]?.[name] ?? [])], [...shape], "float32"),
      ]),
    );
  const start = from
    ? { step: STEPS / 2, params: restored(0), slots: { first: restored(1), second: restored(2) } }
    : initialState(model, 3);
  const losses: number[] = [];
  const saved: Values[] = [];
  const state = await trainLoop({ model, data, train: config, seed: 3 }, start, {
    onStep: ({ lossNats }) => void losses.push(lossNats),
    onSave: async (at) => void saved.push(valuesOf(at)),
  });
  disposeState(state);
  return { losses, halfway: saved[0] as Values, end: saved.at(-1) as Values };
}

describeNative("a hundred steps on the native engine, with dropout", () => {
  test("agree, compiled and eager, and end at the same bits when they go on from values saved half-way", async () => {
    const compiled = await train(false);
    expect(compiled.losses).toHaveLength(STEPS);
    expect(compiled.losses.at(-1)).toBeLessThan((compiled.losses[0] as number) - 0.5);
    const opened = vi.mocked(session.openSession).mockClear();
    const eager = await train(true);
    expect(opened).not.toHaveBeenCalled(); // else two compiled trainings were compared
    const apart = eager.losses.map((loss, i) => Math.abs((compiled.losses[i] as number) / loss - 1));
    expect(Math.max(...apart)).toBeLessThan(LOSS);
    const resumed = await train(false, compiled.halfway);
    expect(resumed.losses).toEqual(compiled.losses.slice(STEPS / 2));
    expect(resumed.end).toEqual(compiled.end);
  });
});

describeNative("graphs of training steps", () => {
  test("a second seed of one model compiles nothing; another model takes the first one's place", async () => {
    switches.eager = false;
    const lossOf = (seed: number, width: number) => {
      const sizes = { layers: 1, heads: 1, width, context: 4, position: { kind: "none" } };
      const model = createModel(modelSchema().parse(sizes), 5);
      const trainer = createTrainer(model, trainSchema.parse({}), initialState(model, seed), seed);
      const ids = Int32Array.of(1, 2, 3, 4);
      const batch = batchTensors(model, { tokens: ids, targets: ids, batch: 1, length: 4 });
      const { lossNats } = trainer.step(batch);
      trainer.close();
      disposeTree(batch);
      return lossNats;
    };
    const first = lossOf(1, 8);
    const graphs = openGraphs();
    const load = vi.mocked(session.openSession).mockClear();
    expect(lossOf(2, 8)).not.toBe(first);
    expect(lossOf(1, 8)).toBe(first);
    expect(load).not.toHaveBeenCalled();
    lossOf(1, 16);
    expect(load).toHaveBeenCalledTimes(1);
    expect(openGraphs()).toBe(graphs);
  });
});
