import { describe, expect, it } from "vitest";
import { spread } from "../../src/figures/charts/end-labels.ts";
import { lineChart } from "../../src/figures/charts/lines.ts";
import { chartSvg, drawChart } from "../../src/figures/charts/plot.ts";
import { positionHeatmap } from "../../src/figures/charts/position-heatmap.ts";
import { lossByPosition } from "../../src/figures/length.ts";
import { encodingColor, poleColor } from "../../src/figures/palette.ts";
import { swapAccuracy } from "../../src/figures/swap-accuracy.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";

const document = await nodeDocument();
const SERIES = [
  { label: "learned (clamp)", kind: "learned", points: [1, 2, 4, 8].map((x) => ({ x, y: x / 4 })) },
  { label: "none", kind: "none", points: [1, 2, 4, 8].map((x) => ({ x, y: 1, low: 0.9, high: 1.1 })) },
];
const HEATMAP = { label: "a table", rowLabel: "position", columnLabel: "dimension" };

/** The elements of an SVG text in a stack: throws where a tag is not closed by its own. */
function checkNesting(svg: string): void {
  const open: string[] = [];
  for (const [, slash, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (slash) expect(open.pop()).toBe(name);
    else if (!self) open.push(name as string);
  }
  expect(open).toEqual([]);
  expect(svg.replaceAll(/<style>[\s\S]*?<\/style>/g, "").replaceAll(/<[^<>]*>/g, "")).not.toMatch(/[<>]/);
}

describe("a chart", () => {
  it("is well-formed SVG with a namespace, a role and one label", () => {
    const svg = chartSvg(lossByPosition(SERIES, { context: 4, label: "loss by position" }), document);
    checkNesting(svg);
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
    expect(svg).toContain('role="img"');
    expect(svg.match(/aria-label="/g)).toHaveLength(1);
    expect(svg).toContain('aria-label="loss by position"');
  });

  it("stays well-formed and harmless with markup in names", () => {
    const name = `<script>"&'</script>`;
    const series = [{ label: name, kind: name, points: [{ x: 1, y: 1 }] }];
    const svg = chartSvg(lossByPosition(series, { context: 4, label: name }), document);
    checkNesting(svg);
    expect(svg).not.toContain("<script");
  });

  it("draws without any series", () => {
    expect(chartSvg(lineChart([], { label: "empty", xLabel: "x", yLabel: "y" }), document)).toMatch(/^<svg /);
    expect(chartSvg(swapAccuracy([], { label: "empty" }), document)).toMatch(/^<svg /);
  });

  it("refuses options that make a figure element instead of an SVG", () => {
    expect(() => drawChart({ label: "x", options: { title: "a title", marks: [] } }, document)).toThrow(
      /not an <svg>/,
    );
  });
});

describe("loss by position", () => {
  it("labels each line in its encoding's colour, the rule at L_max and the region past it", () => {
    const svg = chartSvg(lossByPosition(SERIES, { context: 4, label: "x" }), document);
    for (const text of ["learned (clamp)", "none", "L_max = 4", "past L_max"])
      expect(svg).toContain(`>${text}<`);
    expect(svg).toContain(`stroke="${encodingColor("learned")}"`);
    expect(svg).toContain('fill-opacity="0.06"');
    expect(svg).toContain('fill-opacity="0.16"'); // the band of the series with an interval
  });

  it("names nothing past L_max where nothing was measured there", () => {
    const svg = chartSvg(lossByPosition(SERIES, { context: 8, label: "x" }), document);
    expect(svg).toContain("L_max = 8");
    expect(svg).not.toContain("past L_max");
  });

  it("puts the words after the rule where the left has no room for them", () => {
    const svg = chartSvg(lossByPosition(SERIES, { context: 1, label: "x" }), document);
    expect(svg).toContain(">past L_max = 1<");
    expect(svg).not.toContain(">L_max = 1<");
  });

  it("leaves position 0 out of a logarithmic axis", () => {
    const series = [{ label: "a", kind: "none", points: [0, 1, 2, 4].map((x) => ({ x, y: x })) }];
    expect(chartSvg(lossByPosition(series, { label: "x", logX: true }), document)).not.toMatch(
      /NaN|Infinity/,
    );
  });
});

describe("swap accuracy", () => {
  it("draws a dot a row, an interval where there is one, and the rule at one half", () => {
    const rows = [
      { label: "none", kind: "none", value: 0.5, split: "heldout" },
      { label: "learned", kind: "learned", value: 0.9, low: 0.8, high: 0.95, split: "heldout" },
      { label: "learned", kind: "learned", value: 1, split: "train" },
    ];
    const svg = chartSvg(swapAccuracy(rows, { label: "x" }), document);
    expect(svg.match(/<circle /g)).toHaveLength(3);
    expect(svg).toContain(">guessing<");
    checkNesting(svg);
  });
});

describe("a position heat map", () => {
  const cellsOf = (svg: string, color: string) => {
    const group =
      svg.split("<g ").find((part) => part.includes(`fill="${color}"`) && !part.includes("ramp")) ?? "";
    return [...group.matchAll(/<rect [^>]*fill-opacity="([\d.]+)"/g)].map((match) => Number(match[1]));
  };

  it("has rows × columns cells, the extremes in the full colour of their pole and zero in none", () => {
    const values = Float32Array.from([-2, -1, 0, 1, 2, 0.5]);
    const svg = chartSvg(positionHeatmap({ rows: 2, columns: 3, values }, HEATMAP), document);
    const positive = cellsOf(svg, poleColor("positive"));
    const negative = cellsOf(svg, poleColor("negative"));
    expect(positive).toEqual([0, 0.5, 1, 0.25]);
    expect(negative).toEqual([1, 0.5]);
    checkNesting(svg);
  });

  it("draws its own ramp with the limit at both ends", () => {
    const svg = chartSvg(positionHeatmap({ rows: 1, columns: 2, values: [0.5, -0.25] }, HEATMAP), document);
    expect(svg).toContain(">−0.5<");
    expect(svg).toContain(">0.5<");
  });

  it("draws every n-th row of a table that is too long to show", () => {
    const svg = chartSvg(
      positionHeatmap({ rows: 300, columns: 2, values: new Float32Array(600) }, HEATMAP),
      document,
    );
    expect(cellsOf(svg, poleColor("positive"))).toHaveLength(200);
  });

  it("says how many values it wants", () => {
    expect(() => positionHeatmap({ rows: 2, columns: 2, values: [1] }, HEATMAP)).toThrow(
      /1 values for 2 rows and 2 columns/,
    );
  });
});

describe("spread", () => {
  it("leaves values alone that are far enough apart", () => {
    expect(spread([0, 20, 40], 10, -100, 100)).toEqual([0, 20, 40]);
  });

  it("moves equal values apart around where they were, in order, within the bounds", () => {
    expect(spread([5, 5, 5], 10, -100, 100)).toEqual([-5, 5, 15]);
    expect(spread([0, 1, 2], 10, 0, 100)).toEqual([0, 10, 20]);
    expect(spread([100, 99], 10, 0, 100)).toEqual([100, 90]);
  });
});
