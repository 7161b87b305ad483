/** Figures of positions: the numbers of a grid, and sentences that say the rows' numbers. */
import { describe, expect, test } from "vitest";
import { numberGrid } from "../../src/figures/charts/number-grid.ts";
import { chartSvg } from "../../src/figures/charts/plot.ts";
import { sectionOf } from "../../src/figures/figure.ts";
import { poleColor } from "../../src/figures/palette.ts";
import { positionGeometry } from "../../src/figures/position-geometry.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import { scoreTerms } from "../../src/figures/score-terms.ts";
import { shiftCost } from "../../src/figures/shift-cost.ts";
import { streamCosine } from "../../src/figures/stream-cosine.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const withRows = (preset: string, measurements: readonly Measurement[]): DemoResult => ({
  ...result(preset),
  measurements,
});

test("a grid writes every number, and colours by sign and size", () => {
  const cells = [
    { row: "0.0", column: "v·v", text: "60%", strength: 0.6 },
    { row: "0.0", column: "p·p", text: "−20%", strength: -0.2 },
    { row: "0.1", column: "v·v", text: "–" },
  ];
  const svg = chartSvg(numberGrid(cells, { label: "x", rowLabel: "head", width: 300 }), document);
  for (const text of ["60%", "−20%", "–", "0.0", "0.1", "v·v", "p·p", "head"])
    expect(svg).toContain(`>${text}<`);
  expect(svg.match(new RegExp(`<g[^>]*fill="${escaped(poleColor("positive"))}"`, "g"))).toHaveLength(1);
  expect(svg).toContain('fill-opacity="0.27"'); // 0.45·0.6
  const [, width] = svg.match(/<svg[^>]* width="(\d+)"/) ?? [];
  expect(Number(width)).toBeLessThanOrEqual(300);
});

const escaped = (text: string) => text.replaceAll(/[()]/g, "\\$&");

describe("score terms", () => {
  const share = (head: number | undefined, term: string, value: number, basis = "direct", layer = 0) =>
    row("term_share", value, { layer, ...(head !== undefined && { head }), term, basis }, "ratio");
  const sinusoidal = withRows("sinusoidal", [
    ...[share(0, "token-token", 0.2), share(0, "position-position", 0.8)],
    ...[share(1, "token-token", 0.4), share(1, "position-position", 0.6)],
    ...[share(undefined, "token-token", 0.3), share(undefined, "position-position", 0.7)],
    share(0, "token-token", 0.1, "means", 1),
  ]);
  const alibi = withRows("alibi", [
    ...[0, undefined].flatMap((head) => [share(head, "token-token", 0.3), share(head, "bias", 0.7)]),
  ]);

  test("the sentence names the largest term of the first block by preset", () => {
    expect(scoreTerms.sentence([sinusoidal, alibi])).toBe(
      "In the first block, the largest share of the variance of attention scores, the mean over heads, is position-position in `sinusoidal` (70%); bias in `alibi` (70%).",
    );
  });

  test("each preset and basis has a grid of the terms that it has", () => {
    const drawn = scoreTerms.draw([sinusoidal, alibi], document)?.figures ?? [];
    expect(drawn.map(({ title }) => title)).toEqual([
      "`sinusoidal`: straight from the embedding",
      "`sinusoidal`: by means over contexts",
      "`alibi`: straight from the embedding",
    ]);
    expect(drawn[0]?.svg).toContain(">80%<");
    expect(drawn[2]?.svg).toContain(">bias<");
    expect(drawn[2]?.svg).not.toContain(">p·p<");
  });

  test("of more than 32 heads, blocks are averaged", () => {
    const many = Array.from({ length: 33 }, (_, head) => share(head, "token-token", head / 32));
    const blocks = [share(undefined, "token-token", 0.48)];
    const [grid] = scoreTerms.draw([withRows("none", [...many, ...blocks])], document)?.figures ?? [];
    expect(grid?.svg).toContain(">48%<");
    expect(grid?.svg).toContain(">block<");
  });
});

test("the cosine: what positions bring for those who add them, the range of the others", () => {
  const rows = (whole: number, parts: Readonly<Record<string, number>>) =>
    [0, 1, 2].flatMap((distance) => [
      row("stream_cosine", whole, { distance }, "cos"),
      ...Object.entries(parts).map(([term, value]) => row("cosine_part", value, { distance, term }, "cos")),
    ]);
  const learned = withRows(
    "learned",
    rows(0.5, { "token-token": 0.1, "token-position": 0, "position-token": 0, "position-position": 0.4 }),
  );
  const bare = withRows("rope", rows(0.25, { "token-token": 0.25 }));
  expect(streamCosine.sentence([learned, bare])).toBe(
    "The mean cosine of neighbouring places is 0.50 in `learned` (p·p brings 0.40); where no positions are added to tokens, it is 0.25 for `rope`.",
  );
  expect(streamCosine.sentence([bare])).toBe("The mean cosine of neighbouring places is 0.25 for `rope`.");
  const drawn = streamCosine.draw([learned, bare], document)?.figures ?? [];
  expect(drawn.map(({ small }) => small ?? false)).toEqual([false, true]);
  for (const label of ["cos", "v·v", "v·p", "p·v", "p·p"]) expect(drawn[1]?.svg).toContain(`>${label}<`);
});

test("a shift: who does not move, and how far the others do", () => {
  const js = (preset: string, values: readonly number[]) =>
    withRows(
      preset,
      values.map((value, k) => row("shift_js", value, { offset: 2 ** k }, "bits")),
    );
  const results = [js("rope", [1e-9, 1e-8]), js("learned", [0.25, 0.125])];
  expect(shiftCost.sentence(results)).toBe(
    "Moving all positions alike changes no prediction in `rope`, up to float32's rounding; it moves predictions by as much as 0.250 bits in `learned` (up to 2 positions).",
  );
  const drawn = shiftCost.draw(results, document);
  expect(drawn?.figures?.[0]?.svg).toContain(">learned<");
  expect(drawn?.figures?.[0]?.svg).not.toContain(">rope<"); // rounding is no curve
  expect(drawn?.caption).toContain("Not drawn: `rope`");
  expect(shiftCost.sentence([js("none", [1e-4])])).toContain("as much as 0.0001 bits in `none`");
});

test("a shift that moves nothing is a sentence without a picture", () => {
  const still = [withRows("rope", [row("shift_js", 5e-14, { offset: 1 }, "bits")])];
  expect(shiftCost.draw(still, document)?.figures).toEqual([]);
  expect(sectionOf(shiftCost, still, document)?.lead).toBe(
    "Moving all positions alike changes no prediction in `rope`, up to float32's rounding.",
  );
});

test("position vectors: inside, past L_max under each policy, and one row of random ones", () => {
  const gram = (value: number, at: object) =>
    row("gram_toeplitz_off_diagonal", value, { from: 0, table: "encoding", ...at }, "R²");
  const learned = [
    gram(0.2, {}),
    gram(0.05, { table: "random, 8 × 4" }),
    gram(0.3, { from: 8, beyond: "wrap" }),
  ];
  const map = row("linear_shift_error", 0.9, { from: 0, offset: 1 }, "1 − R²");
  const results = [
    withRows("learned", [...learned, map, row("head_toeplitz_r2", 0.4, { layer: 0, head: 0 }, "R²")]),
    withRows("sinusoidal", [gram(1, {}), gram(0.05, { table: "random, 8 × 4" })]),
  ];
  expect(positionGeometry.sentence(results)).toBe(
    "Of the variance of p_i·p_j between different positions, distance explains 20% in `learned` and 100% in `sinusoidal`, and 5% of random vectors of the same size. One linear map that moves all vectors by a position leaves 90% in `learned` of their variance unexplained.",
  );
  const [tables, heads] = positionGeometry.draw(results, document)?.figures ?? [];
  for (const text of ["learned", "learned (wrap)", "sinusoidal", "0.20", "0.30", "1.00", "0.90"])
    expect(tables?.svg).toContain(`>${text}<`);
  expect(tables?.svg.match(/>random \(8 × 4\)</g)).toHaveLength(1);
  expect(tables?.narrowSvg).toContain(">learned<");
  expect(heads?.svg).toContain(">0.40<");
});
