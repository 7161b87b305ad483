/**
 * That the length probe's answers do not depend on how much was asked, where positions are squeezed
 * by the furthest.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { degradationOf } from "../../src/probes/degradation.ts";
import { squeezedHeadroom, squeezedLengths } from "../../src/probes/length.ts";
import { openLongContexts } from "../../src/probes/long-context.ts";
import type { Placing } from "../../src/probes/placing.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { runProbe } from "../../src/probes/run.ts";
import { initialize } from "../../src/tensor/params.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel } from "../model/small.ts";
import { errorOf, meanOf, randomText, referenceNll, referenceOf, tokenizer } from "./reference-losses.ts";

const CONTEXT = 18;

beforeAll(async () => {
  await startTestEngine();
});

/** Losses under a policy, and its headroom. */
async function lengthRows(position: object, factor: number, beyond: string, placing?: Placing) {
  const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
  const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: CONTEXT, position });
  const model = createModel(config, data.tokenizer.vocabSize);
  const params = initialize(model.specs, 1);
  const subject = { model, params, tokenizer: data.tokenizer, material: data, ...(placing && { placing }) };
  const rows = await runProbe("length", subject, 1, { factor, contexts: 4 });
  disposeTree(params);
  const of = (metric: string) => rows.filter((row) => row.metric === metric && row.at.beyond === beyond);
  return { nll: of("nll"), headroom: of("headroom") };
}

const squeezed: [string, object, string, Placing?][] = [
  ["the policy interpolate", { kind: "learned" }, "interpolate"],
  ["RoPE's dynamic scaling", { kind: "rope", scaling: { kind: "dynamic", factor: 4 } }, "contiguous"],
  [
    "the scheme interpolated",
    { kind: "sinusoidal" },
    "contiguous",
    { scheme: { kind: "interpolated", trained: CONTEXT }, seed: 1 },
  ],
];

describe.each(squeezed)("under %s", (_title, position, beyond, placing) => {
  test("losses at factor 2 are those at factor 3, each of contexts of one length that its row states", async () => {
    const two = await lengthRows(position, 2, beyond, placing);
    const three = await lengthRows(position, 3, beyond, placing);
    expect(two.nll).toHaveLength(2 * CONTEXT);
    expect(three.nll).toHaveLength(3 * CONTEXT);
    expect(three.nll.slice(0, 2 * CONTEXT)).toEqual(two.nll);
    const lengths = three.nll.map(({ at }) => at.length as number);
    expect([...new Set(lengths)]).toEqual([18, 27, 36, 72]);
    three.nll.forEach(({ at }, i) => {
      expect([at.position, lengths[i] as number]).toEqual([i, expect.any(Number)]);
      expect(i).toBeLessThan(lengths[i] as number);
    });
  });
});

test("an encoding that is not squeezed is read once, and its rows state that length", async () => {
  const { nll } = await lengthRows({ kind: "alibi" }, 3, "contiguous");
  expect(nll.map(({ at }) => at.length)).toEqual(Array(3 * CONTEXT).fill(3 * CONTEXT));
});

test("lengths are L_max, half as much again, twice, and doubles up to the first that reaches what is asked", () => {
  expect(squeezedLengths(32, 1)).toEqual([32]);
  expect(squeezedLengths(32, 2)).toEqual([32, 48, 64]);
  expect(squeezedLengths(32, 16)).toEqual([32, 48, 64, 128, 256, 512]);
  expect(squeezedLengths(1, 3)).toEqual([1, 2, 4]);
});

test("where no token past L_max is read, there is no headroom", async () => {
  const { nll, headroom } = await lengthRows({ kind: "none" }, 1, "contiguous");
  expect([nll.length, headroom]).toEqual([CONTEXT, []]);
});

test("headroom is measured against contexts of L_max, and reaches to the furthest length whose mean is as low", () => {
  const pass = (tokens: number, loss: number) => ({ tokens, losses: new Array<number>(tokens).fill(loss) });
  expect(squeezedHeadroom([pass(4, 1), pass(6, 1.01), pass(8, 2)], 4, 0.02)).toBe(2);
  expect(squeezedHeadroom([pass(4, 1), pass(6, 3), pass(8, 3)], 4, 0.02)).toBe(0);
  expect(squeezedHeadroom([pass(6, 3)], 4, 0.02)).toBeNull();
});

describe("losses and their ratio", () => {
  const L = 4;
  const CONTEXTS = 3;
  /** float32 against doubles, over a hundred or so sums of numbers of size 1 to 10. */
  const ROUNDING = 5;
  let rows: Measurement[];
  /** −log p in scalar double precision, (contexts, 2L). */
  let nll: number[][];

  beforeAll(async () => {
    const model = smallModel({ kind: "alibi" }, { layers: 1, width: 8, context: L });
    const params = livelyParams(model);
    const windows = randomText(60);
    const subject = { model, params, tokenizer, material: { windows } };
    rows = await runProbe("length", subject, 1, { factor: 2, contexts: CONTEXTS });
    const { tokens, targets } = windows.window(0, CONTEXTS, 2 * L);
    nll = Array.from({ length: CONTEXTS }, (_, b) => {
      const part = (of: Int32Array) => [...of.subarray(b * 2 * L, (b + 1) * 2 * L)];
      return referenceNll(referenceOf(model, params), [part(tokens)[0] as number, ...part(targets)]);
    });
    disposeTree(params);
  });

  test("nll is the mean over contexts of −log p, se its standard error over them", () => {
    const measured = rows.filter(({ metric }) => metric === "nll");
    expect(measured).toHaveLength(2 * L);
    measured.forEach(({ value, se }, position) => {
      const here = nll.map((row) => row[position] as number);
      expect(value).toBeCloseTo(meanOf(here), ROUNDING);
      expect(se).toBeCloseTo(errorOf(here), ROUNDING);
    });
  });

  test("degradation_ratio is PPL(2·L_max)/PPL(L_max) of the same contexts", () => {
    const row = rows.find(({ metric }) => metric === "degradation_ratio");
    const differences = nll.map((one) => meanOf(one) - meanOf(one.slice(0, L)));
    const ratio = Math.exp(meanOf(differences));
    expect(ratio).not.toBeCloseTo(1, 1);
    expect(row?.value).toBeCloseTo(ratio, ROUNDING);
    expect(row?.se).toBeCloseTo(ratio * errorOf(differences), ROUNDING);
    expect([row?.n, row?.at.length]).toEqual([CONTEXTS, 2 * L]);
  });
});

test("a degradation of contexts that are not the same has the errors of both; of nothing it is unknown", () => {
  const short = { sums: [2, 4], counts: [2, 2] }; // means 1 and 2: 1.5 ± 0.5
  const long = { sums: [8, 8], counts: [4, 4] }; // 2 ± 0
  expect(degradationOf(short, long, false)).toEqual({
    ...{ value: Math.exp(0.5), n: 2, se: Math.exp(0.5) * 0.5 },
  });
  expect(degradationOf(short, { sums: [5, 9], counts: [4, 4] }, true).se).toBeCloseTo(0, 12); // 0.25 more each
  expect(degradationOf(short, { sums: [0, 0], counts: [0, 0] }, true).value).toBeNull();
});

test("logits of a large vocabulary are held in parts, with the same losses", async () => {
  const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
  const model = createModel(
    modelSchema().parse({ layers: 1, heads: 2, width: 8, context: CONTEXT, position: { kind: "rope" } }),
    data.tokenizer.vocabSize,
  );
  const params = livelyParams(model);
  const lossesBy = async (most?: number) => {
    const long = openLongContexts(
      { model, params, tokenizer: data.tokenizer, material: data },
      data.windows,
      most,
    );
    const losses = await long.losses(CONTEXT, 3);
    long.close();
    return losses;
  };
  const [whole, parts] = [await lossesBy(), await lossesBy(20 * model.vocabSize)]; // 54 tokens, 20 at a time
  const differences = whole.map((loss, i) => Math.abs(loss - (parts[i] as number)));
  expect(Math.max(...differences)).toBeLessThan(1e-5);
  expect(new Set(parts).size).toBeGreaterThan(CONTEXT / 2);
});
