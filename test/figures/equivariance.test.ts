/** Errors by layer, a line for each preset, and controls in words alone. */
import { expect, test } from "vitest";
import { equivariance } from "../../src/figures/equivariance.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const withErrors = (preset: string, errors: readonly number[]) => ({
  ...result(preset),
  measurements: errors.map((value, layer) =>
    row("invariance_error", value, { layer, material: "pairs" }, "state"),
  ),
});

test("the sentence is of the last layer, and a control is named with how near to zero it was", () => {
  const rope = withErrors("rope", [0, 1.5, 2.25]);
  expect(equivariance.sentence([rope])).toBe(
    "When the tokens before it are permuted, the largest change of a channel of the last token's state at the last layer is 2.25 for `rope`.",
  );
  const model = { layers: 1, context: 8, attention: "causal", position: { kind: "none" } };
  const control = { ...withErrors("none-1-layer", [0, 0.0002]), config: { model } };
  const drawn = equivariance.draw([rope, control], document);
  expect(drawn?.figures).toHaveLength(1);
  expect(drawn?.figures?.[0]?.svg).not.toContain(">none-1-layer<");
  expect(drawn?.caption).toContain("`none-1-layer`, zero by a theorem and 0.0002 at most as measured");
});
