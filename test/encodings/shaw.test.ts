/** Shaw's relative vectors against loops and numbers of the formula written with whole tensors. */
import { beforeAll, describe, expect, test } from "vitest";
import { startTestEngine } from "../engine-for-tests.ts";
import { D, expectBias, expectValues, modelOf, type Numbers, someState, testGolden } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

testGolden("shaw");

/** w[clip(j − i)], one number of it: between two rows, their mixture. */
function component(
  numbers: Numbers,
  name: string,
  window: number,
  causal: boolean,
  i: number,
  j: number,
  d: number,
) {
  const rows = numbers.params[name] as readonly (readonly number[])[];
  const distance = (numbers.key[j] as number) - (numbers.query[i] as number);
  const row = Math.max(-window, Math.min(causal ? 0 : window, distance)) + window;
  const [low, part] = [Math.floor(row), row % 1];
  const at = (n: number) => rows[n]?.[d] as number;
  return part === 0 ? at(low) : at(low) * (1 - part) + at(low + 1) * part;
}

describe.each(["causal", "bidirectional"])("%s", (attention) => {
  const causal = attention === "causal";
  test.each([
    ["contiguous", [0, 1, 2, 3, 4], 0, 2],
    ["far apart, so clipped", [0, 1, 7, 30, 900], 0, 2],
    ["between whole ones", [0, 0.75, 1.5, 2.25], 0, 2],
    ["of the last three of six tokens", [0, 1, 2, 3, 4, 5], 3, 2],
    ["in a table that is looked up by index", [0, 1, 7, 30, 900], 0, 70],
    ["between whole ones of such a table, of the last three", [0, 0.75, 1.5, 60.25], 1, 70],
  ] as const)(
    "positions %s: bias = q·w^K[clip(j − i)]/√D, values = Σ_j α·w^V[clip(j − i)]",
    (_title, positions, first, window) => {
      const model = modelOf({ kind: "shaw", window }, attention);
      const some = someState(model, positions, first);
      const { numbers } = some;
      expect(numbers.params["shaw.keys.weight"]).toHaveLength(causal ? window + 1 : 2 * window + 1);
      expectBias(model, some, (b, h, i, j) => {
        let sum = 0;
        for (let d = 0; d < D; d++) {
          sum +=
            (numbers.q[b]?.[h]?.[i]?.[d] as number) *
            component(numbers, "shaw.keys.weight", window, causal, i, j, d);
        }
        return sum / Math.sqrt(D);
      });
      expectValues(model, some, (b, h, i, d) => {
        let sum = 0;
        for (let j = 0; j < numbers.key.length; j++) {
          sum +=
            (numbers.weights[b]?.[h]?.[i]?.[j] as number) *
            component(numbers, "shaw.values.weight", window, causal, i, j, d);
        }
        return sum;
      });
    },
  );
});

test.each([
  ["keys", ["shaw.keys.weight"], "bias", "values"],
  ["values", ["shaw.values.weight"], "values", "bias"],
] as const)("terms %s: one table, and no other term", (terms, names, has, lacks) => {
  const { encoding } = modelOf({ kind: "shaw", terms }, "causal");
  expect(Object.keys(encoding.layerParams ?? {})).toEqual(names);
  expect(encoding[has]).toBeDefined();
  expect(encoding[lacks]).toBeUndefined();
});

test('"context" is a window of L_max − 1', () => {
  const { encoding } = modelOf({ kind: "shaw", window: "context" }, "bidirectional");
  expect(encoding.layerParams?.["shaw.keys.weight"]?.shape).toEqual([15, D]);
});
