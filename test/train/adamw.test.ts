import { beforeAll, describe, expect, test } from "vitest";
import { byGroup, flatten, layoutOf, unflatten } from "../../src/tensor/flat.ts";
import type { ParamSpecs, Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { adamw, globalNorm } from "../../src/train/adamw.ts";
import { trainSchema } from "../../src/train/config.ts";
import type { Optimized } from "../../src/train/optimizer.ts";
import { learningRateAt } from "../../src/train/schedule.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(startTestEngine);

/** A matrix and a vector, and one of each whose decay is not what its rank says. */
const SPECS: ParamSpecs = {
  matrix: { shape: [2, 3], init: () => 0 },
  vector: { shape: [3], init: () => 0 },
  spared: { shape: [3, 2], init: () => 0, decay: false },
  decayed: { shape: [2], init: () => 0, decay: true },
};
const DECAYS = ["matrix", "decayed"];
const STEPS = 10;
const RATE = 0.02;
const WEIGHT_DECAY = 0.3;

/** Ten updates of numbers near 1 in float32, each rounded by up to 6e-8 in several places. */
const FLOAT32_TOLERANCE = 3e-6;

type Numbers = Record<string, number[]>;

const drawn = (stream: string, scale: number): Numbers =>
  Object.fromEntries(
    Object.entries(SPECS).map(([name, { shape }]) => {
      const rng = createRng(3, `${stream}/${name}`);
      return [name, Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => scale * rng.normal())];
    }),
  );
const gradientsOf = (step: number) => drawn(`test/gradient/${step}`, 1 + step / 5);
const normOf = (all: Numbers) => Math.hypot(...Object.values(all).flat());
const tensorsOf = (all: Numbers): Params =>
  Object.fromEntries(
    Object.entries(all).map(([name, values]) => [name, tf.tensor(values, [...(SPECS[name]?.shape ?? [])])]),
  );

/** Loshchilov and Hutter 2019, algorithm 2, one number at a time in double precision. */
function reference(clip: number): Numbers {
  const theta = drawn("test/start", 1);
  for (const [name, values] of Object.entries(theta)) {
    values.forEach((start, i) => {
      let [x, m, v] = [start, 0, 0];
      for (let step = 0; step < STEPS; step += 1) {
        const gradients = gradientsOf(step);
        const g = (gradients[name]?.[i] as number) * Math.min(1, clip / normOf(gradients));
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g ** 2;
        const direction = m / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v / (1 - 0.99 ** (step + 1))) + 1e-8);
        x -= RATE * (direction + (DECAYS.includes(name) ? WEIGHT_DECAY * x : 0));
      }
      values[i] = x;
    });
  }
  return theta;
}

describe("ten updates follow the algorithm, computed a number at a time in double precision", () => {
  const norms = Array.from({ length: STEPS }, (_, step) => normOf(gradientsOf(step)));
  const clips = {
    always: Math.min(...norms) / 4,
    sometimes: (Math.min(...norms) + Math.max(...norms)) / 2,
    never: 1e3,
  };

  const together = layoutOf(SPECS);
  const eachAlone = Object.entries(SPECS).flatMap(([name, spec]) => layoutOf({ [name]: spec }));
  const cases = Object.entries(clips).flatMap(([when, clip]) => [
    { when, clip, groups: "one group", layout: together },
    { when, clip, groups: "a group each", layout: eachAlone },
  ]);

  test.each(cases)("where the clip is $when active, parameters in $groups", ({ clip, layout }) => {
    const config = trainSchema.parse({ clip, weightDecay: WEIGHT_DECAY });
    const start = flatten(layout, tensorsOf(drawn("test/start", 1)));
    let states = layout.map(
      ({ size }, i): Optimized => ({ params: start[i] as tf.Tensor1D, slots: adamw.init(size) }),
    );
    for (let step = 0; step < STEPS; step += 1) {
      const gradients = Object.values(flatten(layout, tensorsOf(gradientsOf(step))));
      const norm = globalNorm(gradients);
      const scalars = { ...adamw.scalars(step, config), rate: tf.scalar(RATE) };
      states = layout.map((group, i) => {
        const gradient = { vector: gradients[i] as tf.Tensor1D, norm };
        return adamw.update(group, states[i] as Optimized, gradient, scalars, config);
      });
      const [found] = norm.dataSync();
      expect(Math.abs((found as number) / (norms[step] as number) - 1)).toBeLessThan(FLOAT32_TOLERANCE);
    }
    const expected = reference(clip);
    const after = unflatten(layout, byGroup(states.map(({ params }) => params)));
    for (const [name, tensor] of Object.entries(after)) {
      Array.from(tensor.dataSync()).forEach((value, i) => {
        expect(Math.abs(value - (expected[name]?.[i] as number)), `${name} ${i}`).toBeLessThan(
          FLOAT32_TOLERANCE,
        );
      });
    }
  });

  test("where the clip is active the result differs, so the cases above are not one", () => {
    const [first, second] = [reference(clips.sometimes), reference(clips.never)];
    expect(Math.abs((first.matrix?.[0] as number) - (second.matrix?.[0] as number))).toBeGreaterThan(1e-4);
  });
});

describe("the learning rate", () => {
  const rateAt = (step: number, warmup = 10, steps = 110) =>
    learningRateAt(step, { learningRate: 2, warmup, steps });

  test.each([
    ["starts at one part of warmup + 1", rateAt(0), 2 / 11],
    ["is still below its height at the last step of warm-up", rateAt(9), (2 * 10) / 11],
    ["is highest when warm-up is over", rateAt(10), 2],
    ["is at the middle of height and floor half-way", rateAt(60), 1.1],
    ["ends at a tenth", rateAt(110), 0.2],
    ["stays there", rateAt(1e6), 0.2],
    ["starts at its height without warm-up", rateAt(0, 0), 2],
    ["rises to the end where warm-up is longer than the run", rateAt(4, 9, 5), 1],
    ["is a number where warm-up ends with the run", rateAt(5, 5, 5), 2],
  ])("%s", (_, rate, expected) => {
    expect(rate).toBeCloseTo(expected, 12);
  });
});
