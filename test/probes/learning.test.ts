/** How soon it is learned: models of kept steps whose accuracy is known, and a run from training to verdict. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openTask, openWho } from "../../src/data/index.ts";
import { taskConfig } from "../../src/data/task-data.ts";
import { startEngine } from "../../src/engine/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { probeCheckpoint } from "../../src/node/jobs/probe-checkpoint.ts";
import { loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { dataOf } from "../../src/node/run/subject.ts";
import { firstReached } from "../../src/probes/first-reached.ts";
import { learning } from "../../src/probes/learning.ts";
import type { Subject } from "../../src/probes/probe.ts";
import { lackedBy, runProbe } from "../../src/probes/run.ts";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "../node/run/tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  await startEngine("cpu");
  runs = await tinyRuns();
});
afterAll(() => runs.remove());

test("the first step at or past the target, whichever way it is passed; null within none", () => {
  const curve = [
    { step: 200, value: 0.5 },
    { step: 400, value: 0.96 },
    { step: 600, value: 0.9 },
  ];
  expect(firstReached(curve, 0.95, "higher")).toBe(400);
  expect(firstReached(curve, 0.96, "higher")).toBe(400);
  expect(firstReached(curve, 0.97, "higher")).toBeNull();
  expect(firstReached(curve, 0.5, "lower")).toBe(200);
  expect(firstReached([], 0.5, "lower")).toBeNull();
});

/** A run of three steps: a model without positions and with one layer, which cannot know order. */
function subjectOf(data: Pick<Subject, "material" | "tokenizer">): Subject & { loads: number[] } {
  const position = { kind: "none" };
  const config = modelSchema().parse({ layers: 1, heads: 1, width: 4, context: 18, position });
  const model = createModel(config, data.tokenizer.vocabSize);
  const loads: number[] = [];
  const steps = [10, 20, 30].map((step) => ({
    step,
    load: async () => {
      loads.push(step);
      return initialize(model.specs, step);
    },
  }));
  const validation = [
    { step: 15, value: 2 },
    { step: 30, value: 1 },
  ];
  return { model, params: {}, ...data, history: { steps, validation }, loads };
}

test("a model that is blind to order never gets there: its accuracy is 1/2 at each step, its steps have no value", async () => {
  const { pairs, tokenizer } = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
  const subject = subjectOf({ tokenizer, material: { pairs } });
  const before = tf.memory().numTensors;
  const rows = await runProbe(learning as never, subject, 1, { pairs: 1, loss: 1.5 });
  expect(tf.memory().numTensors).toBe(before);
  expect(subject.loads).toEqual([10, 20, 30]);
  expect(rows.map(({ metric, value, at }) => [metric, value, at])).toEqual([
    ...[10, 20, 30].map((step) => ["accuracy_at_step", 0.5, { of: "swap accuracy", step }]),
    ["steps_to_accuracy", null, { of: "swap accuracy", threshold: 0.95, until: 30 }],
    ["validation_at_step", 2, { step: 15 }],
    ["validation_at_step", 1, { step: 30 }],
    ["steps_to_loss", 30, { target: 1.5, until: 30 }],
  ]);
});

test("data without pairs of orders is asked for answers of the largest size in training; data without both for its losses", async () => {
  const { problems, tokenizer } = openTask(taskConfig.parse({ kind: "task", task: "copy" }), 1);
  const subject = subjectOf({ tokenizer, material: { problems } });
  const rows = await runProbe(learning as never, subject, 1, { problems: 4 });
  expect(rows.slice(0, 4).map(({ metric, n, at }) => [metric, n, at.of])).toEqual([
    ...[1, 2, 3].map(() => ["accuracy_at_step", 4, "exact match"]),
    ["steps_to_accuracy", 4, "exact match"],
  ]);
  const bare = await runProbe(learning as never, { ...subject, material: {} }, 1);
  expect(bare.map(({ metric }) => metric)).toEqual(["validation_at_step", "validation_at_step"]);
});

test("a run is asked of its kept steps, a step of it or a run of two is not; other steps are another question", async () => {
  const { directory } = await runs.train("learned", tinyPreset("train.evalBatches=1"));
  const ask = async (path: string) => {
    const checkpoint = await loadCheckpoint(path);
    try {
      const data = await dataOf(checkpoint);
      const given = { probes: [learning], files: {} } as never;
      const kept: boolean[] = [];
      const { answers } = await probeCheckpoint(checkpoint, {
        ...{ data, engine: "cpu", probes: given, sizes: { learning: { pairs: 1 } } },
        onEvent: (event) => event.kind === "asking" && kept.push(event.kept),
      });
      return { rows: answers[0]?.rows ?? [], kept };
    } finally {
      disposeTree(checkpoint.params);
    }
  };
  const { rows } = await ask(directory);
  const at = (metric: string) => rows.filter((row) => row.metric === metric).map((row) => row.at.step);
  expect(at("accuracy_at_step")).toEqual([4, 8, 12]);
  expect(at("validation_at_step")).toEqual([4, 8, 12]);
  expect((await ask(directory)).kept).toEqual([true]);
  await expect(ask(runs.at("learned", "step-000012"))).rejects.toThrow(
    /needs history \(a run of which three/,
  );
  expect(lackedBy({ material: {} } as never, learning as never)).toEqual(["history"]);
});
