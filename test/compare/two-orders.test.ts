/** Orders of conditions on two data, and whether training had ended. */
import { expect, test } from "vitest";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { slopeOf } from "../../src/compare/slopes.ts";
import { agreementOf, kendall, meanOf, rankedBy } from "../../src/compare/two-orders.ts";
import { metrics } from "../../src/probes/index.ts";

test.each([
  ["one order", [1, 2, 3, 4], [10, 20, 30, 40], 1],
  ["the reverse", [1, 2, 3, 4], [4, 3, 2, 1], -1],
  ["one pair of six the other way", [1, 2, 3, 4], [1, 2, 4, 3], 4 / 6],
  ["ties count in neither order", [1, 1, 2], [1, 2, 3], 2 / Math.sqrt(6)],
])("Kendall's τ of %s", (_, xs, ys, expected) => {
  expect(kendall(xs, ys)).toBeCloseTo(expected, 12);
});

test("of values that are all equal there is no order", () => {
  expect(kendall([1, 1, 1], [1, 2, 3])).toBeNaN();
});

const row = (metric: string, value: number, at = {}) => ({
  ...{ metric, unit: "", n: 1, se: null, value },
  at: { split: "heldout", ...at },
});

function runs(of: Readonly<Record<string, readonly number[]>>, metric: string): ComparedRun[] {
  return Object.entries(of).flatMap(([name, values]) =>
    values.map((value, i) => ({
      ...{ condition: name, encoding: name, data: "", seed: i + 1, parameters: 1, context: 4 },
      measurements: [row(metric, value)],
    })),
  );
}

const ranked = (of: Readonly<Record<string, readonly number[]>>, metric: string) =>
  rankedBy(runs(of, metric), metrics, { metric });

test("a low loss and a high accuracy are one order, and τ is by seed", () => {
  const losses = ranked({ a: [1, 1, 3], b: [2, 2, 2], c: [3, 3, 1] }, "degradation_ratio");
  const answers = ranked({ a: [0.9, 0.8, 0.9], b: [0.5, 0.5, 0.5], c: [0.1, 0.1, 0.1] }, "exact_match_past");
  const found = agreementOf(losses, answers);
  expect(found?.conditions).toEqual(["a", "b", "c"]);
  expect(found?.seeds).toEqual([1, 1, -1].map((tau, i) => ({ seed: i + 1, tau })));
  expect(found?.mean).toBeCloseTo(1 / 3, 12);
  expect(found?.interval?.low).toBeLessThan(0);
});

test("seeds that not all conditions have are left out; two conditions have no order", () => {
  const losses = ranked({ a: [1, 1], b: [2, 2], c: [3] }, "degradation_ratio");
  const answers = ranked({ a: [0.9, 0.8], b: [0.5, 0.5], c: [0.1, 0.1] }, "exact_match_past");
  expect(agreementOf(losses, answers)?.seeds).toEqual([{ seed: 1, tau: 1 }]);
  expect(agreementOf(losses, answers)?.interval).toBeUndefined();
  const two = ranked({ a: [0.9], b: [0.5] }, "exact_match_past");
  expect(agreementOf(losses, two)).toBeUndefined();
});

test("of several policies past L_max that counts which does best", () => {
  const several = runs({ a: [1], b: [2] }, "nll").map((run, i) => ({
    ...run,
    measurements: [
      row("nll", 3 + i, { position: 5, beyond: "clamp" }),
      row("nll", 1 + i, { position: 5, beyond: "zero" }),
    ],
  }));
  const found = rankedBy(several, metrics, { metric: "nll", at: { range: "1–2 L_max" } });
  expect(Object.fromEntries(found)).toEqual({ a: new Map([[1, -1]]), b: new Map([[1, -2]]) });
});

test("the mean of several tasks is of what all of them have", () => {
  const one = ranked({ a: [0.2, 0.4], b: [0.5, 0.5], c: [1, 1] }, "exact_match_past");
  const other = ranked({ a: [0.4, 0.4], b: [0.1] }, "exact_match_past");
  const found = meanOf([one, other]);
  expect([...found.keys()]).toEqual(["a", "b"]);
  expect(found.get("a")?.get(1)).toBeCloseTo(0.3, 12);
  expect([...(found.get("b")?.keys() ?? [])]).toEqual([1]);
});

test("training has not ended where the loss still falls by more than seeds differ", () => {
  const run = (before: number, last: number) =>
    [
      [60, 9],
      [80, before],
      [100, last],
    ] as const;
  expect(slopeOf([run(0.61, 0.6), run(0.65, 0.64), run(0.56, 0.56)])).toMatchObject({ isSteep: false, n: 3 });
  const steep = slopeOf([run(0.8, 0.6), run(0.81, 0.61)]);
  expect(steep).toMatchObject({ isSteep: true, n: 2 });
  expect(steep?.change).toBeCloseTo(-0.2, 12);
  expect(slopeOf([run(0.8, 0.6)])).toBeUndefined();
  expect(slopeOf([run(0.8, 0.6), [[100, 1]]])).toBeUndefined();
});
