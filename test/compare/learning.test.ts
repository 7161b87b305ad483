/** Speeds of learning of runs that ended in other losses, or trained for other steps. */
import { expect, test } from "vitest";
import { answersOf } from "../../src/compare/answers.ts";
import { comparableLearning } from "../../src/compare/learning.ts";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { metrics } from "../../src/probes/index.ts";
import type { Measurement } from "../../src/probes/probe.ts";

const row = (metric: string, value: number | null, at: Measurement["at"]): Measurement => ({
  ...{ metric, value, unit: "", n: 1, at },
});

function run(condition: string, losses: readonly number[], more: readonly Measurement[] = [], seed = 1) {
  const curve = losses.map((value, i) => row("validation_at_step", value, { step: 100 * (i + 1) }));
  const measurements = [...curve, ...more];
  return { condition, encoding: condition, seed, parameters: 7, context: 8, measurements } as ComparedRun;
}

const found = (runs: readonly ComparedRun[], metric: string) =>
  runs.map(({ measurements }) => {
    const { value, at } = measurements.find((one) => one.metric === metric) ?? {};
    return [value, at];
  });

test("all are asked for the loss in which the reference ended, or else the one that ended highest", () => {
  const runs = [run("rope", [3, 2, 1.5]), run("alibi", [3, 2.5, 2.25]), run("none", [3, 2.9, 2.8])];
  const told = (against?: string) => found(comparableLearning(runs, against), "steps_to_loss");
  expect(told()).toEqual([200, 200, 300].map((step) => [step, { target: 2.8, until: 300 }]));
  expect(told("alibi").map(([value]) => value)).toEqual([200, 300, null]);
  expect(found(comparableLearning([run("rope", [3, 2])]), "steps_to_loss")).toEqual([[undefined, undefined]]);
});

test("runs of other lengths are held to the steps of the shortest: what came later was not within them", () => {
  const steps = (value: number | null, until: number) =>
    row("steps_to_accuracy", value, { of: "swap accuracy", until });
  const runs = [
    run("rope", [], [steps(200, 2000)]),
    run("alibi", [], [steps(1400, 2000)]),
    run("none", [], [steps(null, 1000)]),
  ];
  const at = { of: "swap accuracy", until: 1000 };
  expect(found(comparableLearning(runs), "steps_to_accuracy")).toEqual([
    [200, at],
    [null, at],
    [null, at],
  ]);
  const [answer] = answersOf(runs, metrics, {});
  expect(answer?.question.at).toEqual(at);
  expect(answer?.question.conditions.map(({ values, missing }) => [values.size, missing?.size])).toEqual([
    [1, undefined],
    [0, 1],
    [0, 1],
  ]);
});

test("curves by step are compared where they are asked for, and not else", () => {
  const runs = [run("rope", [3, 2]), run("alibi", [3, 2.5])];
  expect(answersOf(runs, metrics, {}).map(({ question }) => question.metric)).toEqual(["steps_to_loss"]);
  const asked = answersOf(runs, metrics, {}, ["validation_at_step"]);
  expect(asked.map(({ question }) => question.at)).toEqual([{ step: 100 }, { step: 200 }]);
});
