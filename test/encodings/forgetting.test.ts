/** Forget gates against loops, and against x-transformers' data dependent ALiBi. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { expectBias, modelOf, someState, testGolden } from "./state.ts";

beforeAll(async () => {
  await startTestEngine();
});

testGolden("forgetting");

test.each([
  { dependent: true, first: 0 },
  { dependent: true, first: 3 },
  { dependent: false, first: 0 },
])("bias = Σ_{l=j+1..i} log σ(x_l·w + b), 0 on the diagonal: %o", ({ dependent, first }) => {
  const model = modelOf({ kind: "forgetting", dependent }, "causal");
  const some = someState(model, [0, 1, 2, 3, 4, 5], first);
  const { x, params } = some.numbers;
  const weight = params["forgetting.weight"] as readonly (readonly number[])[] | undefined;
  expect(weight === undefined).toBe(!dependent);
  expectBias(model, some, (b, h, i, j) => {
    let sum = 0;
    for (let l = j + 1; l <= first + i; l++) {
      let z = params["forgetting.bias"]?.[h] as number;
      for (let c = 0; weight !== undefined && c < weight.length; c++)
        z += (x[b]?.[l]?.[c] as number) * (weight[c]?.[h] as number);
      sum += Math.log(1 / (1 + Math.exp(-z)));
    }
    return sum;
  });
});

test("bidirectional attention is refused, with what to set", () => {
  expect(() => modelOf({ kind: "forgetting" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "forgetting" }, "bidirectional")).toThrow(
    /forgetting: .*set model\.attention=causal/,
  );
});
