/** The curve of block shuffles: a picture of each material, and a sentence of numbers that the rows hold. */
import { expect, test } from "vitest";
import { orderRange } from "../../src/figures/order-range.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const withShuffles = (preset: string, materials: readonly string[]) => {
  const rows = materials.flatMap((material) => [
    ...[1, 2, 4].map((block) => row("block_shuffle_delta_nll", 4 / block, { block, material })),
    row("effective_order_range", 2, { material }, "tokens"),
    row("confounded_shuffle_delta_nll", 7, { material }),
    row("confounded_gap", 3, { material }),
  ]);
  return { ...result(preset), measurements: rows };
};

test("each material has a picture, running text first", () => {
  const drawn = orderRange.draw([withShuffles("rope", ["pairs", "windows"])], document);
  expect(drawn?.figures?.map(({ title }) => title)).toEqual([
    "In running text",
    "In stories with a question",
  ]);
  expect(drawn?.figures?.[0]?.narrowSvg).toContain("a block that stays whole");
  expect(orderRange.draw([withShuffles("rope", ["pairs"])], document)?.figures).toHaveLength(1);
});

test("the sentence says how long blocks must be, and what the confounded shuffle adds", () => {
  expect(orderRange.sentence([withShuffles("rope", ["windows"])])).toBe(
    "In running text, the length of the blocks that must stay whole for half of the cost of a shuffle to come back is 2.0 tokens for `rope`. " +
      "Where single tokens are shuffled and the last one with them, the rise in loss is 7.00 nats for `rope`; the part that a shuffle of the others alone does not cost is 3.00 nats for `rope`.",
  );
});
