/** Which answers are a run's own: those that were asked with its own seed, and nothing chosen. */
import { expect, test } from "vitest";
import { isAsTrained, probeSeed } from "../../../src/node/jobs/as-trained.ts";
import { probeNamed } from "../../../src/probes/run.ts";
import { parsePreset } from "../../../src/train/preset.ts";

test("another seed than the run's, a size, a file or a part taken out makes another answer", () => {
  const preset = parsePreset({ name: "a", seed: 2, model: { position: { kind: "none" } } }, "a");
  const checkpoint = { preset };
  const length = probeNamed("length");
  expect(probeSeed(checkpoint)).toBe(2);
  expect(probeSeed({})).toBe(1);
  expect(isAsTrained(length, {}, { checkpoint, seed: 2 })).toBe(true);
  expect(isAsTrained(length, { factor: 16 }, { checkpoint, seed: 2 })).toBe(true); // its default
  expect(isAsTrained(length, {}, { checkpoint, seed: 1 })).toBe(false);
  expect(isAsTrained(length, { factor: 2 }, { checkpoint, seed: 2 })).toBe(false);
  expect(isAsTrained(length, {}, { checkpoint, seed: 2, ablate: ["pos"] })).toBe(false);
  expect(isAsTrained(length, {}, { checkpoint, seed: 2, files: { text: "a.txt" } })).toBe(false);
});
