import { expect, test } from "vitest";
import { quantity } from "../src/quantity.ts";

test("one is one, all else are several, in groups of three", () => {
  const all = [0, 1, 2, 1920].map((n) => quantity(n, "token"));
  expect(all).toEqual(["0 tokens", "1 token", "2 tokens", "1,920 tokens"]);
  expect([1, 2].map((n) => quantity(n, "story", "stories"))).toEqual(["1 story", "2 stories"]);
});
