import { expect, test } from "vitest";
import { differenceText } from "../../../src/node/run/config-difference.ts";

const config = {
  seed: 1,
  train: { steps: 6, positions: { kind: "contiguous" } },
  model: { position: { kind: "none" } },
};

test.each<[string, object, string]>([
  ["nothing", config, ""],
  ["another value", { ...config, seed: 2 }, "seed is 1 there and 2 here"],
  ["a nested one", { ...config, train: { ...config.train, steps: 8 } }, "train.steps is 6 there and 8 here"],
  [
    "a field that only one has",
    { ...config, model: { position: { kind: "learned", beyond: "throw" } } },
    'model.position.kind is "none" there and "learned" here, model.position.beyond is not set there and "throw" here',
  ],
  [
    "a part that is no part there",
    { ...config, train: 3 },
    /^train is \{"steps":6,.* there and 3 here$/ as never,
  ],
])("%s", (_, here, text) => {
  if ((text as unknown) instanceof RegExp) expect(differenceText(config, here)).toMatch(text);
  else expect(differenceText(config, here)).toBe(text);
});

test("many are counted", () => {
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`f${i}`, i]));
  expect(differenceText({}, many)).toMatch(/^f0 is not set there and 0 here, .*, and 3 more fields differ$/);
});
