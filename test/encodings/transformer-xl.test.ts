/** Transformer-XL's terms (b), (c) and (d) against loops, and against XLNet's. */
import { beforeAll, describe, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { D, expectBias, H, modelOf, someState, testGolden } from "./state.ts";

const C = H * D;

beforeAll(async () => {
  await startTestEngine();
});

testGolden("transformer-xl");

/** R_n at column c: sines of all frequencies, then cosines. */
function wave(n: number, c: number, base: number): number {
  const angle = n * base ** ((-2 * (c % (C / 2))) / C);
  return c < C / 2 ? Math.sin(angle) : Math.cos(angle);
}

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  test.each([
    ["contiguous", [0, 1, 2, 3, 4], 0],
    ["far from 0", [1000, 1001, 1005], 0],
    ["between whole ones", [0, 0.75, 1.5, 2.25], 0],
    ["of the last three of six tokens", [0, 1, 2, 3, 4, 5], 3],
  ])("positions %s: bias = (q·W_R R + u·k + v·W_R R)/√D", (_title, positions, first) => {
    for (const base of [10_000, 20]) {
      const model = modelOf({ kind: "transformer-xl", base }, attention);
      const some = someState(model, positions as number[], first as number);
      const { q, k, query, key, params } = some.numbers;
      const [weight, u, v] = ["transformer-xl.r.weight", "transformer-xl.u", "transformer-xl.v"].map(
        (name) => params[name] as readonly (readonly number[])[],
      ) as [number[][], number[][], number[][]];
      expectBias(model, some, (b, h, i, j) => {
        const n = (query[i] as number) - (key[j] as number);
        let sum = 0;
        for (let d = 0; d < D; d++) {
          let r = 0;
          for (let c = 0; c < C; c++) r += wave(n, c, base) * (weight[c]?.[h * D + d] as number);
          const content = (u[h]?.[d] as number) * (k[b]?.[h]?.[j]?.[d] as number);
          sum += content + ((q[b]?.[h]?.[i]?.[d] as number) + (v[h]?.[d] as number)) * r;
        }
        return sum / Math.sqrt(D);
      });
    }
  });
});

test("u and v are all blocks' together, or each block's own", () => {
  const names = (untied: boolean) =>
    Object.keys(modelOf({ kind: "transformer-xl", untied }, "causal").specs).filter((name) =>
      /transformer-xl\.[uv]$/.test(name),
    );
  expect(names(false)).toEqual(["transformer-xl.u", "transformer-xl.v"]);
  expect(names(true)).toHaveLength(4);
});

test("an odd width has as many sines as cosines", () => {
  const { encoding } = modelOf({ kind: "transformer-xl" }, "causal", { width: 9, heads: 3 });
  expect(encoding.layerParams?.["transformer-xl.r.weight"]?.shape).toEqual([10, 9]);
});
