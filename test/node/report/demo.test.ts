/** The figures and the words of the main job's report. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { orderBlindOf } from "../../../src/figures/references.ts";
import { demoAnswer, demoPage, demoReport } from "../../../src/node/report/demo.ts";
import { COMMANDS } from "../../../src/node/report/glossary.ts";
import { L, PROVENANCE, result } from "./demo-results.ts";

/** Pixels of a column at 360: those without the margins of 1.25rem. */
const COLUMN = 360 - 2 * 20;

describe("the report", () => {
  it("recommends only commands, options and presets that exist", () => {
    const root = new URL("../../../", import.meta.url);
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
    for (const [command] of COMMANDS) {
      const [, name = ""] = /^npm (?:run -s )?([\w-]+)/.exec(command) ?? [];
      expect(Object.keys(scripts), command).toContain(name);
      const source = readFileSync(new URL(`scripts/${name}.ts`, root), "utf8");
      for (const [, option] of command.matchAll(/ --(\w+)/g))
        expect(source, command).toMatch(new RegExp(`\\b${option}\\b`));
      for (const [, preset = ""] of command.matchAll(/models\/(\S+)/g))
        expect(readdirSync(new URL("models", root)), command).toContain(preset);
    }
  });

  const CAUSAL = { layers: 2, context: L, attention: "causal", position: { kind: "none" } };
  const model = (fields: object) => ({ config: { model: { ...CAUSAL, ...fields } } });
  const controls = [
    { ...result("none-1-layer", { accuracy: 0.5, trained: 0.5 }), ...model({ layers: 1 }) },
    {
      ...result("none-bidirectional", { accuracy: 0.5, trained: 0.5 }),
      ...model({ attention: "bidirectional" }),
    },
  ];

  it("states controls as exactly one half, without an interval, and explains what a causal mask tells", async () => {
    const results = [...controls, { ...result("none", { accuracy: 0.64 }), ...model({}) }];
    const [order] = demoAnswer(results);
    expect(order).toContain(
      "`none-1-layer` and `none-bidirectional` are right exactly half the time, as a control must be",
    );
    const section = (await demoReport(results)).find(({ id }) => id === "order");
    expect(section?.lead).toContain("`none` has no positions, yet a causal mask");
    expect(section?.caption).toContain("Diamonds");
    // One interval for `none` on either split, none for a control.
    const svg = section?.figures?.[0]?.svg ?? "";
    expect(svg.match(/stroke="var\(--ink[^>]*><line /g)).toHaveLength(2);
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(orderBlindOf(results)).toEqual(new Set(["none-1-layer", "none-bidirectional"]));
  });

  it("does not call a control exact that was measured otherwise", () => {
    const broken = [{ ...result("none-1-layer", { accuracy: 0.6 }), ...model({ layers: 1 }) }];
    expect(demoAnswer(broken)[0]).not.toContain("exactly");
  });

  it("labels five lines a figure at most; policies get small figures of their own", async () => {
    const many = ["none", "learned", "rope", "alibi", "t5", "fire", "xpos"].map((kind) =>
      result(kind, kind === "learned" ? { policies: ["clamp", "wrap", "zero"] } : {}),
    );
    for (const { id, figures = [] } of await demoReport(many)) {
      if (["order", "pair", "positions"].includes(id)) continue;
      for (const { svg, narrowSvg = "" } of figures)
        for (const drawn of [svg, narrowSvg]) {
          const labels = drawn.split('class="labels"')[1]?.match(/<path [^>]*stroke="var/g) ?? [];
          expect(labels.length, id).toBeLessThanOrEqual(5);
        }
      const small = figures.filter((figure) => figure.small).map(({ title }) => title);
      const policies = ["`learned (clamp)`", "`learned (wrap)`", "`learned (zero)`"];
      expect(small, id).toEqual(["length", "stories"].includes(id) ? policies : []);
    }
  });

  it("draws what guessing gets, and the floor", async () => {
    const who = { data: { kind: "who" }, model: { ...CAUSAL } };
    const sections = await demoReport([{ ...result("none"), config: who }]);
    const svgOf = (name: string) => sections.find(({ id }) => id === name)?.figures?.[0]?.svg;
    expect(svgOf("stories")).toContain(">guess (2 nouns)<");
    expect(svgOf("stories")).toContain(">guess (16 nouns)<");
    expect(sections.find(({ id }) => id === "stories")?.caption).toContain("Dotted: guessing"); // controls are dashed
    expect(svgOf("training")).toContain(">floor<");
    expect(sections.find(({ id }) => id === "training")?.lead).toContain("A perfect model would have 1.15");
  });

  it("draws the pair of sentences that --pair compares", async () => {
    const pair = {
      sentences: ["dog bites man", "man bites dog"],
      continuation: ". who bites ?",
      answers: ["dog", "man"],
      probabilities: [
        [0.9, 0.05],
        [0.1, 0.8],
      ],
      divergenceBits: 0.61,
    } as const;
    const sections = await demoReport([{ ...result("learned"), pair }]);
    const section = sections.find(({ id }) => id === "pair");
    expect(section?.lead).toContain("are apart by 0.61 in `learned`, in bits");
    expect(section?.figures?.[0]?.svg).toContain(">dog bites man<");
  });

  it("shades the edge of what is scrolled out of sight, and stacks a table's rows on a phone", async () => {
    const html = await demoPage([result("none")], PROVENANCE);
    expect(html).toMatch(/\.scroll \{[^}]*no-repeat local[^}]*no-repeat scroll/);
    expect(html).toMatch(/max-width: 36rem\)[^@]*table, caption, tbody, tr, th, td \{ display: block/);
  });

  // What the whole page is held to at 360 pixels: this, and the rows that are stacked as above.
  it("fits a phone of 360 pixels: each figure has a drawing that its column hardly shrinks", async () => {
    const html = await demoPage(
      [...controls, result("none"), result("learned", { policies: ["clamp", "wrap"] }), result("relative")],
      PROVENANCE,
    );
    const figures = html.match(/<figure>.*?<\/figure>/gs) ?? [];
    expect(figures.length).toBeGreaterThan(8);
    for (const figure of figures) {
      const narrow = /class="narrow">\s*(<svg.*?<\/svg>)/s.exec(figure)?.[1] ?? figure;
      const widths = [...narrow.matchAll(/<svg[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));
      expect(widths.length, figure.slice(0, 400)).toBeGreaterThan(0);
      for (const width of widths) expect(COLUMN / width, figure.slice(0, 400)).toBeGreaterThan(0.9);
    }
  });

  it("offers each figure as an SVG file that needs no page", async () => {
    const html = await demoPage([result("none"), result("learned")], PROVENANCE);
    const links = [...html.matchAll(/download="([\w-]+\.svg)" href="data:image\/svg\+xml;base64,([^"]+)"/g)];
    expect(links).toHaveLength(html.match(/<figure>/g)?.length ?? -1);
    expect(new Set(links.map(([, file]) => file)).size).toBe(links.length);
    for (const [, , data = ""] of links) {
      const svg = Buffer.from(data, "base64").toString();
      expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(svg).not.toMatch(/var\(|currentColor|font-family: ?inherit/);
    }
  });
});
