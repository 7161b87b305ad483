/** Which rows are trained, family by family: what contexts of L_max tokens can reach, known beforehand. */
import { beforeAll, describe, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { trainSchema } from "../../src/train/config.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(async () => {
  await startTestEngine();
});

const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);

/** Coverage of a fresh model: rows of which nothing was ever read. */
async function coverageOf(position: object, fields: object = {}, train: object = {}): Promise<Measurement[]> {
  const sizes = { layers: 1, heads: 2, width: 16, context: 32 };
  const model = createModel(modelSchema().parse({ ...sizes, ...fields, position }), data.tokenizer.vocabSize);
  const objective = model.shape.causal ? "causal" : "masked";
  const training = { train: trainSchema.parse({ steps: 10, batch: 4, objective, ...train }), seed: 1, data };
  const params = initialize(model.specs, 1);
  const before = tf.memory().numTensors;
  const subject = { model, params, tokenizer: data.tokenizer, material: {}, training };
  const rows = await runProbe("coverage", subject, 1, { batches: 4 });
  expect(tf.memory().numTensors).toBe(before);
  disposeTree(params);
  return rows;
}

/** [parameter, share, [from, to] of each run of dead rows], of the first block. */
const summary = (rows: readonly Measurement[]) =>
  rows
    .filter(({ metric, at }) => metric === "row_coverage" && !at.parameter?.startsWith("h.1"))
    .map(({ value, at: { parameter } }) => [
      parameter,
      value,
      rows
        .filter(({ metric, at }) => metric === "dead_rows" && at.parameter === parameter)
        .map(({ at }) => [at.from, at.to]),
    ]);

/**
 * Two layers: in the last, only queries of hidden tokens count, which the first token of a context,
 * a <bos>, never is.
 */
const both = { attention: "bidirectional", layers: 2 };
const attn = "h.0.attn";

describe("rows that contexts of 32 tokens reach", () => {
  test.each<[string, object, object, [string, number, number[][]][]]>([
    ["learned: all", { kind: "learned" }, {}, [["wpe.weight", 1, []]]],
    ["relative: all of a window below L_max", { kind: "relative" }, {}, [[`${attn}.relative.weight`, 1, []]]],
    [
      "relative, window 40: not the distances −40 … −32",
      { kind: "relative", window: 40 },
      {},
      [[`${attn}.relative.weight`, 32 / 41, [[0, 8]]]],
    ],
    [
      "t5, maxDistance 128: buckets 22 … 31 are never trained",
      { kind: "t5", maxDistance: 128 },
      {},
      [["t5.weight", 22 / 32, [[22, 31]]]],
    ],
    [
      "shaw, window 40, both directions",
      { kind: "shaw", window: 40 },
      both,
      [
        [
          `${attn}.shaw.keys.weight`,
          63 / 81,
          [
            [0, 8],
            [72, 80],
          ],
        ],
        [
          `${attn}.shaw.values.weight`,
          63 / 81,
          [
            [0, 8],
            [72, 80],
          ],
        ],
      ],
    ],
    [
      "deberta, a window of 40: its projections whole, the table not past 31 either way",
      { kind: "deberta", window: 40 },
      both,
      [
        [
          "deberta.rel.weight",
          63 / 80,
          [
            [0, 8],
            [72, 79],
          ],
        ],
        [`${attn}.deberta.pos_key.weight`, 1, []],
        [`${attn}.deberta.pos_query.weight`, 1, []],
      ],
    ],
    [
      "tupe: all positions",
      { kind: "tupe" },
      {},
      [
        ["tupe.weight", 1, []],
        ["tupe.query.weight", 1, []],
        ["tupe.key.weight", 1, []],
      ],
    ],
  ])("%s", async (_title, position, fields, expected) => {
    expect(summary(await coverageOf(position, fields))).toEqual(expected);
  });

  test("cope: rows as far as gates count, and no further", async () => {
    const [[name, share, dead]] = summary(await coverageOf({ kind: "cope", positions: 64 })) as [
      [string, number, number[][]],
    ];
    expect(name).toBe(`${attn}.cope.weight`);
    const [from, to] = dead.at(-1) as [number, number];
    expect(dead).toHaveLength(1);
    expect(to).toBe(63);
    expect(from).toBeGreaterThan(2);
    expect(from).toBeLessThan(34); // 32 gates below 1 count to less than 32, between rows 31 and 32
    expect(share).toBeCloseTo(from / 64, 12);
  });

  test("an encoding without tables has no rows to tell of", async () => {
    expect(await coverageOf({ kind: "none" })).toEqual([]);
    expect(await coverageOf({ kind: "sinusoidal" })).toEqual([]);
  });
});

test("positions of training count, not those of the probe: shifted by 4, the first rows of a table are dead", async () => {
  const positions = { kind: "shifted", by: 4 };
  const rows = await coverageOf({ kind: "learned", beyond: "clamp" }, {}, { positions });
  expect(summary(rows)).toEqual([["wpe.weight", 28 / 32, [[0, 3]]]]);
});

test("a row of zeros in the middle is a run of its own", async () => {
  const positions = { kind: "clamped", limit: 3 };
  const rows = await coverageOf({ kind: "relative", window: 4 }, { ...both, context: 4 }, { positions });
  // Distances −2 … 2 of −4 … 4.
  expect(summary(rows)).toEqual([
    [
      `${attn}.relative.weight`,
      5 / 9,
      [
        [0, 1],
        [7, 8],
      ],
    ],
  ]);
});
