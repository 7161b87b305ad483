/** Registered statements, scored on planted results. */
import { expect, test } from "vitest";
import type { ComparedRun } from "../../src/compare/questions.ts";
import {
  type Registered,
  type Relation,
  scoreRegistered,
  type Verdict,
} from "../../src/compare/registered.ts";
import { metrics } from "../../src/probes/index.ts";

const NOISE = [0.004, -0.006, 0.003, -0.002, 0.001];

/** A run a seed of each condition: a value, and noise that the two conditions do not share. */
function runsOf(means: Readonly<Record<string, number>>, metric = "nll", seeds = 5): ComparedRun[] {
  return Object.entries(means).flatMap(([condition, center], c) =>
    NOISE.slice(0, seeds).map((_, seed) => ({
      ...{ condition, encoding: condition, data: "", seed: seed + 1, parameters: 1, context: 4 },
      measurements: [4, 5, 6, 7].map((position) => ({
        ...{ metric, unit: "nats", n: 8, se: null },
        value: center + (NOISE[(seed + 2 * c) % NOISE.length] as number),
        at: metric === "nll" ? { position, split: "heldout" } : { split: "heldout" },
      })),
    })),
  );
}

const statement = (relation: Relation, margin = 0.05): Registered => ({
  ...{ id: "planted", statement: "", source: "", metric: "nll", at: { range: "1–2 L_max" }, margin },
  contrasts: [["a", relation, "b"]],
});

const scored = (relation: Relation, means: Readonly<Record<string, number>>, margin?: number) =>
  scoreRegistered(statement(relation, margin), runsOf(means), metrics)[0];

test.each<[Relation, number, number, Verdict]>([
  ["better", 1, 1.2, "confirmed"],
  ["better", 1.2, 1, "refuted"],
  ["better", 1, 1.0001, "refuted"], // shown not to matter
  ["much better", 1, 1.2, "confirmed"],
  ["much better", 1, 1.03, "refuted"],
  ["much better", 1, 1.05, "undecided"],
  ["much better", 1.2, 1, "refuted"],
  ["no worse", 1, 1.2, "confirmed"],
  ["no worse", 1.01, 1, "confirmed"],
  ["no worse", 1.2, 1, "refuted"],
  ["no worse", 1.05, 1, "undecided"],
  ["the same", 1, 1.001, "confirmed"],
  ["the same", 1, 1.2, "refuted"],
  ["the same", 1.2, 1, "refuted"],
  ["the same", 1, 1.05, "undecided"],
])("%s: losses of %d against %d: %s", (relation, a, b, verdict) => {
  expect(scored(relation, { a, b })).toMatchObject({ verdict, n: 5 });
});

test("which way is better is the metric's to say", () => {
  const better: Registered = { ...statement("better"), metric: "swap_accuracy", at: {} };
  const of = (a: number, b: number) =>
    scoreRegistered(better, runsOf({ a, b }, "swap_accuracy"), metrics)[0]?.verdict;
  expect([of(0.9, 0.6), of(0.6, 0.9)]).toEqual(["confirmed", "refuted"]);
});

test("a difference that noise hides is undecided, and its interval says so", () => {
  const runs = runsOf({ a: 1, b: 1.002 });
  const [one] = scoreRegistered(statement("better", 0.0001), runs, metrics);
  expect(one?.verdict).toBe("undecided");
  expect(one?.interval?.low).toBeLessThan(0);
  expect(one?.interval?.high).toBeGreaterThan(0);
});

test("two seeds decide nothing, and what no run measures is not asked", () => {
  const two = runsOf({ a: 1, b: 1.2 }, "nll", 2);
  for (const relation of ["better", "much better", "no worse", "the same"] as const)
    expect(scoreRegistered(statement(relation), two, metrics)[0]?.verdict).toBe("undecided");
  expect(scoreRegistered(statement("better"), runsOf({ a: 1, c: 2 }), metrics)[0]).toEqual({
    ...{ part: "a is better than b", verdict: "not asked", n: 0 },
  });
  expect(scoreRegistered(statement("better"), [], metrics)[0]?.verdict).toBe("not asked");
});

test.each<[number, number | undefined, number | undefined, Verdict]>([
  [3.5, 3, undefined, "confirmed"],
  [2.5, 3, undefined, "refuted"],
  [3.001, 3, undefined, "undecided"],
  [2, 1.5, 2.5, "confirmed"],
  [2.7, 1.5, 2.5, "refuted"],
  [1, undefined, 1.05, "confirmed"],
])("a mean of %d in a range from %s to %s: %s", (center, low, high, verdict) => {
  const range = { condition: "a", ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
  const registered: Registered = { ...statement("better"), contrasts: [], ranges: [range] };
  expect(scoreRegistered(registered, runsOf({ a: center, b: 9 }), metrics)[0]?.verdict).toBe(verdict);
});

test("the parts of a statement are corrected together", () => {
  const runs = runsOf({ a: 1, b: 1.0065 });
  const one = ["a", "better", "b"] as const;
  const scores = (contrasts: Registered["contrasts"]) =>
    scoreRegistered({ ...statement("better", 1e-6), contrasts }, runs, metrics).map(({ verdict }) => verdict);
  expect(scores([one])).toEqual(["confirmed"]);
  expect(scores([one, one, one])).toEqual(["undecided", "undecided", "undecided"]);
});
