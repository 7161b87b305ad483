/** T5's buckets against the published ones and Hugging Face's, its bias against Hugging Face's. */
import { beforeAll, describe, expect, test } from "vitest";
import { bucketsByDistance } from "../../src/encodings/t5.ts";
import { InputError } from "../../src/errors.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest } from "../model/small.ts";
import { biasOf, encodingOf, GOLDEN, golden, lower, type Nest, upTo } from "./calls.ts";

interface Golden {
  readonly buckets: number;
  readonly maxDistance: number;
  readonly table: Nest;
  readonly causal: number[][][];
  readonly bidirectional: number[][][];
  readonly published: { readonly from: number; readonly causal: number[]; readonly bidirectional: number[] };
}

const goldens = golden<Golden>("t5");
const attentions = ["causal", "bidirectional"] as const;

beforeAll(async () => {
  await startTestEngine();
});

/**
 * The bucket of each of these distances j − i, read off the bias of a table that holds its own row
 * numbers.
 */
function bucketsOf(
  distances: readonly number[],
  fields: { readonly buckets?: number; readonly maxDistance?: number | "context" },
  attention: (typeof attentions)[number] = "causal",
  context = 8,
): number[] {
  const params = { "t5.weight": upTo(fields.buckets ?? 32).map((row) => [row]) };
  const key = distances.map((distance) => distance + 100_000);
  const input = { params, query: [100_000], key };
  return biasOf({ kind: "t5", ...fields }, { heads: 1, attention, context }, input)[0]?.[0] as number[];
}

describe("buckets", () => {
  test("published, 32 buckets to a distance of 128: they begin at 16, 19, 21, 24, …", () => {
    const starts = [16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113];
    const buckets = bucketsByDistance(32, 128);
    expect(buckets.slice(0, 17)).toEqual(upTo(17));
    expect(starts.map((n) => buckets[n])).toEqual(starts.map((_, k) => 16 + k));
    expect(starts.slice(1).map((n) => buckets[n - 1])).toEqual(starts.slice(1).map((_, k) => 16 + k));
    expect(buckets.slice(113)).toEqual(Array(16).fill(31));
  });

  test.each(attentions)("equal Hugging Face's from −200 to 200: %s", (attention) => {
    const { from, [attention]: expected } = goldens.published;
    // A causal model's bias at keys to the right is masked, and bucket 0 there too.
    const distances = expected.map((_, n) => from + n);
    const ours = bucketsOf(distances, { maxDistance: 128 }, attention);
    expect(furthest(ours, expected)).toBeLessThan(GOLDEN);
  });

  test("a bucket that begins at a whole distance begins there: 4·√2² = 8 is in bucket 6 of 8 to 16", () => {
    expect(bucketsByDistance(8, 16)).toEqual([0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7]);
  });

  test("bidirectional: the right has its own half of the buckets, and the query's own is the left's first", () => {
    expect(bucketsOf([-3, -1, 0, 1, 3], { buckets: 16, maxDistance: 16 }, "bidirectional")).toEqual([
      3, 1, 0, 9, 11,
    ]);
  });

  test("past the furthest distance there is one bucket", () => {
    expect(bucketsOf([-128, -129, -90_000], { maxDistance: 128 })).toEqual([31, 31, 31]);
  });

  test("a fractional distance has a bias between those of the whole distances around it", () => {
    expect(furthest(bucketsOf([-1.5, -18.25], { maxDistance: 128 }), [1.5, 16.25])).toBeLessThan(GOLDEN);
  });

  test('maxDistance "context" is L_max, or the least that a progression needs', () => {
    const distances = [-4, -6, -9, -20, -31, -32];
    const at = (maxDistance: number | "context", context: number) =>
      bucketsOf(distances, { maxDistance }, "causal", context);
    expect(at("context", 32)).toEqual(at(32, 32));
    expect(at("context", 8)).toEqual(at(17, 8));
    expect(at("context", 32)).not.toEqual(at("context", 64));
  });
});

test.each(attentions)("the bias equals Hugging Face's: %s", (attention) => {
  const { buckets, maxDistance, table, [attention]: expected } = goldens;
  const bias = biasOf(
    { kind: "t5", buckets, maxDistance },
    { heads: 2, attention },
    { params: { "t5.weight": table }, query: upTo(12) },
  );
  const seen = attention === "causal" ? lower : (matrix: number[][]) => matrix;
  expect(furthest(bias.map(seen), expected.map(seen))).toBeLessThan(GOLDEN);
});

test("one table for all blocks; the scale is 1/√D, or 1 as published", () => {
  const scaled = encodingOf({ kind: "t5" }, { heads: 2 });
  expect(Object.keys(scaled.params ?? {})).toEqual(["t5.weight"]);
  expect(scaled.layerParams).toBeUndefined();
  expect(scaled.scale).toBeUndefined();
  expect(encodingOf({ kind: "t5", scaled: false }, { heads: 2 }).scale).toBe(1);
});

test("a maxDistance that leaves the progression no place is refused", () => {
  const make = () => encodingOf({ kind: "t5", maxDistance: 16 }, { heads: 2 });
  expect(make).toThrow(InputError);
  expect(make).toThrow(
    /t5: model\.position\.maxDistance 16 leaves no distance past the 16 .*; raise it above 16/,
  );
  expect(() => encodingOf({ kind: "t5", maxDistance: 17 }, { heads: 2 })).not.toThrow();
});
