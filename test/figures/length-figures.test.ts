/** The figures about length: their sentences are computed from the rows, and they draw at both widths. */
import { expect, test } from "vitest";
import { windows } from "../../src/figures/windows.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { L, result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();

test("windows: the loss at L_max and at the longest context, under the policy that is lowest there", () => {
  const measured = (preset: string, losses: Record<string, readonly number[]>) => ({
    ...result(preset),
    measurements: Object.entries(losses).flatMap(([beyond, values]) =>
      values.map((value, k) => row("matched_nll", value, { length: L * 2 ** (k - 1), beyond })),
    ),
  });
  const results = [
    measured("alibi", { contiguous: [2, 1, 0.5] }),
    measured("learned", { clamp: [2, 1, 4], wrap: [2, 1, 3] }),
    measured("none", { contiguous: [2, 1, 1.01] }),
  ];
  expect(windows.sentence(results)).toBe(
    "From 8 to 16 tokens of context the loss of the same tokens of `alibi` falls from 1.00 to 0.50, " +
      "of `learned (wrap)` rises from 1.00 to 3.00 and of `none` stays at 1.00 nats.",
  );
  const figures = windows.draw(results, document)?.figures ?? [];
  expect(figures).toHaveLength(3); // one of all presets, one for each policy of the table
  expect(figures[0]?.narrowSvg).toContain("L_max = 8");
  expect(figures[0]?.svg).not.toMatch(/NaN|Infinity/);
});
