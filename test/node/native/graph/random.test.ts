/**
 * Random numbers of a key are the same bits on the engines without a graph, and spread as uniform
 * numbers should.
 */
import { expect, test } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { philoxUniform, statelessUniform } from "../../../../src/engine/stateless-random.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { tf } from "../../../../src/tensor/tf.ts";

const KEYS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 2],
  [-1, 7],
  [123_456_789, -(2 ** 31)],
  [2 ** 31 - 1, 2 ** 31 - 1],
];

test.each(["wasm", "cpu"] as const)(
  "statelessUniform on %s is philoxUniform to the bit, for any size",
  async (engine) => {
    await startEngine(engine);
    const draw = compile(
      ({ key }: { key: tf.Tensor1D }) => ({
        u: statelessUniform(key, [3, 7]),
        one: statelessUniform(key, []),
        none: statelessUniform(key, [0]),
      }),
      { name: "draw" },
    );
    const before = tf.memory().numTensors;
    for (const [a, b] of KEYS) {
      const key = tf.tensor1d([a, b], "int32");
      const { u, one, none } = draw({ key });
      expect(u.shape).toEqual([3, 7]);
      expect(Array.from(u.dataSync())).toEqual(Array.from(philoxUniform(a, b, 21)));
      expect(Array.from(one.dataSync())).toEqual(Array.from(philoxUniform(a, b, 1)));
      expect(none.size).toBe(0);
      tf.dispose([key, u, one, none]);
    }
    expect(tf.memory().numTensors).toBe(before);
  },
);

test("a shorter draw is the beginning of a longer one", () => {
  expect(philoxUniform(5, 6, 1000).slice(0, 9)).toEqual(philoxUniform(5, 6, 9));
});

/** Five standard errors: 1 in 2 million for a normal, and the keys are fixed. */
const STANDARD_ERRORS = 5;

test("numbers lie in [0, 1), with the mean, variance and neighbours' correlation of uniform ones", () => {
  const n = 40_000;
  for (const [a, b] of KEYS) {
    const u = philoxUniform(a, b, n);
    expect(u.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = u.reduce((sum, value) => sum + value, 0) / n;
    const variance = u.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / n;
    const lagged =
      u.subarray(1).reduce((sum, value, i) => sum + (value - 0.5) * ((u[i] as number) - 0.5), 0) / (n - 1);
    expect(Math.abs(mean - 0.5)).toBeLessThan(STANDARD_ERRORS * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(STANDARD_ERRORS * Math.sqrt(1 / 180 / n));
    expect(Math.abs(lagged)).toBeLessThan((STANDARD_ERRORS / 12) * Math.sqrt(1 / n));
  }
});

test("keys that differ in either number give other numbers", () => {
  const draws = [
    [1, 1],
    [1, 2],
    [2, 1],
    [-1, 1],
    [1, -1],
  ].map(([a, b]) => philoxUniform(a as number, b as number, 4).join());
  expect(new Set(draws).size).toBe(draws.length);
});
