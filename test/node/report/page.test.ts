import { describe, expect, it } from "vitest";
import { demoAnswer, demoPage, demoReport } from "../../../src/node/report/demo.ts";
import { demoTable } from "../../../src/node/report/demo-table.ts";
import { reportPage } from "../../../src/node/report/page.ts";
import { L, PROVENANCE, result, row } from "./demo-results.ts";

describe("the page", () => {
  it("fetches nothing: no external address, no source, no import", async () => {
    const html = await demoPage([result("none"), result("learned")], PROVENANCE);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|\/\/\w+\.|\bsrc=|@import|<link|<script|url\((?!#)/,
    );
    expect(html).toContain("default-src 'none'");
  });

  it("has one title, a skip link, a heading for each section and figures with captions", async () => {
    const html = await demoPage([result("none"), result("learned")], PROVENANCE);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('href="#content"');
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
    expect(html).toContain("prefers-color-scheme: dark");
    expect(html).toContain("@media print");
    expect(html).toMatch(/nav, [^{]*#runs \{ display: none; \}/); // folded on a screen, so nothing but a heading on paper
  });

  it("escapes every text that it is given", () => {
    const evil = `<script>alert("x")</script>`;
    const html = reportPage({
      title: evil,
      subtitle: evil,
      provenance: { ...PROVENANCE, commit: evil, engine: evil, versions: { [evil]: evil }, date: evil },
      answer: [evil],
      table: { columns: [{ key: "a", heading: evil }], rows: [{ a: evil }], caption: evil },
      sections: [
        {
          id: evil,
          heading: evil,
          lead: evil,
          caption: evil,
          figures: [{ svg: "<svg></svg>", title: evil, caption: evil }],
        },
      ],
    });
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  });

  it("is harmless for an encoding and a policy named like a tag", async () => {
    const html = await demoPage([result("<img onerror=x>", { policies: ["<script>"] })], PROVENANCE);
    expect(html).not.toMatch(/<img|<script/);
  });
});

describe("the report", () => {
  it("computes its sentences from the measurements", () => {
    const results = [
      result("none", { accuracy: 0.5, past: 1.005 }),
      result("learned", { past: 3, policies: ["clamp", "wrap"] }),
      result("alibi", { accuracy: 0.2, past: 0.5 }),
    ];
    const [order, shuffle, length] = demoAnswer(results);
    expect(order).toBe(
      "On stories with two words swapped, `learned` (90%) prefers the right answer more often than guessing; " +
        "`none` (50%) cannot be told from guessing; `alibi` (20%) is right less often than guessing.",
    );
    expect(shuffle).toContain("is 1.50 nats for `none`, `learned` and `alibi`");
    expect(length).toBe(
      "Past L_max the loss of `alibi` falls from 1.00 to 0.50, of `none` stays at 1.00 and of `learned (clamp)` rises from 1.00 to 3.00 nats.",
    );
  });

  it("counts position L_max − 1 as the last inside the window", () => {
    const edge = result("none");
    const measurements = edge.measurements.map((one) =>
      one.at.position === L - 1 ? { ...one, value: 5 } : one,
    );
    const [, , length] = demoAnswer([{ ...edge, measurements }]);
    expect(length).toBe("Past L_max the loss of `none` falls from 2.00 to 1.00 nats.");
  });

  it("tabulates the loss and the headroom of the policy that does best", () => {
    const { columns, rows } = demoTable([result("learned", { past: 3, policies: ["clamp", "wrap"] })]);
    expect(columns.map(({ key }) => key)).toContain("headroom");
    expect(rows[0]).toMatchObject({
      preset: "learned",
      swap: "0.900",
      inside: "1.00",
      past: "3.00",
      headroom: "3",
    });
  });

  it("names the encoding beside the preset, where one of them is not named after its own", () => {
    const { columns, rows } = demoTable([result("none"), result("none-1-layer")]);
    expect(columns.slice(0, 2).map(({ heading }) => heading)).toEqual(["preset", "encoding"]);
    expect(rows.map(({ preset, encoding }) => [preset, encoding])).toEqual([
      ["none", "none"],
      ["none-1-layer", "none"],
    ]);
  });

  it("gives means and intervals over seeds where a preset has several", () => {
    const { rows, caption } = demoTable([
      result("none", { accuracy: 0.8 }),
      result("none", { accuracy: 0.9 }),
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.swap).toMatch(/^0\.850±\d\.\d{3}$/);
    expect(caption).toContain("2 seeds");
  });

  it("says what is missing and draws the rest", async () => {
    const bare = { ...result("none"), measurements: [], log: [], positionTable: undefined };
    const sections = await demoReport([bare]);
    for (const { id, lead, figures } of sections.filter((one) => one.id !== "runs")) {
      expect(lead, id).toMatch(/left out|no curve|No preset/);
      expect(figures, id).toBeUndefined();
    }
    expect(demoTable([bare]).columns.map(({ key }) => key)).toEqual(["preset", "parameters"]);
    expect(await demoPage([], PROVENANCE)).toContain("There are no runs to report.");
  });

  it("leaves out measurements that are not numbers, and says how many", async () => {
    const hole = result("none");
    const measurements = [
      ...hole.measurements,
      row("nll", Number.NaN, { position: 3, beyond: "contiguous" }),
    ];
    const html = await demoPage([{ ...hole, measurements, config: {} }], PROVENANCE);
    expect(html).toContain("without a value, which no figure draws: 1.");
    expect(html).not.toContain(">NaN<");
  });
});
