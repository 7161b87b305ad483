/** Patching as heat maps: a cell of each site, and a sentence of numbers that the rows hold. */
import { expect, test } from "vitest";
import { patching } from "../../src/figures/patching.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const recovery = (value: number | null, at: object) => ({
  ...row("patch_recovery", 0, at as never, "ratio"),
  value,
});
const withPatches = (preset: string, best: number | null) => ({
  ...result(preset),
  measurements: [
    row("patch_effect", 10.34, {}),
    ...[0, 1].flatMap((layer) => [
      ...[0, 1, 2].map((token) => recovery(best && token / 2, { site: "resid_pre", layer, token })),
      ...[0, 1].map((head) => recovery(best && (head === layer ? best : -0.1), { site: "z", layer, head })),
      recovery(best, { site: "attn_out", layer }),
    ]),
  ],
});

test("each preset has a map of tokens and one of heads", () => {
  const drawn = patching.draw([withPatches("rope", 0.88), withPatches("none", 0.5)], document);
  expect(drawn?.figures?.map(({ title }) => title)).toEqual(
    ["rope", "none"].flatMap((name) => [`\`${name}\`: residual stream before a block`, `\`${name}\`: heads`]),
  );
  const [tokens, heads] = drawn?.figures ?? [];
  expect(tokens?.svg).toContain("2 by 3");
  expect(heads?.svg).toContain("2 by 2");
});

test("the sentence names the head that brings most back, and what there was", () => {
  expect(patching.sentence([withPatches("rope", 0.88)])).toBe(
    "Taken alone from the story, the head that brings most of the right answer's advantage back into the swap recovers 88% of 10.34 nats in `rope` (head 0 of block 0).",
  );
  expect(patching.sentence([withPatches("none-bidirectional", null)])).toBeUndefined();
});
