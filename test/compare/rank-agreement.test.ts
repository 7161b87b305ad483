/** Orders over steps: counted by hand, and τ_b against SciPy's example. */
import { expect, test } from "vitest";
import type { ComparedRun } from "../../src/compare/questions.ts";
import { rankAgreements, tauOf } from "../../src/compare/rank-agreement.ts";
import { agreementSentence, agreementTable } from "../../src/figures/rank-agreement.ts";
import { metrics } from "../../src/probes/index.ts";

const orderOf = (values: readonly number[]) => new Map(values.map((value, i) => [`${i}`, value]));

test("τ_b of ranks with ties is that of scipy.stats.kendalltau's example, −0.4714045", () => {
  expect(tauOf(orderOf([12, 2, 1, 12, 2]), orderOf([1, 4, 7, 1, 0]))).toBeCloseTo(-0.47140452079, 10);
  expect(tauOf(orderOf([1, 2, 3]), orderOf([3, 2, 1]))).toBe(-1);
  expect(tauOf(orderOf([1, 1, 1]), orderOf([3, 2, 1]))).toBeUndefined();
});

/** By condition, a list a seed of the values at steps 100, 200 and 300. */
function runsOf(values: Readonly<Record<string, readonly (readonly number[])[]>>): ComparedRun[] {
  return Object.entries(values).flatMap(([condition, seeds]) =>
    seeds.map((curve, seed) => ({
      ...{ condition, encoding: condition, seed, parameters: 7, context: 8 },
      measurements: curve.map((value, i) => ({
        ...{ metric: "accuracy_at_step", value, unit: "accuracy", n: 9 },
        at: { of: "swap accuracy", step: 100 * (i + 1) },
      })),
    })),
  );
}

test("pairs in the order of the end are counted by step and by seed; a tie is half", () => {
  const [found, ...more] = rankAgreements(
    runsOf({
      rope: [
        [0.5, 0.7, 0.99],
        [0.5, 0.6, 0.98],
        [0.5, 0.8, 0.97],
      ],
      alibi: [
        [0.5, 0.8, 0.9],
        [0.5, 0.7, 0.89],
        [0.5, 0.6, 0.88],
      ],
      none: [
        [0.5, 0.5, 0.5],
        [0.5, 0.5, 0.51],
        [0.5, 0.5, 0.49],
      ],
    }),
    metrics,
  );
  expect(more).toEqual([]);
  expect(found).toMatchObject({ metric: "accuracy_at_step", at: { of: "swap accuracy" }, conditions: 3 });
  expect([found?.pairs, found?.decidedPairs]).toEqual([3, 3]);
  const [first, middle, last] = found?.steps ?? [];
  expect(first).toMatchObject({ step: 100, share: 0.5, tau: undefined, seeds: [0.5, 0.5, 0.5] });
  // Means at 200: rope 0.7, alibi 0.7, none 0.5: one tie of three pairs, and seeds 2, 2 and 3 pairs of three.
  expect(middle?.share).toBeCloseTo(2.5 / 3, 12);
  expect(middle?.tau).toBeCloseTo(2 / Math.sqrt(2 * 3), 12);
  expect(middle?.seeds.map((share) => Math.round(3 * share))).toEqual([2, 2, 3]);
  expect(middle?.interval?.low).toBeLessThan(middle?.share ?? 0);
  expect(last).toMatchObject({ step: 300, share: 1, tau: 1, decided: 1 });
  if (found === undefined) throw new Error("no agreement");
  expect(agreementSentence(found)).toBe(
    "accuracy by step, of swap accuracy: the order of 3 conditions is that of step 300 in 50% of 3 pairs at step 100, and in 90% or more at no step before the end.",
  );
  expect(agreementTable(found).rows[1]).toMatchObject({
    step: 200,
    share: "0.83",
    tau: "0.82",
    decided: "0.83",
  });
});

test("two conditions, or two steps, have no agreement to speak of", () => {
  const curve = [[0.5, 0.7, 0.9]];
  expect(rankAgreements(runsOf({ rope: curve, alibi: curve }), metrics)).toEqual([]);
  const short = [[0.5, 0.7]];
  expect(rankAgreements(runsOf({ rope: short, alibi: short, none: short }), metrics)).toEqual([]);
});
