/** Sampling: what is drawn, how often, and what is cut off. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { candidatesOf, likeliest, sampleToken, samplingSchema } from "../../src/model/sampling.ts";
import { createRng } from "../../src/tensor/rng.ts";

const sampling = (fields: object = {}) => parseConfig(samplingSchema, fields, "sampling");

/** Float32 logits of a few tokens, ties included. */
const someLogits = fc
  .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -30, max: 30, noNaN: true })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((values) => Float32Array.from(values));
const someSampling = fc
  .record(
    {
      temperature: fc.double({ min: 1e-3, max: 100, noNaN: true }),
      topK: fc.integer({ min: 1, max: 14 }),
      topP: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    },
    { requiredKeys: [] },
  )
  .map(sampling);

describe("the tokens that may be drawn", () => {
  test("are at most k, with probabilities that sum to 1 and fall, and are the likeliest", () => {
    fc.assert(
      fc.property(someLogits, someSampling, (logits, how) => {
        const kept = candidatesOf(logits, how);
        expect(kept.length).toBeGreaterThan(0);
        expect(kept.length).toBeLessThanOrEqual(how.topK ?? logits.length);
        expect(kept.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
        const ids = new Set(kept.map(({ id }) => id));
        expect(ids.size).toBe(kept.length);
        const least = Math.min(...kept.map(({ id }) => logits[id] as number));
        for (const [id, logit] of logits.entries())
          if (!ids.has(id)) expect(logit).toBeLessThanOrEqual(least);
      }),
    );
  });

  test("of a nucleus reach p, and without the least of them they do not", () => {
    fc.assert(
      fc.property(someLogits, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (logits, topP) => {
        const all = new Map(candidatesOf(logits, sampling()).map(({ id, probability }) => [id, probability]));
        const kept = candidatesOf(logits, sampling({ topP })).map(({ id }) => all.get(id) as number);
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(sum(kept)).toBeGreaterThanOrEqual(topP - 1e-9);
        expect(sum(kept.slice(0, -1))).toBeLessThan(topP + 1e-9);
      }),
    );
  });

  test("of a nucleus are those of the distribution that top-k leaves", () => {
    // 0.4, 0.3, 0.2, 0.1: of the first two, 4/7 reaches 0.5, which 0.4 alone does not.
    const logits = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
    const ids = (fields: object) => candidatesOf(logits, sampling(fields)).map(({ id }) => id);
    expect(ids({ topP: 0.5 })).toEqual([0, 1]);
    expect(ids({ topP: 0.5, topK: 2 })).toEqual([0]);
    expect(ids({ topP: 0.95 })).toEqual([0, 1, 2, 3]);
  });

  test("of equal logits are those of the lowest ids", () => {
    const logits = Float32Array.of(1, 2, 2, 2, 0);
    expect(candidatesOf(logits, sampling({ topK: 2 })).map(({ id }) => id)).toEqual([1, 2]);
    expect(likeliest(logits)).toBe(1);
  });

  test("have probabilities softmax(logits/temperature)", () => {
    const logits = Float32Array.of(0, 1, 2);
    for (const temperature of [0.5, 1, 3]) {
      const sum = [0, 1, 2].reduce((total, z) => total + Math.exp(z / temperature), 0);
      for (const { id, probability } of candidatesOf(logits, sampling({ temperature })))
        expect(probability).toBeCloseTo(Math.exp(id / temperature) / sum, 12);
    }
  });
});

describe("what is drawn", () => {
  test("occurs as often as its probability says: χ² of 20,000 draws over 5 tokens", () => {
    const logits = Float32Array.of(0, 1, -1, 2, 0.5);
    for (const fields of [{}, { temperature: 2 }, { temperature: 0.7, topK: 4 }, { topP: 0.9 }]) {
      const how = sampling(fields);
      const rng = createRng(1, "test/sampling");
      const counts = new Float64Array(5);
      const draws = 20_000;
      for (let draw = 0; draw < draws; draw++) {
        const id = sampleToken(logits, how, rng);
        counts[id] = (counts[id] as number) + 1;
      }
      const kept = candidatesOf(logits, how);
      expect(kept.reduce((sum, { id }) => sum + (counts[id] as number), 0)).toBe(draws);
      const chiSquare = kept.reduce((sum, { id, probability }) => {
        const expected = draws * probability;
        return sum + ((counts[id] as number) - expected) ** 2 / expected;
      }, 0);
      expect(chiSquare).toBeLessThan(18.5); // 0.999 quantile at 4 degrees of freedom
    }
  });

  test("is the likeliest at temperature 0, and as the temperature falls towards it", () => {
    fc.assert(
      fc.property(someLogits, fc.integer(), (logits, seed) => {
        const rng = createRng(seed, "test/greedy");
        expect(sampleToken(logits, sampling({ temperature: 0 }), rng)).toBe(likeliest(logits));
        const cold = sampleToken(logits, sampling({ temperature: 1e-300 }), rng);
        expect(logits[cold] === logits[likeliest(logits)]).toBe(true); // 0 and −0 are equal logits
      }),
    );
  });

  test("is the same from the same stream, and one of the candidates", () => {
    fc.assert(
      fc.property(someLogits, someSampling, fc.integer(), (logits, how, seed) => {
        const drawn = () => sampleToken(logits, how, createRng(seed, "test/same"));
        expect(drawn()).toBe(drawn());
        expect(candidatesOf(logits, how).map(({ id }) => id)).toContain(drawn());
      }),
    );
  });
});

test.each([
  [{ temperature: -1 }, /temperature/],
  [{ temperature: Number.NaN }, /temperature/],
  [{ topK: 0 }, /topK/],
  [{ topK: 1.5 }, /topK/],
  [{ topP: 0 }, /topP/],
  [{ topP: 1.1 }, /topP/],
  [{ tempreature: 1 }, /tempreature is not a field/],
])("%j is refused", (fields, message) => {
  expect(() => sampling(fields)).toThrow(message);
});
