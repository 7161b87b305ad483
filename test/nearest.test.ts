import fc from "fast-check";
import { expect, test } from "vitest";
import { editsBetween, nearest } from "../src/nearest.ts";

test.each([
  ["rope", "rope", 0],
  ["rpoe", "rope", 1],
  ["ropee", "rope", 1],
  ["roep", "rope", 1],
  ["kitten", "sitting", 3],
  ["", "abc", 3],
])("%j is so many edits from %j: %i", (a, b, edits) => {
  expect(editsBetween(a, b)).toBe(edits);
});

test("edits count the same both ways, and none only between equal words", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editsBetween(a, b)).toBe(editsBetween(b, a));
      expect(editsBetween(a, b) === 0).toBe(a === b);
      expect(editsBetween(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test("a slip finds the word that was meant, and another word none", () => {
  const known = ["rope", "relative", "sinusoidal", "t5"];
  expect(nearest("Rpoe", known)).toBe("rope");
  expect(nearest("sinusodial", known)).toBe("sinusoidal");
  expect(nearest("t4", known)).toBe("t5");
  expect(nearest("banana", known)).toBeUndefined();
});
