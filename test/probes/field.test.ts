/** Influence by distance, against differences of scalar losses when a token's embedding is moved. */
import { beforeAll, describe, expect, test } from "vitest";
import { specialIds } from "../../src/data/data.ts";
import { openTask } from "../../src/data/index.ts";
import { wordsTokenizer } from "../../src/data/tokenizers/words.ts";
import { field } from "../../src/probes/field.ts";
import { gradientNorms } from "../../src/probes/gradient-norms.ts";
import { runProbe } from "../../src/probes/run.ts";
import { initialize, type Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { trainSchema } from "../../src/train/config.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import type { Reference } from "../model/reference.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import * as reference from "./reference-losses.ts";

/**
 * Central differences of doubles by 1e-4 err by about its square; float32 gradients by 1e-6 of
 * their size.
 */
const STEP = 1e-4;
const ROUNDING = 4;
const T = 4;
const windows = reference.randomText(60);

beforeAll(() => startTestEngine());

/** ‖∂ log p(target at `at`)/∂e_t‖ by moving each number of each embedding. */
function scalarNorms(scalar: Reference, tokens: readonly number[], at: number, target: number): number[] {
  const logProb = (move: (t: number) => readonly number[]) => {
    const embed = (t: number) => move(t).map((value, c) => value + (scalar.embed?.(t)[c] ?? 0));
    return reference.referenceLogProbs({ ...scalar, embed }, tokens)[at]?.[target] as number;
  };
  return tokens.map((_, t) => {
    const slopes = Array.from({ length: scalar.width }, (_c, c) => {
      const moved = (by: number) =>
        logProb((u) => Array.from({ length: scalar.width }, (_d, d) => (u === t && d === c ? by : 0)));
      return (moved(STEP) - moved(-STEP)) / (2 * STEP);
    });
    return Math.hypot(...slopes);
  });
}

describe.each([
  ["causal", "alibi", T - 1],
  ["bidirectional", "learned", 2],
] as const)("a %s model", (attention, kind, at) => {
  test("norms are the slopes of log p", async () => {
    const model = smallModel({ kind }, { layers: 2, width: 8, context: T, attention });
    const params = livelyParams(model);
    const before = tf.memory().numTensors;
    const contexts = [
      { tokens: [1, 2, 3, 2], at, target: 5 },
      { tokens: [4, 4, 0, 7], at, target: 4 },
      { tokens: [9, 8, 1, 1], at, target: 0 },
    ];
    const [norms = []] = await gradientNorms({ model }, contexts, [params]);
    expect(tf.memory().numTensors).toBe(before);
    const scalar = reference.referenceOf(model, params);
    contexts.forEach(({ tokens, target }, i) => {
      const expected = scalarNorms(scalar, tokens, at, target);
      expect(Math.min(...expected)).toBeGreaterThan(1e-3);
      expected.forEach((norm, t) => {
        expect(norms[i]?.[t]).toBeCloseTo(norm, ROUNDING);
      });
    });
    disposeTree(params);
  });
});

const SIZES = { factors: [1], contexts: 5 };

/** A model as trained on a task, so that its birth is known. */
function subjectOf(seed: number, params: (of: ReturnType<typeof smallModel>) => Params) {
  const model = smallModel({ kind: "none" }, { layers: 1, width: 8, context: T });
  const data = openTask({ kind: "task", task: "copy", bos: true }, 1);
  const training = { train: trainSchema.parse({ steps: 1 }), seed, data };
  return { model, params: params(model), tokenizer: reference.tokenizer, material: { windows }, training };
}

test("influence is each context's share by distance; the receptive field is where the means reach 99 %", async () => {
  const subject = subjectOf(3, (model) => livelyParams(model));
  const rows = await runProbe("field", subject, 1, { ...SIZES, share: 0.8 });
  const scalar = reference.referenceOf(subject.model, subject.params);
  const { tokens, targets } = windows.window(1, 5, T);
  const shares = Array.from({ length: 5 }, (_, b) => {
    const own = [...tokens.subarray(b * T, (b + 1) * T)];
    const norms = scalarNorms(scalar, own, T - 1, targets[(b + 1) * T - 1] as number);
    const total = norms.reduce((sum, norm) => sum + norm, 0);
    return norms.toReversed().map((norm) => norm / total); // the last token is 1 away
  });
  const means = Array.from({ length: T }, (_, i) => shares.map((one) => one[i] as number));
  const measured = rows.filter(({ metric, at }) => metric === "influence" && at.state === "trained");
  expect(measured.map(({ at }) => at.distance)).toEqual([1, 2, 3, 4]);
  measured.forEach(({ value, se, n }, i) => {
    expect(value).toBeCloseTo(reference.meanOf(means[i] as number[]), ROUNDING);
    expect(se).toBeCloseTo(reference.errorOf(means[i] as number[]), ROUNDING);
    expect(n).toBe(5);
  });
  const cumulative = means.map((_, i) =>
    means.slice(0, i + 1).reduce((sum, one) => sum + reference.meanOf(one), 0),
  );
  const reached = cumulative.findIndex((sum) => sum >= 0.8) + 1;
  const receptive = rows.find(({ metric, at }) => metric === "receptive_field" && at.state === "trained");
  expect(receptive?.value).toBe(reached);
  const moved = rows.find(({ metric }) => metric === "influence_moved");
  const born = rows.filter(({ metric, at }) => metric === "influence" && at.state === "birth");
  const distance =
    born.reduce(
      (total, { value }, i) => total + Math.abs((measured[i]?.value as number) - (value as number)),
      0,
    ) / 2;
  expect(moved?.value).toBeCloseTo(distance, 9);
  expect(moved?.value).toBeGreaterThan(0.01);
  disposeTree(subject.params);
});

test("a model at its initial parameters has moved nothing; a run that is not known has no birth", async () => {
  const subject = subjectOf(3, (model) => initialize(model.specs, 3));
  const rows = await runProbe("field", subject, 1, SIZES);
  expect(rows.find(({ metric }) => metric === "influence_moved")?.value).toBe(
    field.metrics.influence_moved.null?.value,
  );
  const { training: _, ...imported } = subject;
  const states = (await runProbe("field", imported, 1, SIZES)).map(({ at }) => at.state);
  expect(new Set(states)).toEqual(new Set(["trained"]));
  disposeTree(subject.params);
});

test("a masked model's influence lies on both sides of the mask, which is not counted", async () => {
  const tokenizer = wordsTokenizer([..."abcdefghij", "<mask>"]);
  expect(specialIds(tokenizer)).toEqual([10]);
  const model = smallModel(
    { kind: "learned" },
    { layers: 1, width: 8, context: T, attention: "bidirectional" },
  );
  const params = livelyParams(model);
  const subject = { model, params, tokenizer, material: { windows } };
  const rows = await runProbe("field", subject, 1, SIZES);
  const shares = rows.filter(({ metric }) => metric === "influence");
  expect(shares.map(({ at }) => at.distance)).toEqual([1, 2]); // the mask stands at 2 of 0 … 3
  expect(shares.reduce((sum, { value }) => sum + (value as number), 0)).toBeCloseTo(1, 6);
  disposeTree(params);
});
