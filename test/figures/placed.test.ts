/** One seed placed among those of a study, on planted numbers. */
import { expect, test } from "vitest";
import { predictionInterval } from "../../src/compare/intervals.ts";
import { HEADLINES, headlineRows, meanText, placedIn } from "../../src/figures/headline.ts";
import { placedSection, placedSentence } from "../../src/figures/placed.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";

const L = 4;

/** A run with a validation loss, and a loss past L_max under each policy. */
function result(preset: string, validation: number, past: Readonly<Record<string, number>>): DemoResult {
  const rows = Object.entries(past).flatMap(([beyond, loss]) =>
    Array.from({ length: 16 * L }, (_, position) => ({
      ...{ metric: "nll", unit: "nats", n: 4, se: null, value: position < L ? 0.5 : loss },
      at: { position, beyond, split: "heldout" },
    })),
  );
  const swap = { metric: "swap_accuracy", unit: "accuracy", n: 4, se: 0, value: 1, at: { split: "heldout" } };
  return {
    ...{ preset, encoding: preset, title: preset, parameters: 1, measurements: [swap, ...rows] },
    config: { model: { context: L } },
    log: [{ step: 4, split: "validation", loss: validation }],
  };
}

const study = headlineRows(
  [0.58, 0.6, 0.59, 0.61, 0.57].map((loss, i) =>
    result("learned", loss, { clamp: 3 + i / 10, zero: 2 + i / 10 }),
  ),
);

test("a study's numbers are by seed, past L_max under the policy that does best on the mean", () => {
  expect(study).toHaveLength(1);
  expect(study[0]).toMatchObject({ preset: "learned", policy: "zero", encoding: "learned" });
  const { validation, swap, inside, past, far, shuffle } = study[0]?.values ?? {};
  expect(validation).toEqual([0.58, 0.6, 0.59, 0.61, 0.57]);
  expect(swap).toEqual([1, 1, 1, 1, 1]);
  expect(inside).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
  for (const values of [past, far])
    expect(values?.map((value) => Number(value.toFixed(9)))).toEqual([2, 2.1, 2.2, 2.3, 2.4]);
  expect(shuffle).toEqual([]);
});

test("the interval of one further seed holds nineteen of twenty, and more than the mean's", () => {
  // t(0.975, 4) = 2.776445: mean ± t·s·√(1 + 1/5), s = 0.01581139
  const { low, high } = predictionInterval([0.58, 0.6, 0.59, 0.61, 0.57]) ?? expect.fail("no interval");
  expect([low, high].map((end) => Number(end.toFixed(6)))).toEqual([0.541911, 0.638089]);
  expect(predictionInterval([1, 1.01, 0.99], { low: 0, high: 1 })?.high).toBe(1);
  expect(predictionInterval([1, 2])).toBeUndefined();
});

test("each number of a run is said to lie within or outside, and the figure shows it", async () => {
  const placed = placedIn(study, [result("learned", 0.63, { clamp: 9, zero: 2.8 })]);
  expect(placed.map(({ headline: { key }, isWithin }) => [key, isWithin])).toEqual([
    ...[
      ["validation", true],
      ["swap", true],
      ["inside", true],
      ["past", false],
      ["far", false],
    ],
  ]);
  const said = placedSentence(placed) ?? "";
  expect(said).toMatch(/^3 of 5 numbers of this run lie where one further seed of the study would/);
  expect(said).toContain("outside lie loss, 1–2 L_max, of `learned` (2.80, not 1.72 to 2.68) and");
  const section = placedSection(placed, await nodeDocument(), true);
  expect(section?.figures).toHaveLength(5);
  expect(section?.lead).toContain("This seed is one of the study's");
  expect(section?.caption).toContain("5 of each preset");
});

test("what the study lacks is left out, and of nothing there is no sentence", async () => {
  expect(placedIn(study, [result("rope", 0.6, { contiguous: 1 })])).toEqual([]);
  const two = headlineRows([0.58, 0.6].map((loss) => result("learned", loss, { clamp: 3 })));
  expect(placedIn(two, [result("learned", 9, { clamp: 9 })])).toEqual([]);
  expect(placedSentence([])).toBeUndefined();
  expect(placedSection([], await nodeDocument(), false)).toBeUndefined();
});

test("a difference that rounding hides is none", () => {
  const placed = placedIn(study, [{ ...result("learned", 0.6, { zero: 2.2 }), measurements: [] }]);
  expect(placed.map(({ headline }) => headline.key)).toEqual(["validation"]);
  const swap = HEADLINES.find(({ key }) => key === "swap") ?? expect.fail();
  const near = { ...result("learned", 0.6, { zero: 2.2 }) };
  const rows = near.measurements.map((row) =>
    row.metric === "swap_accuracy" ? { ...row, value: 0.9996 } : row,
  );
  const [, found] = placedIn(study, [{ ...near, measurements: rows }]);
  expect(found).toMatchObject({ headline: swap, value: 0.9996, isWithin: true });
});

test("a mean is told with its interval, within what values can be", () => {
  const [validation, swap] = HEADLINES as [(typeof HEADLINES)[number], (typeof HEADLINES)[number]];
  expect(meanText([0.58, 0.6, 0.59], validation)).toBe("0.590 [0.565, 0.615]");
  expect(meanText([1, 0.99, 1], swap)).toBe("0.997 [0.982, 1.000]");
  expect(meanText([0.5, 0.6], validation)).toBe("0.550");
  expect(meanText([], swap)).toBeUndefined();
});
