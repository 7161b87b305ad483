/** Differences over seeds: published examples, simulation, and one decision for all that is said of them. */
import { describe, expect, test } from "vitest";
import { type Condition, decide } from "../../src/compare/decide.ts";
import { equivalenceP, holm, pairedDifference } from "../../src/compare/paired.ts";
import { binomialInterval, pairedSuccess } from "../../src/compare/success.ts";
import { createRng } from "../../src/tensor/rng.ts";

/**
 * Hours of sleep gained under two drugs (Student 1908, The probable error of a mean); what R's
 * t.test says of them.
 */
const FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
const sleep = FIRST.map((value, i) => value - (SECOND[i] as number));

describe("a paired difference", () => {
  test("is Student's, on Student's data: t = −4.0621, p = 0.002833, interval −2.45989 to −0.70011", () => {
    const { mean, sd = 0, p, interval } = pairedDifference(sleep);
    expect(mean).toBeCloseTo(-1.58, 12);
    expect(mean / (sd / Math.sqrt(10))).toBeCloseTo(-4.0621, 4);
    expect(p).toBeCloseTo(0.002833, 6);
    expect(interval?.low).toBeCloseTo(-2.4598858, 6);
    expect(interval?.high).toBeCloseTo(-0.7001142, 6);
  });

  test("two one-sided tests: 3 hours are more than the difference (p = 0.00266), 1.5 hours are not", () => {
    const difference = pairedDifference(sleep);
    expect(equivalenceP(difference, 3)).toBeCloseTo(0.002657, 5);
    expect(equivalenceP(difference, 1.5)).toBeGreaterThan(0.5);
  });

  test("of two seeds has no interval, of one not even a deviation", () => {
    expect(pairedDifference([1, 2])).toMatchObject({ n: 2, mean: 1.5 });
    expect(pairedDifference([1, 2]).interval).toBeUndefined();
    expect(pairedDifference([1]).sd).toBeUndefined();
    expect(equivalenceP(pairedDifference([1, 2]), 3)).toBeUndefined();
  });

  test("that every seed has alike is certain, unless it is none", () => {
    expect(pairedDifference([0.5, 0.5, 0.5])).toMatchObject({ p: 0, interval: { low: 0.5, high: 0.5 } });
    expect(pairedDifference([0, 0, 0]).p).toBe(1);
    expect(equivalenceP(pairedDifference([0, 0, 0]), 0.02)).toBe(0);
    expect(equivalenceP(pairedDifference([0.5, 0.5, 0.5]), 0.02)).toBe(1);
  });

  test.each([3, 5, 10])("of %i seeds: 95 %% intervals cover the truth in 94 to 96 %% of 4,000 cases", (n) => {
    const rng = createRng(n, "test/coverage");
    let covered = 0;
    for (let i = 0; i < 4000; i++) {
      const { low = 0, high = 0 } =
        pairedDifference(Array.from({ length: n }, () => 0.3 + rng.normal())).interval ?? {};
      if (low <= 0.3 && 0.3 <= high) covered++;
    }
    expect(covered / 4000).toBeGreaterThan(0.94);
    expect(covered / 4000).toBeLessThan(0.96);
  });

  test("`detectable` is found in four of five experiments", () => {
    const rng = createRng(1, "test/power");
    const at = (shift: number) => pairedDifference(Array.from({ length: 5 }, () => shift + rng.normal()));
    let found = 0;
    const size = (2.776 + 0.941) / Math.sqrt(5); // t(0.975) and t(0.8) of 4 degrees, of the true deviation 1
    for (let i = 0; i < 2000; i++) if ((at(size).p as number) < 0.05) found++;
    expect(found / 2000).toBeGreaterThan(0.75);
    expect(found / 2000).toBeLessThan(0.85);
    const { detectable = 0, sd = 0 } = at(0);
    expect(detectable / sd).toBeCloseTo(size, 3);
  });
});

test("Holm's correction is R's p.adjust, in the order given", () => {
  const close = (found: number[], expected: number[]) =>
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 12);
    });
  close(holm([0.01, 0.02, 0.03, 0.04, 0.05]), [0.05, 0.08, 0.09, 0.09, 0.09]);
  close(holm([0.04, 0.005, 0.9]), [0.08, 0.015, 0.9]);
  expect(holm([])).toEqual([]);
});

describe("P(success)", () => {
  test("has Clopper and Pearson's interval: 682 of 925 is 0.70767 to 0.76541 (Conover 1971, as R's binom.test)", () => {
    const { low, high } = binomialInterval(682, 925);
    expect(low).toBeCloseTo(0.7076683, 6);
    expect(high).toBeCloseTo(0.7654066, 6);
    expect(binomialInterval(0, 10)).toMatchObject({ low: 0 });
    expect(binomialInterval(0, 10).high).toBeCloseTo(1 - 0.025 ** (1 / 10), 8);
    expect(binomialInterval(10, 10).low).toBeCloseTo(0.025 ** (1 / 10), 8);
  });

  test("of two conditions is compared by McNemar's exact test: 2·P(X ≤ 1 of 8 fair coins) = 18/256", () => {
    const differences = [1, 1, 1, 1, 1, 1, 1, -1, 0, 0];
    expect(pairedSuccess(differences).p).toBeCloseTo(18 / 256, 12);
    expect(pairedSuccess([0, 0, 0]).p).toBe(1);
    expect(pairedSuccess([1, 1]).p).toBeUndefined();
    const all = (value: number) => new Map(Array.from({ length: 9 }, (_, seed) => [seed, value]));
    const { contrasts } = decide([
      { name: "a", values: all(1) },
      { name: "b", values: all(0) },
    ]);
    expect(contrasts[0]).toMatchObject({
      p: 2 * 2 ** -9,
      outcome: "different",
    });
  });
});

/** Conditions of n seeds that share the seed's noise, each with a shift and noise of its own. */
function planted(
  shifts: Readonly<Record<string, number>>,
  n: number,
  own: number,
  stream: string,
): Condition[] {
  const rng = createRng(1, stream);
  const shared = Array.from({ length: n }, () => rng.normal());
  return Object.entries(shifts).map(([name, shift]) => ({
    name,
    values: new Map(shared.map((noise, seed) => [seed, shift + noise + own * rng.normal()])),
  }));
}

describe("a decision", () => {
  const seeds = (values: number[]) => new Map(values.map((value, seed) => [seed, value]));

  test("finds a planted difference that unpaired spreads would hide, and calls a planted tie one", () => {
    const conditions = planted({ rope: 1, alibi: 1.2, sandwich: 1.2 }, 8, 0.005, "test/planted");
    const { contrasts, tied, summaries } = decide(conditions, { margin: 0.05 });
    const outcomes = Object.fromEntries(contrasts.map((one) => [`${one.first} ${one.second}`, one.outcome]));
    expect(outcomes).toEqual({
      "rope alibi": "different",
      "rope sandwich": "different",
      "alibi sandwich": "equivalent",
    });
    expect(tied.map((run) => [...run].sort())).toEqual([["alibi", "sandwich"]]);
    expect(summaries[0]?.name).toBe("rope");
    expect(summaries[0]?.sd).toBeGreaterThan(0.3); // far above the difference of 0.2
  });

  test("with a reference compares with it alone, by the seeds that both have", () => {
    const conditions = planted({ none: 0, rope: 1, alibi: 2 }, 5, 0.01, "test/against");
    const [, rope] = conditions as [Condition, Condition, Condition];
    (rope.values as Map<number, number>).delete(4);
    const { contrasts, tied } = decide(conditions, { against: "none" });
    expect(contrasts.map(({ first, second, difference }) => [first, second, difference.n])).toEqual([
      ["rope", "none", 4],
      ["alibi", "none", 5],
    ]);
    expect(tied).toEqual([]);
    expect(() => decide(conditions, { against: "t5" })).toThrow(/no condition is named t5/);
  });

  test("of two seeds says nothing", () => {
    const { contrasts } = decide(planted({ rope: 0, alibi: 5 }, 2, 0.01, "test/two"));
    expect(contrasts[0]).toMatchObject({ outcome: "unknown", p: undefined });
  });

  test("brackets may overlap: neighbours that nothing tells apart, ends that differ", () => {
    const conditions = [
      { name: "a", values: seeds([0, 0.01, -0.01, 0]) },
      { name: "b", values: seeds([0.5, 1.6, -0.4, 0.9]) },
      { name: "c", values: seeds([1, 1.01, 0.99, 1.0]) },
    ];
    expect(decide(conditions).tied).toEqual([
      ["a", "b"],
      ["b", "c"],
    ]);
  });

  test("successes against failures are decided alike with and without a third that is neither", () => {
    const [solved, failed] = [
      { name: "solved", values: seeds([1, 1, 1]) },
      { name: "failed", values: seeds([0, 0, 0]) },
    ];
    const between = { name: "between", values: seeds([0.5, 0.4, 0.6]) };
    const alone = decide([solved, failed]).contrasts[0];
    const beside = decide([solved, failed, between]).contrasts[0];
    expect([alone?.outcome, alone?.difference.p]).toEqual(["undecided", 0.25]);
    expect([beside?.outcome, beside?.difference.p]).toEqual(["undecided", 0.25]);
    const same = decide([solved, { ...solved, name: "too" }, between], { margin: 0.01 }).contrasts[0];
    expect(same?.outcome).toBe("equivalent"); // a measure that all seeds have alike
  });

  test("among conditions that do not differ finds a difference in 5 % of 1,000 experiments or fewer", () => {
    const rng = createRng(1, "test/holm");
    let wrong = 0;
    for (let i = 0; i < 1000; i++) {
      const conditions = ["a", "b", "c", "d"].map((name) => ({
        name,
        values: new Map(Array.from({ length: 5 }, (_, seed) => [seed, rng.normal()])),
      }));
      if (decide(conditions).contrasts.some(({ outcome }) => outcome === "different")) wrong++;
    }
    expect(wrong / 1000).toBeLessThanOrEqual(0.05);
    expect(wrong).toBeGreaterThan(0); // the test can fail: p-values are not simply large
  });
});
