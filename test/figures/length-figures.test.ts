/** The figures about length: their sentences are computed from the rows, and they draw at both widths. */
import { expect, test } from "vitest";
import { field } from "../../src/figures/field.ts";
import { needle } from "../../src/figures/needle.ts";
import { policies } from "../../src/figures/policies.ts";
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

test("policies: the ways that cost least and most in the first range past L_max", () => {
  const rows = (way: object, losses: readonly number[]) =>
    losses.map((value, k) =>
      row("policy_nll", value, { from: k === 0 ? 1 : L + 1, to: L * (k + 1), scheme: "contiguous", ...way }),
    );
  const rope = [
    ...rows({ scaling: "none", scheme: "wrapped" }, [1, 3]),
    ...rows({ scaling: "none" }, [1, 2]),
    ...rows({ scaling: "ntk" }, [1.5, 1.75]),
  ];
  const none = [...rows({}, [1, 2]), ...rows({ scheme: "wrapped" }, [1, 2])];
  const results = [
    { ...result("rope"), measurements: rope },
    { ...result("none"), measurements: none },
  ];
  expect(policies.sentence(results)).toBe(
    "At tokens 9 to 16 of a context the loss of `rope` is least with “ntk” (1.75 nats) and most with “wrapped” (3.00). " +
      "At tokens 9 to 16 of a context the loss of `none` is 2.00 nats whatever is done.",
  );
  const drawn = policies.draw(results, document);
  expect(drawn?.caption).toContain("1 to 8, 9 to 16");
  expect(drawn?.figures?.map(({ title }) => title)).toEqual(["rope", "none"]);
  expect(drawn?.figures?.[0]?.svg.match(/<circle/g)).toHaveLength(6);
  for (const way of ["wrapped", "as it is", "ntk"])
    expect(drawn?.figures?.[0]?.narrowSvg).toContain(`>${way}<`);
});

test("field: receptive fields after and before training, of the longest contexts", () => {
  const shares = (state: string, length: number, values: readonly number[]) => [
    ...values.map((value, i) =>
      row("influence", value, { state, length, beyond: "contiguous", distance: i + 1 }),
    ),
    row("receptive_field", values.length - 1, { state, length, beyond: "contiguous", share: 0.99 }, "tokens"),
  ];
  const known = [
    ...shares("trained", 2, [0.5, 0.5]),
    ...shares("trained", 4, [0.7, 0.2, 0.1, 0]),
    ...shares("birth", 4, [0.3, 0.3, 0.2, 0.2]),
  ];
  const results = [
    { ...result("alibi"), measurements: known },
    { ...result("none"), measurements: shares("trained", 4, [0.7, 0.2, 0.1, 0]) },
  ];
  expect(field.sentence(results)).toBe(
    "99% of what influences a prediction of `alibi` lies within 3 of 4 tokens, before training 3. " +
      "99% of what influences a prediction of `none` lies within 3 of 4 tokens.",
  );
  const drawn = field.draw(results, document);
  expect(drawn?.caption).toContain("before training");
  expect(drawn?.figures).toHaveLength(2);
  expect(drawn?.figures?.[0]?.svg).toContain(">before<");
  expect(drawn?.figures?.[1]?.svg).not.toContain(">before<");
});

test("needle: the curve at L_max, and a map of depth by length for each preset", () => {
  const grid = (beyond: string, values: Record<number, readonly number[]>) =>
    Object.entries(values).flatMap(([length, shares]) =>
      shares.map((value, i) =>
        row("needle_accuracy", value, { beyond, depth: i / 2, length: Number(length) }, "accuracy"),
      ),
    );
  const results = [
    { ...result("alibi"), measurements: grid("contiguous", { 8: [0.5, 0.25, 1], 16: [0.5, 0.5, 0.75] }) },
    {
      ...result("learned"),
      measurements: [
        ...grid("clamp", { 8: [0.75, 0.5, 1], 16: [0.5, 0.5, 0.5] }),
        ...grid("wrap", { 8: [0.75, 0.5, 1], 16: [0.25, 0.25, 0.25] }),
      ],
    },
  ];
  expect(needle.sentence(results)).toBe(
    "In 8 tokens the right choice is made at the beginning, in the middle and right before the question by " +
      "`alibi` 50%, 25% and 100%; by `learned` 75%, 50% and 100% of the time; guessing gets 50%.",
  );
  const figures = needle.draw(results, document)?.figures ?? [];
  expect(figures.map(({ title }) => title)).toEqual([undefined, "alibi", "learned"]);
  expect(figures[1]?.svg.match(/<rect/g)).toHaveLength(7); // six cells and the frame
  expect(figures[2]?.svg).toContain(">75%<");
  expect(figures[2]?.svg).not.toContain(">25%<"); // of the other policy
});
