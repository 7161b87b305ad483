/** How soon presets learn, where some seeds never do. */
import { expect, test } from "vitest";
import { learnedHeading, learnedText } from "../../src/figures/learned.ts";
import type { DemoResult } from "../../src/figures/results.ts";

const run = (...steps: (number | null)[]): DemoResult => ({
  ...{
    preset: "rope",
    encoding: "rope",
    title: "rope",
    config: { model: { context: 32 } },
    parameters: 1,
    log: [],
  },
  measurements: steps.map((value) => ({
    ...{ metric: "steps_to_accuracy", value, unit: "steps", n: 8, se: null },
    at: { of: "swap accuracy", threshold: 0.95, until: 2000 },
  })),
});

test.each([
  [[600, 400, 800], "600 (400–800)"],
  [[1400, 600, null], "1,400 (600–never)"],
  [[600, null, null], "never (600–never)"],
  [[null, null, null], "never"],
  [[400, 400], "400"],
  [[400], "400"],
])("%j: %s", (steps, text) => {
  const runs = steps.map((one) => run(one));
  expect(learnedText(runs)).toBe(text);
  expect(learnedHeading(runs)).toBe("steps to 95%");
});

test("of runs that were not asked there is nothing, and no column", () => {
  expect(learnedText([run()])).toBeUndefined();
  expect(learnedHeading([run()])).toBeUndefined();
  expect(learnedText([run(), run(200)])).toBe("200");
});
