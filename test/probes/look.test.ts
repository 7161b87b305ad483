/** What is looked at, against scalar loops: patterns by head, biases, the table of positions, frequencies. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../src/model/model.ts";
import { attentionMaps, frequenciesOf, positionTable } from "../../src/probes/look.ts";
import type { Params } from "../../src/tensor/params.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, smallModel } from "../model/small.ts";
import { scalarAttention, someWords } from "./scalar-attention.ts";

/** float32 against doubles, weights of size 1. */
const ROUNDING = 1e-5;
const CONTEXTS = [...someWords(1, 5), ...someWords(2, 6, 2)];

beforeAll(async () => {
  await startTestEngine();
});

const slopes = [1 / 16, 1 / 256]; // ALiBi's, of two heads
const distance = (_layer: number, head: number, i: number, j: number) =>
  -(slopes[head] as number) * Math.abs(i - j);

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  const model = smallModel({ kind: "alibi" }, { attention });
  let params: Params;
  beforeAll(() => {
    params = livelyParams(model);
  });

  test("patterns are those of scalar loops, context by context, block by block, head by head", async () => {
    const maps = await attentionMaps({ model, params }, CONTEXTS);
    const places = maps.map(({ context, layer, head }) => [context, layer, head]);
    expect(places).toEqual([0, 1, 2].flatMap((c) => [0, 1].flatMap((l) => [0, 1].map((h) => [c, l, h]))));
    for (const { context, layer, head, values } of maps) {
      const { pattern } = scalarAttention(model, params, CONTEXTS[context] as number[], { bias: distance });
      const expected = pattern[layer]?.[head] as number[][];
      expect(
        furthest(
          values.map((row) => row.map((value) => value ?? 0)),
          expected,
        ),
      ).toBeLessThan(ROUNDING);
      const seen = values.map((row) => row.filter((value) => value !== null).length);
      expect(seen).toEqual(expected.map((_, i) => (attention === "causal" ? i + 1 : expected.length)));
    }
  });

  test("biases are what the encoding adds", async () => {
    const [map] = await attentionMaps({ model, params }, CONTEXTS, { of: "bias", layers: [1], heads: [1] });
    expect([map?.layer, map?.head]).toEqual([1, 1]);
    for (const [i, row] of (map?.values ?? []).entries())
      for (const [j, value] of row.entries())
        expect(value).toBe(attention === "causal" && j > i ? null : distance(1, 1, i, j) || 0);
  });
});

test("an encoding that adds nothing to scores has no biases", async () => {
  const model = smallModel({ kind: "rope" });
  expect(await attentionMaps({ model, params: livelyParams(model) }, CONTEXTS, { of: "bias" })).toEqual([]);
});

test("a block, a head or a length that there is not is refused", async () => {
  const model = smallModel({ kind: "none" });
  const subject = { model, params: livelyParams(model) };
  await expect(attentionMaps(subject, CONTEXTS, { layers: [2] })).rejects.toThrow(/no layer 2; .* 0 to 1/);
  await expect(attentionMaps(subject, CONTEXTS, { heads: [-1] })).rejects.toThrow(/no head -1/);
  await expect(attentionMaps(subject, [new Array(129).fill(1)])).rejects.toThrow(/129 tokens .* give 128/);
});

test("the table is what embed gives to each position: rows of a learned table, waves of sinusoids, or nothing", async () => {
  const tableOf = (model: Model, count?: number) =>
    positionTable({ model, params: livelyParams(model) }, count);
  const learned = smallModel({ kind: "learned" });
  const stored = livelyParams(learned)["wpe.weight"]?.arraySync() as number[][];
  const table = (await tableOf(learned)) as number[][];
  expect(table).toHaveLength(8);
  expect(furthest(table, stored)).toBeLessThan(1e-6);
  const waves = (await tableOf(smallModel({ kind: "sinusoidal" }), 3)) as number[][];
  expect(furthest(waves[2]?.slice(0, 2), [Math.sin(2), Math.cos(2)])).toBeLessThan(ROUNDING);
  expect(await tableOf(smallModel({ kind: "rope" }))).toBeUndefined();
});

test("frequencies are 10000^(−2k/D) in RoPE, and none where nothing turns", () => {
  const found = frequenciesOf(smallModel({ kind: "rope" })); // D = 8
  expect(found.map(({ columns }) => columns)).toEqual([0, 1, 2, 3].map((k) => [k, k + 4]));
  expect(
    furthest(
      found.map(({ frequency }) => frequency),
      [1, 0.1, 0.01, 0.001],
    ),
  ).toBeLessThan(1e-12);
  for (const { frequency, wavelength } of found)
    expect((wavelength as number) * frequency).toBeCloseTo(2 * Math.PI, 10);
  expect(frequenciesOf(smallModel({ kind: "alibi" }))).toEqual([]);
});
