import { describe, expect, it } from "vitest";
import { fractionInterval, seedInterval } from "../../src/compare/intervals.ts";
import { count, duration, fixed, listed, percent } from "../../src/figures/format.ts";
import { htmlTable, textTable } from "../../src/figures/table.ts";

const COLUMNS = [
  { key: "encoding", heading: "encoding" },
  { key: "loss", heading: "loss" },
  { key: "steps", heading: "steps", format: count },
];
const ROWS = [
  { encoding: "none", loss: 1.234, steps: 1500 },
  { encoding: "sinusoïdal", loss: -10.5, steps: null },
];

describe("a table", () => {
  it("aligns numbers to the right and text to the left in the terminal", () => {
    expect(textTable(COLUMNS, ROWS).split("\n")).toEqual([
      "encoding      loss  steps",
      "──────────  ──────  ─────",
      "none          1.23  1,500",
      "sinusoïdal  −10.50      –",
    ]);
  });

  it("keeps control characters of a name out of the terminal", () => {
    expect(textTable(COLUMNS, [{ encoding: "\u001b[2Jx\n" }])).not.toMatch(/\p{Cc}\[|x\n/u);
  });

  it("has a caption, scoped headings and the same cells in HTML", () => {
    const html = htmlTable(COLUMNS, ROWS, "Losses");
    expect(html).toContain("<caption><span>Losses</span></caption>");
    expect(html).toContain('<th scope="col" class="number">loss</th>');
    expect(html).toContain(
      '<th scope="row">none</th><td class="number" data-label="loss">1.23</td><td class="number" data-label="steps">1,500</td>',
    );
    expect(html).toContain(
      '<td class="number" data-label="loss">−10.50</td><td class="number" data-label="steps">–</td>',
    );
  });

  it("marks cells that need a phone's whole width, and says what a number at the head of a row counts", () => {
    const columns = [
      { key: "step", heading: "step" },
      { key: "seed", heading: "by one seed [95%]", align: "right" as const },
    ];
    const html = htmlTable(columns, [{ step: 200, seed: "0.84 [0.65, 1.00]" }]);
    expect(html).toContain('<th scope="row" class="number" data-label="step">200</th>');
    expect(html).toContain('<td class="number wide" data-label="by one seed [95%]">0.84 [0.65, 1.00]</td>');
  });

  it("escapes names in HTML", () => {
    expect(htmlTable(COLUMNS, [{ encoding: "<script>" }], "<b>")).not.toMatch(/<script>|<b>/);
  });

  it("puts columns that do not fit below, under the first column again", () => {
    expect(textTable(COLUMNS, ROWS, 18).split("\n")).toEqual([
      "encoding      loss",
      "──────────  ──────",
      "none          1.23",
      "sinusoïdal  −10.50",
      "",
      "encoding    steps",
      "──────────  ─────",
      "none        1,500",
      "sinusoïdal      –",
    ]);
    expect(textTable(COLUMNS, ROWS, 25)).toBe(textTable(COLUMNS, ROWS));
    expect(textTable(COLUMNS, ROWS, 5).split("\n\n")).toHaveLength(2); // narrower than any: one column beside the first
    expect(textTable(COLUMNS.slice(0, 1), ROWS, 5)).toBe(textTable(COLUMNS.slice(0, 1), ROWS));
  });

  it("folds headings of several words before it puts columns below", () => {
    const columns = [...COLUMNS, { key: "past", heading: "loss past L_max" }];
    const rows = ROWS.map((row) => ({ ...row, past: 1 }));
    expect(textTable(columns, rows, 40).split("\n")).toEqual([
      "                           loss past",
      "encoding      loss  steps      L_max",
      "──────────  ──────  ─────  ─────────",
      "none          1.23  1,500          1",
      "sinusoïdal  −10.50      –          1",
    ]);
    expect(textTable(columns, rows, 80)).toContain("loss past L_max");
  });

  it("is a heading and a rule without rows", () => {
    expect(textTable(COLUMNS, []).split("\n")).toHaveLength(2);
  });
});

describe("numbers", () => {
  it("are written as a reader meets them", () => {
    expect([fixed(-0.001), fixed(-1.5), fixed(Number.NaN), fixed(Number.POSITIVE_INFINITY)]).toEqual([
      "0.00",
      "−1.50",
      "not a number",
      "∞",
    ]);
    expect([percent(0.973), percent(1), percent(0.997), percent(0.99999), percent(0)]).toEqual([
      "97%",
      "100%",
      "99.7%",
      "100%",
      "0%",
    ]);
    expect([duration(48), duration(200)]).toEqual(["48 s", "3 min 20 s"]);
    expect([listed([]), listed(["a"]), listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
  });

  it("get Student's interval over seeds: 1, 2, 3 has mean 2 ± 2.484", () => {
    expect(seedInterval([1])).toBeUndefined();
    expect(seedInterval([1, 2, 3])?.high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 3);
    const eleven = seedInterval(Array.from({ length: 12 }, (_, i) => i)); // t at 11 degrees of freedom is 2.201
    expect(eleven?.high).toBeCloseTo(5.5 + 2.201 * Math.sqrt(13 / 12), 2);
  });

  it("get Wilson's interval over cases: 10 of 10 is [0.722, 1]", () => {
    expect(fractionInterval(1, 10)?.low).toBeCloseTo(0.7225, 4);
    expect(fractionInterval(1, 10)?.high).toBeCloseTo(1, 12);
    expect(fractionInterval(0.5, 1)).toBeUndefined();
  });
});
