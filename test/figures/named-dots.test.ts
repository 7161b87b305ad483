/** A scatter of conditions by name. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { namedDots } from "../../src/figures/charts/named-dots.ts";
import { chartSvg } from "../../src/figures/charts/plot.ts";

const { document } = parseHTML("<html></html>");
const OPTIONS = { label: "two numbers", xLabel: "one", yLabel: "the other" };
const BARS = 'g[stroke-opacity="0.5"] > line';
const radii = (drawn: Document) =>
  [...drawn.querySelectorAll("circle")].map((dot) => Number(dot.getAttribute("r")));
const draw = (points: Parameters<typeof namedDots>[0]) => {
  const svg = chartSvg(namedDots(points, OPTIONS), document);
  return parseHTML(`<html><body>${svg}</body></html>`).document;
};

test("intervals are lines through their dots, and seeds are dots of their own", () => {
  const drawn = draw([
    { label: "rope", kind: "rope", x: 1, y: 2, along: { low: 0.5, high: 1.5 }, up: { low: 1, high: 3 } },
    {
      ...{ label: "alibi", kind: "alibi", x: 3, y: 4 },
      seeds: [
        { x: 2, y: 4 },
        { x: 4, y: 4 },
      ],
    },
  ]);
  const bars = [...drawn.querySelectorAll(BARS)].map((line) =>
    ["x1", "x2", "y1", "y2"].map((end) => Number(line.getAttribute(end))),
  );
  expect(bars).toHaveLength(2);
  const [[x1, x2, y1, y2], [a1, a2, b1, b2]] = bars as [number[], number[]];
  expect(y1).toBe(y2); // along
  expect(x2).toBeGreaterThan(x1 as number);
  expect(a1).toBe(a2); // up
  expect(b1).not.toBe(b2);
  expect(radii(drawn)).toEqual([2.5, 2.5, 6, 6]);
  expect([...drawn.querySelectorAll("text")].map(({ textContent }) => textContent)).toEqual(
    expect.arrayContaining(["rope", "alibi"]),
  );
});

test("one seed draws no dot of its own, and no interval no line", () => {
  const drawn = draw([{ label: "rope", kind: "rope", x: 1, y: 2, seeds: [{ x: 1, y: 2 }] }]);
  expect(drawn.querySelectorAll(BARS)).toHaveLength(0);
  expect(radii(drawn)).toEqual([6]);
});
