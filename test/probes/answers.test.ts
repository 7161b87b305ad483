/**
 * Whole answers: teacher forcing finds right the same problems as generation, where both are
 * defined alike.
 */
import { beforeAll, expect, test } from "vitest";
import { openTask } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { type Answers, byGeneration, openAnswers, teacherForced } from "../../src/probes/answers.ts";
import { initialize, type Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { batchTensors } from "../../src/train/batch.ts";
import { trainSchema } from "../../src/train/config.ts";
import { createTrainer, initialState } from "../../src/train/step.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(() => startTestEngine());

const CONTEXT = 18;

function subjectOf(task: string, position: object) {
  const data = openTask({ kind: "task", task: task as never, bos: true }, 1);
  const config = modelSchema().parse({ layers: 1, heads: 2, width: 16, context: CONTEXT, position });
  const model = createModel(config, data.tokenizer.vocabSize);
  const problems = (n: number) =>
    Array.from({ length: 40 }, (_, i) => data.problems.problem(n, createRng(i, "test")));
  return { model, data, problems };
}

function trained(model: Model, data: ReturnType<typeof openTask>, steps: number): Params {
  const config = trainSchema.parse({ steps, learningRate: 0.01 });
  const trainer = createTrainer(model, config, initialState(model, 1), 1);
  for (let step = 0; step < steps; step++) {
    const batch = batchTensors(model, data.batch(step, 32, CONTEXT));
    trainer.step(batch);
    disposeTree(batch);
  }
  const params = trainer.params();
  trainer.close();
  return params;
}

async function outcomes(answers: Answers, ...args: Parameters<Answers["right"]>): Promise<boolean[]> {
  const right = await answers.right(...args);
  answers.close();
  return right;
}

test.each([
  ["flip-flop", "relative", 60],
  ["count", "sinusoidal", 150], // answers of several tokens
])(
  "%s with %s positions: some problems are right and some wrong, the same by both ways",
  async (task, kind, steps) => {
    const { model, data, problems } = subjectOf(task, { kind });
    const params = trained(model, data, steps);
    const before = tf.memory().numTensors;
    const shares: number[] = [];
    for (const n of [4, 5, 7, 12]) {
      const some = problems(n);
      const forced = await outcomes(
        teacherForced({ model, params, problems: data.problems }),
        some,
        data.problems.positions(n),
      );
      const generated = await outcomes(byGeneration({ model, params }), some, data.problems.positions(n));
      expect(generated).toEqual(forced);
      shares.push(forced.filter(Boolean).length / forced.length);
    }
    expect(Math.max(...shares)).toBeGreaterThan(0.1);
    expect(Math.min(...shares)).toBeLessThan(0.9);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(params);
  },
);

test("where the encoding depends on the length, the probe generates", async () => {
  const { model, data, problems } = subjectOf("copy", { kind: "learned", beyond: "interpolate" });
  const params = initialize(model.specs, 1);
  const answers = openAnswers({
    model,
    params,
    tokenizer: data.tokenizer,
    problems: { ...data.problems, batchOf: () => expect.fail("teacher-forced") },
  });
  expect((await outcomes(answers, problems(12), data.problems.positions(12))).length).toBe(40);
  disposeTree(params);
});
