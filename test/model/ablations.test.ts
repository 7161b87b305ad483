/** What can be taken out of a model, by its name. */
import { beforeAll, describe, expect, test } from "vitest";
import { parseAblation } from "../../src/model/ablations.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens } from "./small.ts";
import { bare, logitsWithout, ROUNDING } from "./without.ts";

beforeAll(async () => {
  await startTestEngine();
});

test("keys that several heads share keep one rotation, or none", () => {
  const model = smallModel({ kind: "rope" }, { heads: 4, keyValueHeads: 2 });
  const params = livelyParams(model);
  const none = logitsFor(bare(model), params, someTokens());
  expect(furthest(logitsWithout(model, params, "pos"), none)).toBeLessThan(ROUNDING);
  expect(() => parseAblation(model, "blocks.0.attn.pos.3")).toThrow(/2 heads share each key/);
  expect(() => parseAblation(model, "blocks.0.attn.k.2")).toThrow(/give 0 to 1/);
});

test("where queries and keys are normalized, the rotation is undone to what is normalized", () => {
  const model = smallModel({ kind: "rope" }, { qkNorm: true });
  const params = livelyParams(model);
  const none = logitsFor(bare(model), params, someTokens());
  expect(furthest(logitsWithout(model, params, "pos"), none)).toBeLessThan(ROUNDING);
  expect(parseAblation(model, "blocks.0.attn.k_projected.1").names).toEqual(["blocks.0.attn.k_projected"]);
});

describe("what cannot be taken out is refused, and what can is named", () => {
  const model = smallModel({ kind: "rope" });
  test.each([
    ["blocks.0.attn.zz", /whose encoding is rope.*did you mean blocks\.L\.attn\.z\?.*known: pos, embed/],
    ["pos_embed", /known: pos, embed, blocks\.L\.resid_pre/],
    ["blocks.0.attn.bias", /is no activation of this model/],
    ["blocks.7.attn.z", /no block 7; give 0 to 1/],
    ["blocks.0.attn.z.2", /no head 2; give 0 to 1/],
    ["blocks.0.mlp_out.1", /has no heads/],
    ["blocks.0.attn.pos=mean", /has no mean over positions/],
    ["blocks.0.mlp_out=uniform", /uniform is of a pattern/],
    ["blocks.0.mlp_out=half", /half is none of zero, mean, uniform/],
    ["toString", /is no activation/],
    ["blocks.0.toString", /is no activation/],
  ])("%s", (text, message) => {
    expect(() => parseAblation(model, text)).toThrow(message);
  });

  test("pos of a model without positions", () => {
    expect(() => parseAblation(smallModel({ kind: "none" }), "pos")).toThrow(/known: embed/);
    expect(() => parseAblation(smallModel({ kind: "learned" }), "blocks.0.attn.pos")).toThrow(/known: pos/);
  });
});
