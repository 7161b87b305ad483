/** Exact match: right for a model that is right, chance for one that is not, at lengths that are said. */
import { beforeAll, describe, expect, test } from "vitest";
import { openTask } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { summaryRows } from "../../src/probes/length-summary.ts";
import { runProbe } from "../../src/probes/run.ts";
import { serialRows } from "../../src/probes/serial-position.ts";
import { initialize } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { batchTensors } from "../../src/train/batch.ts";
import { trainSchema } from "../../src/train/config.ts";
import { createTrainer, initialState } from "../../src/train/step.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(() => startTestEngine());

const subjectOf = (task: string, position: object, fields: object = {}) => {
  const data = openTask({ kind: "task", task: task as never, bos: true }, 1);
  const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 20, position, ...fields });
  const model = createModel(config, data.tokenizer.vocabSize);
  const { problems, tokenizer } = data;
  return { model, params: initialize(model.specs, 1), tokenizer, material: { problems }, data };
};

describe("lengths", () => {
  test("are up to L_max on held-out problems, then each to L_max+16, 2·L_max and 4·L_max", async () => {
    const subject = subjectOf("recall", { kind: "none" });
    const before = tf.memory().numTensors;
    const rows = await runProbe("exact", subject, 1, { problems: 4 });
    expect(tf.memory().numTensors).toBe(before);
    const matches = rows.filter(({ metric }) => metric === "exact_match");
    expect(subject.data.problems.longest(20)).toBe(7); // <bos>, 14 of pairs, "? k :", and the answer: 19 positions
    const items = matches.filter(({ at }) => at.beyond === "contiguous").map(({ at }) => at.items);
    expect(items).toEqual([2, 4, 5, 7, ...Array.from({ length: 16 }, (_, k) => 8 + k), 28]);
    expect(items.filter((n) => n === 14).length).toBe(1);
    for (const row of matches) {
      const right = Math.round((row.value as number) * row.n);
      const variance = (right * (row.n - right)) / row.n / (row.n - 1); // of zeros and ones
      expect(row.se).toBeCloseTo(Math.sqrt(variance / row.n), 12);
    }
    for (const { metric, se } of rows)
      if (metric === "chance" || metric === "order_blind") expect(se).toBe("exact");
    for (const { at } of matches) expect(at.split).toBe((at.items ?? 0) > 7 ? "longer" : "heldout");
    for (const row of matches) {
      const depths = rows.filter(
        ({ metric, at }) =>
          metric === "exact_match_at_depth" && at.items === row.at.items && at.beyond === row.at.beyond,
      );
      expect(depths.reduce((sum, { n }) => sum + n, 0)).toBe(row.n);
      const mean = depths.reduce((sum, { value, n }) => sum + (value as number) * n, 0) / row.n;
      expect(mean).toBeCloseTo(row.value as number, 9);
    }
    disposeTree(subject.params);
  });

  test("past L_max are measured under each policy, where the encoding stops there", async () => {
    const subject = subjectOf("copy", { kind: "learned" });
    const rows = await runProbe("exact", subject, 1, { problems: 2, dense: 1, multiples: [] });
    const policies = rows.filter(({ metric }) => metric === "l50").map(({ at }) => at.beyond);
    expect(policies).toEqual(expect.arrayContaining(["clamp", "wrap", "zero", "interpolate"]));
    for (const beyond of policies)
      expect(
        rows.filter(({ metric, at }) => metric === "exact_match" && at.beyond === beyond).length,
      ).toBeGreaterThan(3);
    disposeTree(subject.params);
  });

  test("where none past L_max is asked, no size is told at which it fails", async () => {
    const subject = subjectOf("sort", { kind: "none" });
    const rows = await runProbe("exact", subject, 1, { problems: 2, dense: 0, multiples: [] });
    const metrics = new Set(rows.map(({ metric }) => metric));
    expect([metrics.has("exact_match"), metrics.has("l50")]).toEqual([true, false]);
    disposeTree(subject.params);
  });

  test("chance is stated at each", async () => {
    const subject = subjectOf("sort", { kind: "none" });
    const rows = await runProbe("exact", subject, 1, { problems: 2, dense: 1, multiples: [] });
    const chances = rows.filter(({ metric }) => metric === "chance");
    expect(chances.map(({ at, value }) => [at.items, value])).toEqual(
      [5, 6, 7, 8, 9, 10]
        .filter((n) => chances.some(({ at }) => at.items === n))
        .map((n) => [n, subject.data.task.chance(n)]),
    );
    expect(subject.data.task.chance(5)).toBeCloseTo(120 / 5 ** 5, 12);
    disposeTree(subject.params);
  });

  test("what guessing without the order gets is stated beside it", async () => {
    const subject = subjectOf("recall", { kind: "none" });
    const rows = await runProbe("exact", subject, 1, { problems: 2, dense: 1, multiples: [2] });
    const of = (name: string) => rows.filter(({ metric }) => metric === name);
    expect(of("order_blind").map(({ at }) => at)).toEqual(of("chance").map(({ at }) => at));
    for (const { value, at } of of("order_blind")) {
      expect(value).toBe(subject.data.task.orderBlind(at.items as number));
      expect(value).toBeGreaterThan(subject.data.task.chance(at.items as number));
    }
    expect(of("order_blind")[0]?.value).toBeCloseTo(0.53125, 9); // two pairs
    disposeTree(subject.params);
  });
});

test("a model that was trained to tell the last write in flip-flops is found right, an untrained one is not", async () => {
  const subject = subjectOf("flip-flop", { kind: "relative" }, { width: 16, context: 18 });
  const { model, data } = subject;
  const small = { problems: 64, dense: 2, multiples: [] };
  const heldOut = async (params: typeof subject.params) =>
    (await runProbe("exact", { ...subject, params }, 1, small)).find(
      ({ metric, at }) => metric === "exact_match" && at.items === 8,
    )?.value;
  expect(await heldOut(subject.params)).toBeLessThan(0.3); // the end sign is part of the answer, and unlearned
  const config = trainSchema.parse({ steps: 100, learningRate: 0.01 });
  const trainer = createTrainer(model, config, initialState(model, 1), 1);
  for (let step = 0; step < 100; step++) {
    const batch = batchTensors(model, data.batch(step, 32, 18));
    trainer.step(batch);
    disposeTree(batch);
  }
  const params = trainer.params();
  expect(await heldOut(params)).toBeGreaterThan(0.6);
  trainer.close();
  disposeTree({ params, before: subject.params });
});

test("what is scored is the whole answer with its end: one wrong token makes a problem wrong", () => {
  const { data, params } = subjectOf("copy", { kind: "none" });
  const { weights = [], targets } = data.problems.batchOf([data.problems.problem(3, createRng(1, "t"))], 20);
  const scored = [...targets].filter((_, i) => weights[i] === 1);
  expect(scored.length).toBe(4);
  expect(data.tokenizer.token(scored[3] ?? -1)).toBe(".");
  disposeTree(params);
});

describe("one number for how far answers carry", () => {
  const right = (size: number, share: number) => ({
    size,
    right: Array.from({ length: 20 }, (_, i) => i < 20 * share),
  });
  const asked = {
    ...{ longest: 10, threshold: 0.85, beyond: "contiguous" },
    place: (items: number) => ({ items }),
  };
  const values = (matches: ReturnType<typeof right>[]) =>
    Object.fromEntries(
      summaryRows(matches, asked).map(({ metric, value, n, se }) => [metric, [value, n, se]]),
    );

  test("means, success and the last size before the first that is failed", () => {
    const found = values([right(5, 1), right(10, 0.9), right(15, 0.8), right(20, 0.9), right(40, 1)]);
    expect(found.exact_match_past?.[0]).toBeCloseTo(0.85, 12); // of 15 and 20
    expect(found.exact_match_past?.[1]).toBe(40);
    const variances = [0.8 * 0.2, 0.9 * 0.1].map((pq) => pq / 19);
    expect(found.exact_match_past?.[2]).toBeCloseTo(
      Math.sqrt((variances[0] as number) + (variances[1] as number)) / 2,
      12,
    );
    expect(found.success_at_2l).toEqual([1, 20, null]);
    expect(found.effective_length).toEqual([10, 5, null]);
  });

  test("a model that is right at all sizes, at none, and one that was not asked past L_max", () => {
    expect(values([right(10, 1), right(20, 1)]).effective_length?.[0]).toBe(20);
    const failing = values([right(10, 0.8), right(20, 1)]);
    expect(failing.effective_length?.[0]).toBeNull();
    expect(values([right(10, 1), right(20, 0.8)]).success_at_2l?.[0]).toBe(0);
    expect(Object.keys(values([right(10, 1)]))).toEqual(["effective_length"]);
  });
});

test("primacy and recency are the ends less the middle, with the errors of both; none where an end has no item", () => {
  const of = (depth: number, ...right: number[]) => [depth, right.map(Boolean)] as const;
  const rows = serialRows([of(0.1, 1, 1, 0, 1), of(0.3, 0, 1), of(0.7, 0, 0), of(0.9, 1, 1)], { items: 4 });
  expect(rows.map(({ metric, value, n }) => [metric, value, n])).toEqual([
    ["exact_match_primacy", 0.5, 8],
    ["exact_match_recency", 0.75, 6],
  ]);
  const [end, middle] = [3 / 4 / 3 / 4, 3 / 4 / 3 / 4]; // s²/n of 1101 and of 0100
  expect(rows[0]?.se).toBeCloseTo(Math.sqrt(end + middle), 12);
  expect(rows[1]?.se).toBeCloseTo(Math.sqrt(middle), 12);
  expect(serialRows([of(0.1, 1), of(0.5, 1)], {})).toEqual([]);
  expect(serialRows([of(0.3, 1), of(0.5, 1), of(0.9, 1)], {})).toEqual([]);
});

test("a lack of material and bidirectional models are refused", async () => {
  const subject = subjectOf("copy", { kind: "none" }, { attention: "bidirectional" });
  await expect(runProbe("exact", subject, 1)).rejects.toThrow("a bidirectional model sees the answer");
  await expect(runProbe("length", subject, 1)).rejects.toThrow(
    "probe length: needs windows (running text: --text FILE); of this model can be asked: exact",
  );
  disposeTree(subject.params);
});
