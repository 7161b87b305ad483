/** Disentangled attention against loops, and against Hugging Face's DeBERTa-v2. */
import { beforeAll, describe, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { D, expectBias, H, modelOf, someState, testGolden } from "./state.ts";

const C = H * D;

beforeAll(async () => {
  await startTestEngine();
});

testGolden("deberta");

/** δ(i,j) of the paper's equation 3. */
function delta(n: number, window: number): number {
  if (n <= -window) return 0;
  return n >= window ? 2 * window - 1 : n + window;
}

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  test.each([
    ["both", 3],
    ["c2p", 3],
    ["p2c", 3],
    ["both", 70], // looked up by index
  ] as const)(
    "%s, window %d: q·K^r[δ(i,j)] and k·Q^r[δ(i,j)], over the scale of their number",
    (terms, window) => {
      // A causal table begins at distance 0.
      const skipped = attention === "causal" ? window : 0;
      for (const [positions, first] of [
        [[0, 1, 2, 3, 4, 5], 0],
        [[0, 2, 9, 800], 0],
        [[0, 1, 2, 3, 4, 5], 2],
      ] as const) {
        const model = modelOf({ kind: "deberta", window, terms }, attention);
        expect(model.encoding.scale).toBeCloseTo(1 / Math.sqrt((terms === "both" ? 3 : 2) * D), 12);
        const some = someState(model, positions, first);
        const { q, k, query, key, params } = some.numbers;
        const table = params["deberta.rel.weight"] as readonly (readonly number[])[];
        expect(table).toHaveLength(2 * window - skipped);
        /** x·(P·W)[row] of one head. */
        const product = (x: readonly number[], name: string, h: number, row: number) => {
          const weight = params[name] as readonly (readonly number[])[];
          let sum = 0;
          for (let d = 0; d < D; d++) {
            let r = 0;
            for (let c = 0; c < C; c++) r += (table[row]?.[c] as number) * (weight[c]?.[h * D + d] as number);
            sum += (x[d] as number) * r;
          }
          return sum;
        };
        expectBias(model, some, (b, h, i, j) => {
          const row = delta((query[i] as number) - (key[j] as number), window) - skipped;
          const c2p =
            terms === "p2c" ? 0 : product(q[b]?.[h]?.[i] as number[], "deberta.pos_key.weight", h, row);
          const p2c =
            terms === "c2p" ? 0 : product(k[b]?.[h]?.[j] as number[], "deberta.pos_query.weight", h, row);
          return (c2p + p2c) / Math.sqrt((terms === "both" ? 3 : 2) * D);
        });
      }
    },
  );
});

test("the table is all blocks', its projections are each block's own", () => {
  const names = Object.keys(modelOf({ kind: "deberta" }, "causal").specs).filter((name) =>
    name.includes("deberta"),
  );
  expect(names).toEqual([
    "deberta.rel.weight",
    "h.0.attn.deberta.pos_key.weight",
    "h.0.attn.deberta.pos_query.weight",
    "h.1.attn.deberta.pos_key.weight",
    "h.1.attn.deberta.pos_query.weight",
  ]);
});

test('"context" is a window of L_max', () => {
  const { encoding } = modelOf({ kind: "deberta", window: "context" }, "bidirectional");
  expect(encoding.params?.["deberta.rel.weight"]?.shape).toEqual([16, C]);
});
