/** Figures of heads: what their sentences say of the rows, and grids that fit a phone. */
import { describe, expect, test } from "vitest";
import { attention } from "../../src/figures/attention.ts";
import { headCurves } from "../../src/figures/charts/head-curves.ts";
import { briefly, headGrid } from "../../src/figures/charts/head-grid.ts";
import { chartSvg } from "../../src/figures/charts/plot.ts";
import type { Figure } from "../../src/figures/figure.ts";
import { frequencies } from "../../src/figures/frequencies.ts";
import { headTypes } from "../../src/figures/head-types.ts";
import { kernels } from "../../src/figures/kernels.ts";
import { leakage } from "../../src/figures/leakage.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import type { MeasurementSite } from "../../src/probes/probe.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const HEADS = [0, 1].flatMap((layer) => [0, 1].map((head) => ({ layer, head })));

const of = (preset: string, measurements: DemoResult["measurements"]): DemoResult => ({
  ...result(preset),
  measurements,
});

/** A row for each of four heads: `value` of 0, 1, 2, 3. */
const each = (metric: string, value: (n: number) => number, at: MeasurementSite = {}) =>
  HEADS.map((place, n) => row(metric, value(n), { ...place, ...at }));

const titles = (figure: Figure, results: readonly DemoResult[]) =>
  figure.draw(results, document)?.figures?.map(({ title }) => title);

describe("a grid of heads", () => {
  const twelve = Array.from({ length: 144 }, (_, n) => ({
    layer: Math.floor(n / 12),
    head: n % 12,
    value: n / 10,
  }));
  const widthOf = (svg: string) => Number(svg.match(/ width="(\d+)"/)?.[1]);
  const cellTexts = (svg: string) =>
    [...(svg.split('font-size="10.5"')[1] ?? "").matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

  test("of twelve by twelve fits a phone, with a number in every cell that fits it", () => {
    const svg = chartSvg(headGrid(twelve, { label: "x", width: 340 }), document);
    expect(widthOf(svg)).toBeLessThanOrEqual(340);
    const texts = cellTexts(svg);
    expect(texts).toHaveLength(144);
    expect(texts.slice(0, 3)).toEqual(["0", ".10", ".20"]);
    expect(texts.at(-1)).toBe("14");
    expect(Math.max(...texts.map((text) => text?.length ?? 9))).toBeLessThanOrEqual(3);
  });

  test("colours cells by their value, no more than half opaque", () => {
    const svg = chartSvg(headGrid(twelve, { label: "x", limit: 14.3 }), document);
    const opacities = [...svg.matchAll(/fill-opacity="([\d.]+)"/g)].map(([, text]) => Number(text));
    expect(Math.max(...opacities)).toBe(0.5);
    expect(opacities[0]).toBe(0);
  });

  test("numbers are cut to three characters", () => {
    expect([0, 0.004, 0.25, 0.996, 7.24, 9.96, 12.4, -0.11, -2.5].map(briefly)).toEqual([
      ...["0", "0", ".25", "1.0", "7.2", "10", "12", "−.1", "−2.5"],
    ]);
  });

  test("curves have a cell for each head and a line for each curve", () => {
    const points = HEADS.flatMap((place) =>
      ["a", "b"].flatMap((curve) => [0, 1, 2].map((x) => ({ ...place, curve, x, y: x }))),
    );
    const looks = { a: { stroke: "red" }, b: { stroke: "blue", dash: "4 3" } };
    const svg = chartSvg(headCurves(points, { label: "x", xLabel: "x", looks, width: 340 }), document);
    expect(widthOf(svg)).toBe(340);
    const curves = [...svg.matchAll(/<path [^>]*d="M[^"L]*L[^"L]*L[^"]*"/g)]; // through three points
    expect(curves).toHaveLength(2 * HEADS.length);
    for (const look of ['stroke="red"', 'stroke="blue"', 'stroke-dasharray="4 3"'])
      expect(svg).toContain(look);
    expect(svg).not.toMatch(/NaN/);
  });
});

test("attention: the nearest and the furthest head of all presets, and a grid and curves of each", () => {
  const near = (preset: string, from: number) =>
    of(preset, [
      ...each("mean_distance", (n) => from + n),
      ...[0, 1].flatMap((distance) => each("attention_over_even", (n) => n, { distance })),
      ...each("attention_over_even", () => 1, { distance: 32, to: 39 }),
    ]);
  const results = [near("alibi", 1), near("rope", 2), near("alibi", 50)]; // a second seed of alibi
  expect(attention.sentence(results)).toBe(
    "The head that looks nearest is `L0H0` of `alibi`: 1.00 tokens on average; the one that looks furthest is `L1H1` of `rope`: 5.00.",
  );
  expect(titles(attention, results)).toEqual([
    "`alibi`: mean distance",
    "`alibi`: attention by distance, over even",
    "`rope`: mean distance",
    "`rope`: attention by distance, over even",
  ]);
});

test("kernels: the most and the least local head of one word, and the classes", () => {
  const classed = (fed: string) =>
    HEADS.map((place, n) =>
      row("kernel_near", fed === "text" ? 1 : n / 4, {
        ...place,
        fed,
        within: 3,
        class: n > 1 ? "local" : "slow",
      }),
    );
  const results = [
    of("t5", [
      ...[...classed("text"), ...classed("one word")],
      ...["text", "one word"].flatMap((fed) =>
        [0, 1].flatMap((distance) => each("positional_kernel", () => 0.5, { fed, distance })),
      ),
    ]),
  ];
  expect(kernels.sentence(results)).toBe(
    "Where one word is repeated, so that only positions tell keys apart, the head that is most local, `L1H1` of `t5`, gives 75% of its kernel to distances up to 3; the least local, `L0H0` of `t5`, gives 0%.",
  );
  const [drawn] = kernels.draw(results, document)?.figures ?? [];
  expect(drawn?.caption).toBe("Fed one word, by class: local `L1H0`, `L1H1`; slow `L0H0`, `L0H1`.");
  expect(drawn?.svg).toContain('stroke-dasharray="4 3"');
});

test("leakage: of random words alone", () => {
  const results = [
    of("rope", [
      ...each("score_leakage", () => 0.9, { fed: "text" }),
      ...each("score_leakage", (n) => n / 10, { fed: "random words" }),
      ...each("pattern_leakage", () => 0.5, { fed: "random words" }),
    ]),
  ];
  expect(leakage.sentence(results)).toBe(
    "Of the variance of scores at a fixed distance between random words, the query's place explains 30% in `L1H1` of `rope`, where it explains most.",
  );
  expect(titles(leakage, results)).toEqual([
    "`rope`: weights, after the softmax",
    "`rope`: scores, before it",
  ]);
});

test("head types: the strongest head of each", () => {
  const results = [
    of("rope", [
      ...each("head_score", (n) => n / 5, { type: "previous token", fed: "text" }),
      ...each("head_score", () => 1, { type: "previous token", fed: "repeated words" }),
      ...each("head_score", (n) => (3 - n) / 10, { type: "induction", fed: "repeated words" }),
    ]),
  ];
  expect(headTypes.sentence(results)).toBe(
    "The largest share of attention of a head by what it looks at: previous token 60% (`L1H1` of `rope`); induction 30% (`L0H0` of `rope`).",
  );
  expect(titles(headTypes, results)).toEqual([
    "`rope`: previous token, text",
    "`rope`: induction, repeated words",
  ]);
});

test("frequencies: what the most pairs of either end are worth", () => {
  const costs = [
    { zeroed: "fastest", pairs: 2, value: 9 },
    { zeroed: "fastest", pairs: 4, value: 1.5 },
    { zeroed: "slowest", pairs: 4, value: 0.25 },
  ].map(({ value, ...at }) => row("frequency_ablation", value, at));
  const shares = [0, 1].flatMap((pair) => each("frequency_share", () => 0.5, { pair, omega: 1 }));
  const results = [of("rope", [...costs, ...shares]), of("alibi", [])];
  expect(frequencies.sentence(results)).toBe(
    "What frequencies are worth: in `rope` a token costs 1.50 nats more without the 4 fastest pairs, and 0.25 without the 4 slowest.",
  );
  expect(titles(frequencies, results)).toEqual(["`rope`"]);
});
