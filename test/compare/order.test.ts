/** Seeds that never reached what was asked for: no number stands for them, and their order still counts. */
import { describe, expect, test } from "vitest";
import { answersOf, plainAnswer } from "../../src/compare/answers.ts";
import { decide } from "../../src/compare/decide.ts";
import { middleOf, seedOrder } from "../../src/compare/order.ts";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { comparisonSentence, comparisonTable } from "../../src/figures/comparison.ts";
import { valueRows } from "../../src/figures/differences.ts";
import type { Metric } from "../../src/probes/probe.ts";
import { createRng } from "../../src/tensor/rng.ts";

/** Steps of seeds 0, 1, …; null where one had not learned within the steps. */
function condition(name: string, steps: readonly (number | null)[]) {
  const all = [...steps.entries()];
  return {
    name,
    values: new Map(all.flatMap(([seed, step]) => (step === null ? [] : [[seed, step] as const]))),
    missing: new Set(all.flatMap(([seed, step]) => (step === null ? [seed] : []))),
  };
}

describe("the order of seeds", () => {
  test("one without a value lies past all others, two without are equal", () => {
    const a = condition("a", [200, 400, null, null, 600]);
    const b = condition("b", [400, null, 800, null, 600]);
    expect(seedOrder(a, b, "above")).toEqual({ n: 5, higher: 1, lower: 2, p: 1 });
    expect(seedOrder(a, b, "below")).toMatchObject({ higher: 1, lower: 2 });
    expect(seedOrder(condition("a", [1, null]), condition("b", [2, 3]), "above").p).toBeUndefined();
  });

  test("has a sign test's p: ten seeds of ten that one reached and the other did not are 2/2^10", () => {
    const always = condition("a", Array(10).fill(200));
    const never = condition("b", Array(10).fill(null));
    expect(seedOrder(always, never, "above")).toEqual({ n: 10, higher: 0, lower: 10, p: 2 / 1024 });
  });

  test("holds its level where both reach it in half of their seeds: 5 % of 2,000 experiments or fewer", () => {
    const rng = createRng(1, "test/order");
    const draw = () =>
      Array.from({ length: 10 }, () => (rng.uniform() < 0.5 ? null : Math.ceil(10 * rng.uniform())));
    let wrong = 0;
    for (let i = 0; i < 2000; i++) {
      const conditions = [condition("a", draw()), condition("b", draw())];
      if (decide(conditions, { missing: "above" }).contrasts[0]?.outcome === "different") wrong++;
    }
    expect(wrong / 2000).toBeLessThanOrEqual(0.05);
    expect(wrong).toBeGreaterThan(0);
  });

  test("half of the seeds have reached the middle value, or it is not known", () => {
    expect(middleOf(condition("a", [600, 200, null]), "above")).toBe(600);
    expect(middleOf(condition("a", [600, 200, 400, null]), "above")).toBe(400);
    expect(middleOf(condition("a", [200, null, null]), "above")).toBeUndefined();
    expect(middleOf(condition("a", [200, null, null, 600]), "below")).toBeUndefined();
    expect(middleOf(condition("a", []), "above")).toBeUndefined();
  });
});

const METRIC: Metric = {
  ...{ title: "steps to swap accuracy", unit: "steps", better: "lower", meaning: "Of a test." },
  missing: { lies: "above", means: "never" },
};

function answerOf(steps: Readonly<Record<string, readonly (number | null)[]>>, against?: string) {
  const runs = Object.entries(steps).flatMap(([name, values]) =>
    values.map((value, seed): ComparedRun => {
      const row = { metric: "steps_to", value, unit: "steps", n: 10, at: { threshold: 0.95, until: 2000 } };
      return { condition: name, encoding: name, seed, parameters: 7, context: 8, measurements: [row] };
    }),
  );
  const [answer] = answersOf(runs, { steps_to: METRIC }, { against });
  if (answer === undefined) throw new Error("no question");
  return { answer, table: comparisonTable(answer, runs), rows: valueRows(answer, runs) };
}

describe("what is said of them", () => {
  const STEPS = {
    rope: [200, 400, 200, 400, 200, 200, 400],
    alibi: [600, 600, null, 800, 600, null, 600],
    none: [null, null, null, null, null, null, null],
  };

  test("is how many reached it and when half had, never a mean with or without them", () => {
    const { answer, table, rows } = answerOf(STEPS);
    const mean = Object.fromEntries(table.rows.map((row) => [row.condition, row.mean]));
    expect(mean).toEqual({
      rope: "200; 7 of 7 [0.59, 1.00]",
      alibi: "600; 5 of 7 [0.29, 0.96]",
      none: "not within 2,000 steps; 0 of 7 [0.00, 0.41]",
    });
    expect(answer.decision.summaries.map(({ name, mean: value }) => [name, value])).toEqual([
      ["rope", (200 * 4 + 400 * 3) / 7],
      ["alibi", undefined],
      ["none", undefined],
    ]);
    expect(comparisonSentence(answer)).toMatch(
      /^steps to swap accuracy, threshold 0\.95: for half of the seeds from 200 \(`rope`\) to not within 2,000 steps \(`none`\)\. /,
    );
    expect(rows.map(({ label, mean: center, low }) => [label, center, low === undefined])).toEqual([
      ["rope", (200 * 4 + 400 * 3) / 7, false],
      ["alibi", 600, true],
    ]);
    expect(() => JSON.stringify(plainAnswer(answer))).not.toThrow();
  });

  test("against a reference: differences over the seeds that have both, p of the order of all", () => {
    const { answer, table } = answerOf(STEPS, "alibi");
    const [rope, none] = answer.decision.contrasts;
    expect(rope?.difference.values).toEqual([-400, -200, -400, -400, -200]);
    expect(rope?.order).toEqual({ n: 7, higher: 0, lower: 7, p: 2 / 128 });
    expect(rope).toMatchObject({ p: 4 / 128, outcome: "different" }); // Holm's, of two
    expect(none).toMatchObject({ outcome: "undecided", order: { higher: 5, lower: 0 } });
    const told = Object.fromEntries(table.rows.map((row) => [row.condition, [row.difference, row.outcome]]));
    expect(told.rope).toEqual(["−320 [−456, −184] in the 5 of 7 seeds that have both", "better"]);
    expect(told.none).toEqual([undefined, "undecided: better in 0, worse in 5 of 7 seeds"]);
    expect(comparisonSentence(answer)).toContain(
      "Against `alibi`: `rope` is better in 7 of 7 seeds; `none` cannot be told from it.",
    );
  });

  test("where every seed reached it is as of any number", () => {
    const { answer, table } = answerOf({ rope: [200, 400, 200], alibi: [400, 600, 800] }, "rope");
    expect(answer.decision.contrasts[0]?.order).toBeUndefined();
    expect(table.columns.find(({ key }) => key === "mean")?.heading).toBe("mean ± sd");
  });

  test("what half of the seeds reached is said once where it is the same, also where seeds differ", () => {
    const steps = { rope: [200, 400, 400, 200, 400], alibi: [400, 400, 400, null, 400] };
    expect(comparisonSentence(answerOf(steps).answer)).toContain(
      ": 400 steps for half of the seeds of each.",
    );
    const never = { rope: [null, null, null, 200, null], alibi: [null, null, null, null, null] };
    expect(comparisonSentence(answerOf(never).answer)).toContain(
      ": not within 2,000 steps for half of the seeds of each.",
    );
  });

  test("where no seed of any reached it says so of all", () => {
    const { answer } = answerOf({ rope: [null, null, null], alibi: [null, null, null] });
    expect(comparisonSentence(answer)).toMatch(/: not within 2,000 steps for half of the seeds of each\.$/);
  });
});
