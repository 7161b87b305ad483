/** The table of every metric at every length, the same as CSV, and the floor of a loss. */
import { expect, test } from "vitest";
import { answersOf } from "../../src/compare/answers.ts";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { perfectLoss } from "../../src/data/corpora/who-floor.ts";
import { allLengths } from "../../src/figures/all-lengths.ts";
import { questionFloor } from "../../src/figures/question-floor.ts";
import { meansCsv } from "../../src/node/report/csv.ts";
import { metrics } from "../../src/probes/index.ts";
import type { Measurement, MeasurementSite } from "../../src/probes/probe.ts";

const L = 8;
const data = whoConfig.parse({ kind: "who" });

const row = (metric: string, value: number | null, at: MeasurementSite, unit: string): Measurement => ({
  ...{ metric, value, unit, n: 64, se: null, at },
});

/** Losses 1, 2, 3 within L_max by seed, one more past it; half of seeds succeed; one never learns. */
function runsOf(condition: string, seeds: number): ComparedRun[] {
  return Array.from({ length: seeds }, (_, i) => ({
    ...{ condition, encoding: condition, seed: i + 1, parameters: 9, context: L },
    config: { model: { context: L }, data },
    measurements: [
      ...Array.from({ length: 2 * L }, (_, position) =>
        row("nll", i + 1 + Number(position >= L), { position }, "nats"),
      ),
      row("exact_match_at_depth", 0.5, { length: L, depth: 0.5 }, "accuracy"),
      row("success_at_2l", i === 0 ? 1 : 0, { threshold: 0.85 }, "accuracy"),
      row("steps_to_accuracy", i === 0 ? null : 100 * i, { threshold: 0.95, until: 300 }, "steps"),
    ],
  }));
}

const answersFor = (runs: readonly ComparedRun[]) => answersOf(runs, metrics, {});

test("a row a metric and length: mean, Student's t interval or that of a probability, n, and the floor", () => {
  const runs = [...runsOf("rope", 3), ...runsOf("alibi", 3)];
  const { columns, rows } = allLengths(answersFor(runs), runs) ?? { columns: [], rows: [] };
  expect(columns.map(({ heading }) => heading)).toEqual(["metric, length", "n", "rope", "alibi", "floor"]);
  const losses = perfectLoss(data, 2 * L) as number[];
  const floor = (from: number) => (losses.slice(from, from + L).reduce((a, b) => a + b) / L).toPrecision(3);
  // t = 4.303 of two degrees of freedom, over √3
  expect(rows.map(({ question, n, c0, floor: own }) => [question, n, c0, own])).toEqual([
    ["loss by position, 0–1 L_max (nats)", "3", "2.00 [−0.484, 4.48]", floor(0)],
    ["loss by position, 1–2 L_max (nats)", "3", "3.00 [0.516, 5.48]", floor(L)],
    ["success at 2·L_max, threshold 0.85 (accuracy)", "3", "0.333 [0.00840, 0.906]", undefined],
    ["steps to accuracy, threshold 0.95 (steps)", "3", "200", undefined],
  ]);
});

test("two seeds have no interval; where conditions differ in seeds, each says how many", () => {
  const runs = [...runsOf("rope", 2), ...runsOf("alibi", 3)];
  const { rows = [], caption } = allLengths(answersFor(runs), runs) ?? { caption: "" };
  expect(rows[0]).toMatchObject({ n: "2–3", c0: "1.50 (n 2)", c1: "2.00 [−0.484, 4.48] (n 3)" });
  expect(caption).toContain("Fewer than 3 seeds give no interval.");
});

test("as CSV: every question, depths too, with what seeds lack", () => {
  const [head = "", ...lines] = meansCsv(answersFor([...runsOf("rope", 3), ...runsOf("alibi", 3)]))
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const table = lines.map((cells) => Object.fromEntries(cells.map((cell, i) => [head[i], cell])));
  const of = (metric: string) => table.find((one) => one.metric === metric && one.condition === "rope");
  expect(of("nll")).toMatchObject({ range: "0–1 L_max", n: "3", mean: "2", interval: "student-t" });
  expect(Number(of("nll")?.sd)).toBeCloseTo(1, 12);
  expect(Number(of("nll")?.low)).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
  expect(of("success_at_2l")).toMatchObject({ interval: "clopper-pearson" });
  expect(Number(of("success_at_2l")?.high)).toBeCloseTo(0.9057, 4); // 1 of 3: Beta(2, 2) at 0.975
  expect(of("steps_to_accuracy")).toMatchObject({ n: "3", without_value: "1", mean: "", low: "" });
  expect(of("exact_match_at_depth")).toMatchObject({ depth: "0.5", n: "3", mean: "0.5" });
});

test("a floor is of the positions that were measured, and of held-out stories", () => {
  const runs = [...runsOf("rope", 3), ...runsOf("alibi", 3)].map((run) => ({
    ...run,
    measurements: run.measurements.filter(({ at }) => at.position === 2 || at.position === 5),
  }));
  const [answer] = answersFor(runs);
  const losses = perfectLoss(data, L) as number[];
  const { question, ...rest } = answer ?? expect.unreachable();
  expect(questionFloor({ question, ...rest }, runs)).toBeCloseTo(
    ((losses[2] as number) + (losses[5] as number)) / 2,
    12,
  );
  const train = { ...question, at: { ...question.at, split: "train" } };
  expect(questionFloor({ question: train, ...rest }, runs)).toBeUndefined();
  const others = runs.map((run) => ({ ...run, context: run.condition === "rope" ? L : 2 * L, config: {} }));
  expect(questionFloor({ question, ...rest }, others)).toBeUndefined();
});
