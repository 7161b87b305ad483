/** How sure a figure is of a fraction of one run. */
import { expect, test } from "vitest";
import { fractionInterval } from "../../src/compare/intervals.ts";
import { estimate } from "../../src/figures/results.ts";
import { result, row } from "../node/report/demo-results.ts";

const accuracyOf = (se: number | null) => {
  const swap = { ...row("swap_accuracy", 0.8, { split: "heldout" }), unit: "accuracy", n: 401, se };
  return estimate([{ ...result("rope"), measurements: [swap] }], "rope", "swap_accuracy");
};

test("cases that are not independent count as those that would leave the same error", () => {
  const alone = Math.sqrt((0.8 * 0.2) / 400);
  const whole = fractionInterval(0.8, 401);
  expect(accuracyOf(alone)?.low).toBeCloseTo(whole?.low as number, 12);
  expect(accuracyOf(2 * alone)?.low).toBeCloseTo(fractionInterval(0.8, 101)?.low as number, 12);
  for (const se of [null, 0, alone / 2]) expect(accuracyOf(se)?.low, `${se}`).toBe(whole?.low);
});
