/** Controls of as many parameters: one more contrast for each encoding that has more. */
import { expect, test } from "vitest";
import { answersOf } from "../../src/compare/answers.ts";
import { decide } from "../../src/compare/decide.ts";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { comparisonSentence, comparisonTable } from "../../src/figures/comparison.ts";
import { metrics } from "../../src/probes/index.ts";

/** Of three seeds each, with a difference of a hundredth between seeds. */
function runsOf(values: Readonly<Record<string, number>>, parameters: Readonly<Record<string, number>> = {}) {
  return Object.entries(values).flatMap(([condition, value]) =>
    [1, 2, 3].map((seed): ComparedRun => {
      const row = { metric: "answer_nll", value: value + seed * 0.01 * value, unit: "nats", n: 9, at: {} };
      const run = { condition, encoding: condition, seed, context: 8, measurements: [row] };
      return { ...run, parameters: parameters[condition] ?? 100 };
    }),
  );
}

test("what widening does is told beside what the encoding does, and both stand under one correction", () => {
  const runs = runsOf({ none: 2, learned: 1, "none-mlp9": 1.9 }, { learned: 164, "none-mlp9": 165 });
  const options = { against: "none", controls: { learned: "none-mlp9" } };
  const [answer] = answersOf(runs, metrics, options);
  if (answer === undefined) throw new Error("no question");
  expect(answer.decision.contrasts.map(({ first, second }) => [first, second])).toEqual([
    ["learned", "none"],
    ["none-mlp9", "none"],
  ]);
  const [control] = answer.decision.controls ?? [];
  expect(control).toMatchObject({ first: "learned", second: "none-mlp9", outcome: "different" });
  const alone = decide(answer.question.conditions, { against: "none" });
  expect(answer.decision.contrasts[0]?.p).toBeGreaterThan(alone.contrasts[0]?.p ?? 1); // Holm's, of three
  const { rows, columns } = comparisonTable(answer, runs);
  expect(columns.at(-1)?.heading).toMatch(/control of as many parameters/);
  const learned = rows.find(({ condition }) => condition === "learned");
  expect(learned).toMatchObject({
    parameters: 164,
    control: expect.stringMatching(/^none-mlp9: −0\.918 .*better$/),
  });
  expect(comparisonSentence(answer)).toContain(
    "With as many parameters, `learned` to `none-mlp9`: better by 0.918.",
  );
});

test("a policy past L_max has its condition's control; without controls nothing is added", () => {
  const seeds = (value: number) => new Map([1, 2, 3].map((seed) => [seed, value + seed]));
  const conditions = ["none", "learned (clamp)", "learned (wrap)", "none-mlp9"].map((name, i) => ({
    name,
    values: seeds(i * i),
  }));
  const { controls } = decide(conditions, { against: "none", controls: { learned: "none-mlp9" } });
  expect(controls?.map(({ first, second }) => [first, second])).toEqual([
    ["learned (clamp)", "none-mlp9"],
    ["learned (wrap)", "none-mlp9"],
  ]);
  expect(decide(conditions, { against: "none" })).not.toHaveProperty("controls");
});
