/** The list of figures: each is of metrics that a listed probe has, and a file of the folder. */
import { expect, test } from "vitest";
import { type Figure, sectionOf, sectionsOf } from "../../src/figures/figure.ts";
import { figures } from "../../src/figures/index.ts";
import { standaloneSvg, svgAddress } from "../../src/figures/svg-file.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { metrics } from "../../src/probes/index.ts";
import { result } from "../node/report/demo-results.ts";
import { importsOf, sourcesUnder, textOf } from "../sources.ts";

const document = await nodeDocument();

test("each figure has an anchor of its own, and draws metrics of listed probes", () => {
  const ids = figures.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, metrics: needed, absent } of figures) {
    for (const metric of needed) expect(Object.keys(metrics), id).toContain(metric);
    expect(
      needed.length > 0 || absent !== undefined,
      `${id} names no metric and no words for its absence`,
    ).toBe(true);
  }
});

test("every file that makes a figure is listed, and makes one", () => {
  const makers = sourcesUnder("src/figures").filter((path) =>
    /^export const \w+: Figure = /m.test(textOf(path)),
  );
  const listed = importsOf("src/figures/index.ts").filter(({ typeOnly }) => !typeOnly);
  expect(listed.map(({ from }) => `src/figures/${from.slice(2)}`).sort()).toEqual(makers);
  expect(figures).toHaveLength(makers.length);
});

test.each(figures)(
  "$id: without its measurements it names the first that it lacks, or says why not, or is left out where it is optional",
  (figure) => {
    const bare = { ...result("none"), measurements: [], log: [] };
    expect(figure.sentence([bare])).toBeUndefined();
    const section = sectionOf(figure, [bare], document);
    expect(section?.figures).toBeUndefined();
    if (figure.optional) expect(section).toBeUndefined();
    else expect(section?.lead).toContain(figure.absent ?? `\`${figure.metrics[0]}\``);
  },
);

test("a page says nothing of an optional figure without measurements, and shows one that has them", () => {
  const [order] = figures as [Figure];
  const optional = { ...order, optional: true };
  const bare = { ...result("none"), measurements: [], log: [] };
  expect(sectionsOf([optional, order], [bare], document).map(({ figures: drawn }) => drawn)).toEqual([
    undefined,
  ]);
  expect(sectionsOf([optional], [result("none")], document)[0]?.figures).toHaveLength(1);
});

test("an SVG is saved from an address that holds its UTF-8 bytes, by what every browser has", () => {
  const svg = `<svg style="font-family: inherit">ΔNLL ≤ 1 − cos, “…” 🙂 var(--ink, #3d4148)</svg>`;
  const [, data = ""] = svgAddress(svg).split("base64,");
  expect(Buffer.from(data, "base64").toString("utf8")).toBe(standaloneSvg(svg));
});

test("no figure uses a global of Node's", () => {
  const found = sourcesUnder("src/figures").filter((path) =>
    /\b(?:Buffer|process|global)\b[.(]/.test(textOf(path)),
  );
  expect(found).toEqual([]);
});
