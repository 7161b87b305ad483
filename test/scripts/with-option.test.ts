/** `--with PROBE.FIELD=VALUE`, before anything is trained. */
import { expect, test } from "vitest";
import { checkedSizes, sizesOf } from "../../scripts/with-option.ts";
import { learning } from "../../src/probes/learning.ts";
import { length } from "../../src/probes/length.ts";

test("fields of probes by their names", () => {
  const sizes = checkedSizes(
    ["length.factor=2", "learning.pairs=8", "learning.threshold=0.9"],
    [length, learning],
  );
  expect(sizes).toEqual({ length: { factor: 2 }, learning: { pairs: 8, threshold: 0.9 } });
  expect(sizesOf([], [length])).toEqual({});
});

test.each([
  ["learning.threshold=2", /--with: learning.*threshold/],
  ["learning.threshhold=1", /threshhold/],
  ["order.pairs=1", /order/],
])("%s is refused", (change, message) => {
  expect(() => checkedSizes([change], [length, learning])).toThrow(message);
});
