/** The arithmetic of the probes, and what they must say of models that cannot know the order. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { cosineDistance, jensenShannonBits } from "../../src/probes/divergence.ts";
import { headroomOf } from "../../src/probes/headroom.ts";
import { swapCredit } from "../../src/probes/order.ts";
import { runProbe } from "../../src/probes/run.ts";
import { pairsOf, permutationWith, shufflePrefix } from "../../src/probes/shuffle.ts";
import { initialize } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";

/** Sums of at most a dozen doubles of size 1. */
const ROUNDING = 1e-12;

const inversionsOf = (permutation: readonly number[]) =>
  permutation.reduce((sum, a, i) => sum + permutation.slice(i + 1).filter((b) => b < a).length, 0);

describe("shuffles", () => {
  test("permutationWith(n, k) is a permutation with exactly k inversions, for every k and every n up to 6", () => {
    const rng = createRng(1, "test/permutations");
    for (let n = 0; n <= 6; n++) {
      for (let k = 0; k <= pairsOf(n); k++) {
        for (let draw = 0; draw < 20; draw++) {
          const permutation = permutationWith(n, k, rng);
          expect([...permutation].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
          expect(inversionsOf(permutation)).toBe(k);
        }
      }
    }
  });

  test("every permutation of 4 with its number of inversions can be drawn", () => {
    const rng = createRng(1, "test/permutations");
    const seen = new Set<string>();
    for (let k = 0; k <= pairsOf(4); k++) {
      for (let draw = 0; draw < 200; draw++) seen.add(permutationWith(4, k, rng).join());
    }
    expect(seen.size).toBe(24);
  });

  test("shufflePrefix keeps the first tokens and the last, and inverts the share of pairs asked for", () => {
    const context = [9, 0, 1, 2, 3, 4, 8];
    for (const share of [0, 0.5, 1]) {
      const moved = shufflePrefix(context, 1, share, createRng(1, "test/shuffle"));
      expect([moved[0], moved.at(-1)]).toEqual([9, 8]);
      expect(inversionsOf(moved.slice(1, -1))).toBe(share * 10);
    }
  });
});

describe("distances", () => {
  const logs = (weights: readonly number[]) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => Math.log(weight / total));
  };
  const distributions = fc
    .integer({ min: 1, max: 6 })
    .chain((size) => {
      const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: size, maxLength: size });
      return fc.tuple(weights, weights);
    })
    .filter((both) => both.every((weights) => weights.some((weight) => weight > 0)));

  test("0 ≤ JS(P, Q) = JS(Q, P) ≤ 1 bit, and JS(P, P) = 0", () => {
    fc.assert(
      fc.property(distributions, ([p, q]) => {
        const [P, Q] = [logs(p), logs(q)];
        const js = jensenShannonBits(P, Q);
        expect(js).toBeGreaterThanOrEqual(0);
        expect(js).toBeLessThanOrEqual(1);
        expect(Math.abs(js - jensenShannonBits(Q, P))).toBeLessThan(ROUNDING);
        expect(jensenShannonBits(P, P)).toBe(0);
      }),
    );
  });

  test("JS of distributions that share nothing is 1 bit; of (1, 0) and (½, ½) it is 3/2 − ¾·log₂3 bits", () => {
    expect(jensenShannonBits(logs([1, 0]), logs([0, 1]))).toBe(1);
    const formula = 1.5 - 0.75 * Math.log2(3);
    expect(Math.abs(jensenShannonBits(logs([1, 0]), logs([1, 1])) - formula)).toBeLessThan(ROUNDING);
  });

  test("1 − cos is 0 along, 1 across and 2 against, whatever the lengths, and NaN of nothing", () => {
    expect(cosineDistance([1, 2], [2, 4])).toBeCloseTo(0, 12);
    expect(cosineDistance([1, 0], [0, 5])).toBe(1);
    expect(cosineDistance([3, 0], [-1, 0])).toBe(2);
    expect(cosineDistance([0, 0], [1, 0])).toBeNaN();
  });
});

test.each([
  [1, 1],
  [1e-4, 1],
  [1e-6, 0.5],
  [0, 0.5],
  [-1e-6, 0.5],
  [-1e-4, 0],
  [-1, 0],
])("a swap score of %d nats is worth %d: a tie within rounding counts one half", (score, credit) => {
  expect(swapCredit(score)).toBe(credit);
});

describe("headroom, max{k : NLL(L + k) ≤ NLL(L) + ε}", () => {
  test.each([
    ["is 0 where the loss rises at once", [1, 1, 9, 9], 0],
    ["is all that was measured where it never rises", [1, 1, 1, 1, 1], 3],
    ["uses the mean over all positions so far, which rises later than the loss", [1, 1, 1, 1.1, 5], 2],
    ["is the last k that holds, where the loss comes back", [1, 1, 4, 0, 0, 0], 4],
    ["is 0 where nothing past L was measured", [1, 1], 0],
  ])("%s", (_title, losses, headroom) => {
    expect(headroomOf(losses, 2, 0.05)).toBe(headroom);
  });

  test("positions at which nothing was masked count neither in the sum nor in the number", () => {
    const flat = [2, Number.NaN, 2, Number.NaN, 2];
    expect(headroomOf(flat, 2, 0.05)).toBe(3);
    expect(headroomOf([2, 2, Number.NaN, 2.3], 2, 0.05)).toBe(0);
  });
});

describe("the order probe", () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  test.each([
    ["causal", 1],
    ["bidirectional", 2],
  ])(
    "gives %s attention without positions, in an untrained model of %i layers, a swap accuracy of exactly ½",
    async (attention, layers) => {
      const data = openWho(whoConfig.parse({ kind: "who" }), 1);
      const config = modelSchema().parse({ attention, layers, position: { kind: "none" } });
      const model = createModel(config, data.tokenizer.vocabSize);
      const params = initialize(model.specs, 1);
      const subject = { model, params, tokenizer: data.tokenizer, material: data };
      const rows = await runProbe("order", subject, 1, { examples: 200, shuffledContexts: 8 });
      disposeTree(params);
      const swaps = rows.filter(({ metric }) => metric === "swap_accuracy");
      expect(swaps.map(({ at, n, value }) => [at.split, n, value])).toEqual([
        ["heldout", 200, 0.5],
        ["train", 200, 0.5],
      ]);
      // Nor does a shuffle of everything but the question's last token change the answer.
      const shuffles = rows.filter(({ metric }) => metric === "prefix_shuffle_delta_nll");
      expect(shuffles).toHaveLength(5);
      for (const { value } of shuffles) expect(Math.abs(value as number)).toBeLessThan(1e-5); // float32, of log-probabilities of size 4
    },
  );
});
