import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { flatten, layoutOf, unflatten } from "../../src/tensor/flat.ts";
import { initialize, type ParamSpecs } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(startTestEngine);

const specsOf = (shapes: readonly (readonly number[])[]): ParamSpecs =>
  Object.fromEntries(
    shapes.map((shape, i) => [`p${i}`, { shape, init: (rng) => rng.normal(), decay: i % 3 === 0 }]),
  );

test("parameters of any shapes come back from their vectors as they were, and leave no tensor behind", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 6 }), (shapes) => {
      const specs = specsOf(shapes);
      const before = tf.memory().numTensors;
      const [layout, params] = [layoutOf(specs), initialize(specs, 1)];
      const vectors = flatten(layout, params);
      const back = unflatten(layout, vectors);
      expect(Object.values(vectors).map((vector) => vector.shape)).toEqual(layout.map(({ size }) => [size]));
      for (const [name, x] of Object.entries(params)) {
        expect(back[name]?.shape).toEqual(x.shape);
        expect(back[name]?.dataSync()).toEqual(x.dataSync());
      }
      expect(Object.keys(back).sort()).toEqual(Object.keys(params).sort());
      tf.dispose([...Object.values(vectors), ...Object.values(params), ...Object.values(back)]);
      expect(tf.memory().numTensors).toBe(before);
    }),
    { numRuns: 30 },
  );
});

test("what decays lies first, and a matrix with more rows than columns lies by columns", () => {
  const specs: ParamSpecs = {
    vector: { shape: [2], init: (_, i) => i },
    tall: { shape: [3, 2], init: (_, i) => 10 + i },
    wide: { shape: [2, 3], init: (_, i) => 20 + i },
    spared: { shape: [1, 2], init: (_, i) => 30 + i, decay: false },
  };
  const layout = layoutOf(specs);
  expect(layout.map(({ size, decayed }) => [size, decayed])).toEqual([[16, 12]]);
  const vectors = flatten(layout, initialize(specs, 1));
  expect(Object.values(vectors).map((vector) => [...vector.dataSync()])).toEqual([
    [10, 12, 14, 11, 13, 15, 20, 21, 22, 23, 24, 25, 0, 1, 30, 31],
  ]);
});

test("from three blocks on, the parameters of each block lie in two groups of their own", () => {
  const block = (n: number): ParamSpecs => ({
    [`h.${n}.tall`]: { shape: [3, 2], init: (_, i) => 10 * n + i },
    [`h.${n}.bias`]: { shape: [2], init: (_, i) => -10 * n - i },
    [`h.${n}.wide`]: { shape: [1, 2], init: (_, i) => 10 * n + 6 + i },
  });
  const modelOf = (blocks: number): ParamSpecs => ({
    table: { shape: [1, 1], init: () => 100 },
    ...Object.assign({}, ...Array.from({ length: blocks }, (_, n) => block(n))),
    gain: { shape: [1], init: () => 200 },
    head: { shape: [1, 1], init: () => 300 },
  });
  const namesOf = (specs: ParamSpecs) =>
    layoutOf(specs).map(({ entries }) => entries.map(({ name }) => name).join(" "));
  expect(namesOf(modelOf(2))).toEqual([
    "table h.0.tall h.0.wide h.1.tall h.1.wide head h.0.bias h.1.bias gain",
  ]);
  const specs = modelOf(3);
  expect(namesOf(specs)).toEqual([
    "table",
    ...["h.0.tall h.0.wide", "h.1.tall h.1.wide", "h.2.tall h.2.wide"],
    "head",
    ...["h.0.bias", "h.1.bias", "h.2.bias"],
    "gain",
  ]);
  const [layout, params] = [layoutOf(specs), initialize(specs, 1)];
  const back = unflatten(layout, flatten(layout, params));
  for (const [name, x] of Object.entries(params)) {
    expect([name, back[name]?.shape, back[name]?.dataSync()]).toEqual([name, x.shape, x.dataSync()]);
  }
});

test("a large parameter is a group of its own, and weight decay knows which", () => {
  const [side, zero] = [2 ** 9, () => 0];
  const layout = layoutOf({
    small: { shape: [2, 2], init: zero },
    large: { shape: [side, side / 2], init: zero },
    bias: { shape: [2], init: zero },
    gains: { shape: [(side * side) / 2], init: zero },
  });
  expect(layout.map(({ entries, decayed }) => [entries.map(({ name }) => name), decayed])).toEqual([
    [["large"], (side * side) / 2],
    [["gains"], 0],
    [["small", "bias"], 4],
  ]);
});
