/** Position schemes at probe time, with every encoding. */
import { beforeAll, describe, expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { openWho } from "../../src/data/index.ts";
import { encodings } from "../../src/encodings/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { positionsOf, type Scheme } from "../../src/model/positions.ts";
import { forward } from "../../src/model/transformer.ts";
import { openLongContexts } from "../../src/probes/long-context.ts";
import { placed } from "../../src/probes/placing.ts";
import { createReader } from "../../src/probes/reader.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, idsTensor, livelyParams, logitsFor, smallModel, someTokens } from "../model/small.ts";

/** float32 over a hundred or so sums of numbers of size 1 to 10, at other angles. */
const ROUNDING = 1e-4;
/** Less than what any real change does to logits of size 1 here. */
const A_CHANGE = 1e-3;
/** Tokens of a context. */
const T = 4;
/** Defined for every encoding: tables have 8 rows here. */
const SCHEMES: readonly Scheme[] = [
  { kind: "shifted", by: 2 },
  { kind: "randomized", range: 7 }, // 1, 2, 3, 6 by the draw of these tests
  { kind: "randomized-real", range: 8 },
  { kind: "interpolated", trained: 3 },
  { kind: "clamped", limit: 3 },
  { kind: "wrapped", limit: 3 },
];
/** Encodings that look at the content and the order of tokens, never at their positions. */
const BLIND: ReadonlySet<string> = new Set(["none", "cope", "forgetting", "path", "selective-rope"]);

beforeAll(async () => {
  await startTestEngine();
});

describe.each(encodings.map((definition) => ({ definition, kind: definition.kind })))(
  "$kind",
  ({ definition }) => {
    test.each(SCHEMES)(
      "%o: logits are finite, and other ones than at 0 … T − 1 where positions matter",
      (scheme) => {
        const { kind } = definition;
        const model = smallModel({ kind });
        const params = livelyParams(model);
        const contiguous = logitsFor(model, params, someTokens(2, T));
        const moved = logitsFor(model, params, someTokens(2, T), scheme);
        expect(moved.flat(2).every(Number.isFinite)).toBe(true);
        const distance = furthest(moved, contiguous);
        const same = BLIND.has(kind) || (definition.relative && scheme.kind === "shifted");
        if (same) expect(distance).toBeLessThan(ROUNDING);
        else expect(distance).toBeGreaterThan(A_CHANGE);
        disposeTree(params);
      },
    );
  },
);

const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
const { vocabSize } = data.tokenizer;
const model = createModel(
  modelSchema().parse({ width: 16, heads: 2, layers: 1, context: 16, position: { kind: "sinusoidal" } }),
  vocabSize,
);

/** Logits (B,T,V) at given positions. */
const logitsAt = (params: Params, tokens: number[][], positions: Float32Array) =>
  tf.tidy(() =>
    forward(model, params, idsTensor(tokens), tf.tensor1d(positions)).arraySync(),
  ) as number[][][];

test.each(SCHEMES)("a reader reads contexts at the positions of its scheme: %o", async (scheme) => {
  const params = livelyParams(model);
  const placing = { scheme, seed: 3 };
  const reader = createReader({ model, params, tokenizer: data.tokenizer, placing });
  const tokens = someTokens(2, T).map((row) => row.map((id) => id % vocabSize));
  const [first, second] = await reader.read(tokens);
  const again = await reader.read(tokens);
  reader.close();
  expect(again.map(({ logProbs }) => logProbs)).toEqual([first?.logProbs, second?.logProbs]);
  const positions = positionsOf(scheme, T, placed(placing, T, 0)[1]);
  const logits = logitsAt(params, tokens, positions);
  logits.forEach((row, i) => {
    const last = row.at(-1) as number[];
    const log = Math.log(last.reduce((sum, z) => sum + Math.exp(z), 0));
    const expected = last.map((z) => z - log);
    expect(furthest([first, second][i]?.logProbs, expected)).toBeLessThan(ROUNDING);
  });
  disposeTree(params);
});

test("long contexts are read at the positions of their scheme", async () => {
  const params = livelyParams(model);
  const subject = { model, params, tokenizer: data.tokenizer, material: data };
  const lossesUnder = async (scheme: Scheme) => {
    const long = openLongContexts({ ...subject, placing: { scheme, seed: 3 } }, data.windows);
    const losses = await long.losses(12, 4);
    long.close();
    return losses;
  };
  const contiguous = await lossesUnder({ kind: "contiguous" });
  expect(await lossesUnder({ kind: "clamped", limit: 100 })).toEqual(contiguous);
  const wider: Scheme = { kind: "randomized", range: 40 };
  for (const scheme of [...SCHEMES.filter(({ kind }) => kind !== "randomized"), wider])
    expect(furthest(await lossesUnder(scheme), contiguous)).toBeGreaterThan(A_CHANGE);
  disposeTree(params);
});
