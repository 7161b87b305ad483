/** Two readings of the same states: a picture of each that was measured. */
import { expect, test } from "vitest";
import { layerDistance } from "../../src/figures/layer-distance.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const withCka = (preset: string, values: readonly number[]) => {
  const one = result(preset);
  const rows = values.map((value, i) => row("hidden_cka", value, { layer: i + 1 }, "CKA"));
  return { ...one, measurements: [...one.measurements, ...rows] };
};

test("distances alone are one picture, and CKA is named where it was measured", () => {
  const bare = layerDistance.draw([result("rope")], document);
  expect(bare?.figures).toHaveLength(1);
  expect(bare?.caption).not.toContain("CKA");
  const drawn = layerDistance.draw([withCka("rope", [0.9, 0.4])], document);
  expect(drawn?.figures).toHaveLength(2);
  expect(drawn?.figures?.[1]?.svg).toContain("CKA of all stories");
  expect(drawn?.caption).toContain("CKA is 1 where");
});

test("a control's CKA is left out of the picture, and how far it was from 1 is said", () => {
  const model = { layers: 1, context: 8, attention: "causal", position: { kind: "none" } };
  const control = { ...withCka("none-1-layer", [0.9998]), config: { model } };
  const drawn = layerDistance.draw([withCka("rope", [0.9, 0.4]), control], document);
  expect(drawn?.caption).toContain("`none-1-layer`, 1 by a theorem and at most 0.0002 off as measured");
});
