/** Parameters, and the operations of a transformer against scalar loops. */
import { beforeAll, describe, expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { gelu, silu } from "../../src/tensor/activations.ts";
import { layerNorm, rmsNorm } from "../../src/tensor/norms.ts";
import { crossEntropy, expectShape, linear, rows } from "../../src/tensor/ops.ts";
import { countParameters, initialize, param } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot, normalize, rmsNormalize, gelu as scalarGelu } from "../model/reference.ts";
import { furthest, smallModel } from "../model/small.ts";

/** float32 sums of a dozen numbers of size 1 to 10. */
const ROUNDING = 1e-5;
const NATIVE = "the native engine where it is installed";

beforeAll(async () => {
  await startTestEngine();
});

describe("parameters", () => {
  test("models that differ in their encoding share the initial values of all other parameters", () => {
    const plain = initialize(smallModel({ kind: "none" }).specs, 1);
    for (const { kind } of encodings) {
      const params = initialize(smallModel({ kind }).specs, 1);
      for (const [name, value] of Object.entries(plain)) {
        expect(param(params, name).dataSync(), `${kind}: ${name}`).toEqual(value.dataSync());
      }
    }
  });

  test("initial values depend on the seed and on the name", () => {
    const { specs } = smallModel({ kind: "none" });
    const [one, two] = [initialize(specs, 1), initialize(specs, 2)];
    const name = "h.0.attn.c_attn.weight";
    expect(furthest(one[name]?.dataSync(), two[name]?.dataSync())).toBeGreaterThan(0);
    expect(furthest(one[name]?.dataSync(), one["h.1.attn.c_attn.weight"]?.dataSync())).toBeGreaterThan(0);
  });

  test("countParameters is the number of numbers, and a missing parameter is named", () => {
    const { specs } = smallModel({ kind: "learned" });
    const params = initialize(specs, 1);
    expect(countParameters(specs)).toBe(Object.values(params).reduce((sum, { size }) => sum + size, 0));
    expect(() => param(params, "wpe.bias")).toThrow(/there is no wpe\.bias; there are wte\.weight/);
  });
});

describe.each([NATIVE, "wasm", "cpu"] as const)("operations on %s", (engine) => {
  const [N, C, V] = [5, 8, 11];
  const numbersFor = (name: string, rowCount: number, columns: number, deviation = 2) => {
    const rng = createRng(1, `test/${name}`);
    return Array.from({ length: rowCount }, () =>
      Array.from({ length: columns }, () => deviation * rng.normal()),
    );
  };
  const x = numbersFor("x", N, C);
  const valuesOf = (compute: () => tf.Tensor) => tf.tidy(() => compute().arraySync());

  beforeAll(async () => {
    if (engine === NATIVE) await startTestEngine();
    else await startEngine(engine);
  });

  test("crossEntropy is log Σ_v exp(z_v) − z_target, also for logits of a thousand", () => {
    const logits = [...numbersFor("logits", N, V), [1000, ...Array(V - 1).fill(0)]];
    const targets = [0, 3, 10, 5, 5, 1];
    const expected = logits.map((z, n) => {
      const highest = Math.max(...z);
      const total = z.reduce((sum, value) => sum + Math.exp(value - highest), 0);
      return highest + Math.log(total) - (z[targets[n] as number] as number);
    });
    const got = valuesOf(() => crossEntropy(tf.tensor2d(logits), tf.tensor1d(targets, "int32")));
    expect(furthest(got, expected)).toBeLessThan(ROUNDING);
  });

  test("layerNorm is (x − μ)/√(σ² + ε)·g + b, with and without b, and of a constant row b", () => {
    const [gain, bias] = numbersFor("gain", 2, C) as [number[], number[]];
    const input = [...x, Array(C).fill(3)];
    for (const b of [bias, undefined]) {
      const expected = input.map((row) => normalize(row, gain, b));
      const got = valuesOf(() => layerNorm(tf.tensor2d(input), tf.tensor1d(gain), b && tf.tensor1d(b)));
      expect(furthest(got, expected)).toBeLessThan(ROUNDING);
    }
  });

  test("rmsNorm is x/√(mean(x²) + ε)·g, and of a row of zeros zeros", () => {
    const gain = numbersFor("gain", 1, C)[0] as number[];
    const input = [...x, Array(C).fill(3), Array(C).fill(0)];
    const expected = input.map((row) => rmsNormalize(row, gain, 0.01));
    const got = valuesOf(() => rmsNorm(tf.tensor2d(input), tf.tensor1d(gain), 0.01));
    expect(furthest(got, expected)).toBeLessThan(ROUNDING);
  });

  test("silu is x/(1 + exp(−x)), from far below zero to far above", () => {
    const input = [-100, -5, -1e-3, 0, 1e-3, 5, 50, 100];
    const got = valuesOf(() => silu(tf.tensor1d(input)));
    expect(
      furthest(
        got,
        input.map((v) => v / (1 + Math.exp(-v))),
      ),
    ).toBeLessThan(ROUNDING);
  });

  test("gelu is ½x(1 + tanh(√(2/π)(x + 0.044715x³))), from far below zero to far above", () => {
    const input = [...x, [-100, -5, -1e-3, 0, 1e-3, 5, 50, 100]];
    const got = valuesOf(() => gelu(tf.tensor2d(input)));
    expect(
      furthest(
        got,
        input.map((row) => row.map(scalarGelu)),
      ),
    ).toBeLessThan(ROUNDING);
  });

  test("linear is x·W + b over the last axis of any rank", () => {
    const [weight, [bias]] = [numbersFor("weight", C, 3), numbersFor("bias", 1, 3) as [number[]]];
    const expected = x.map((row) =>
      bias.map(
        (b, n) =>
          b +
          dot(
            row,
            weight.map((from) => from[n] as number),
          ),
      ),
    );
    const got = valuesOf(() => linear(tf.tensor3d([x]), tf.tensor2d(weight), tf.tensor1d(bias)));
    expect(furthest(got, [expected])).toBeLessThan(ROUNDING);
  });

  test("rows at p is (1 − f)·P[⌊p⌋] + f·P[⌊p⌋ + 1], f the fraction of p, and exact at whole numbers", () => {
    const positions = [0, 1, 4, 0.25, 3.5, 3.75];
    const expected = positions.map((p) => {
      const [low, f] = [Math.floor(p), p - Math.floor(p)];
      return x[low]?.map((v, c) => (f === 0 ? v : (1 - f) * v + f * (x[low + 1]?.[c] as number)));
    });
    const got = valuesOf(() => rows(tf.tensor2d(x), tf.tensor1d(positions)));
    expect(furthest(got, expected)).toBeLessThan(ROUNDING);
    const nested = valuesOf(() => rows(tf.tensor2d(x), tf.tensor2d(positions, [2, 3])));
    expect(nested).toEqual([(got as number[][]).slice(0, 3), (got as number[][]).slice(3)]);
  });
});

test("expectShape names what has the wrong shape; −1 stands for any size", () => {
  const x = tf.zeros([2, 3]);
  expect(() => expectShape("here", "x", x, [-1, 3])).not.toThrow();
  expect(() => expectShape("here", "x", x, [2, 4])).toThrow("here: x has shape (2,3), expected (2,4)");
  expect(() => expectShape("here", "x", x, [2])).toThrow(TypeError);
});
