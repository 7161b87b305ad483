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

test("parameters of any shapes come back from their vector as they were, and leave no tensor behind", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 6 }), (shapes) => {
      const specs = specsOf(shapes);
      const before = tf.memory().numTensors;
      const [layout, params] = [layoutOf(specs), initialize(specs, 1)];
      const vector = flatten(layout, params);
      const back = unflatten(layout, vector);
      expect(vector.shape).toEqual([layout.size]);
      for (const [name, x] of Object.entries(params)) {
        expect(back[name]?.shape).toEqual(x.shape);
        expect(back[name]?.dataSync()).toEqual(x.dataSync());
      }
      expect(Object.keys(back).sort()).toEqual(Object.keys(params).sort());
      tf.dispose([vector, ...Object.values(params), ...Object.values(back)]);
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
  expect([layout.size, layout.decayed]).toEqual([16, 12]);
  const vector = flatten(layout, initialize(specs, 1));
  expect([...vector.dataSync()]).toEqual([10, 12, 14, 11, 13, 15, 20, 21, 22, 23, 24, 25, 0, 1, 30, 31]);
});
