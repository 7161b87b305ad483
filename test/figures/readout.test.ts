/** The readout by layer, with what needs no model to know. */
import { expect, test } from "vitest";
import { readout } from "../../src/figures/readout.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const withReadout = (preset: string, errors: readonly number[], constant = 8) => ({
  ...result(preset),
  measurements: [
    ...errors.map((value, layer) => row("readout_mad", value, { layer }, "tokens")),
    row("readout_mad_constant", constant, {}, "tokens"),
    row("readout_mad_random", 10.66, {}, "tokens"),
    row("readout_mad_beyond", 24, { layer: 1 }, "tokens"),
    row("readout_mad_beyond", 26, { layer: 2 }, "tokens"),
  ],
});

test("the sentence names the embedding, the best layer and the last", () => {
  expect(readout.sentence([withReadout("none", [8.03, 4.4, 4.95])])).toBe(
    "The error of a linear readout of positions is 8.03 tokens for `none` at the embedding, is 4.40 tokens for `none` at the layer where it is least, and is 4.95 tokens for `none` at the last layer.",
  );
});

test("the best constant and a random guess are drawn where all sequences have one length", () => {
  const both = readout.draw([withReadout("none", [8, 4, 5]), withReadout("rope", [8, 7, 7])], document);
  expect(both?.figures?.[0]?.svg).toContain(">constant<");
  expect(both?.caption).toContain("its error at the last layer is 26.00 tokens for `none` and `rope`");
  const lengths = readout.draw([withReadout("none", [8]), withReadout("rope", [8], 16)], document);
  expect(lengths?.figures?.[0]?.svg).not.toContain(">constant<");
});
