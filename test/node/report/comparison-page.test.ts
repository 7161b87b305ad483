/** The page of a comparison, of made-up runs: one decision in words, plots, brackets and tables. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { answersOf } from "../../../src/compare/answers.ts";
import type { ComparedRun } from "../../../src/compare/questions.ts";
import { encodingColor } from "../../../src/figures/palette.ts";
import { comparisonPage } from "../../../src/node/report/comparison-page.ts";
import { metrics } from "../../../src/probes/index.ts";
import { comparedRuns } from "./compared-runs.ts";
import { PROVENANCE } from "./demo-results.ts";

async function pageOf(runs: readonly ComparedRun[], against?: string) {
  const answers = answersOf(runs, metrics, { against, margin: 0.05 });
  const facts = { sweep: "sweeps/a, plan 0123456789ab" };
  const provenance = { ...PROVENANCE, seeds: [1, 2, 3], facts };
  return comparisonPage({ answers, runs, provenance, command: "npm run -s ablate -- x", folder: "figures" });
}

/** The drawing of a section, for a wide page. */
const svgsOf = (html: string, id: string) => {
  const [section = ""] = html.match(new RegExp(`<section id="${id}">.*?</section>`, "s")) ?? [];
  return [...section.matchAll(/<svg .*?<\/svg>/gs)].map(([svg]) => svg);
};

// alibi and rope are tied past L_max, and so are t5 and kerple, which are worse by 0.1 nats an octave.
const TIED = ["alibi", "rope", "t5", "kerple"];
const FAR = "on-loss-by-position-8-16-l-max";

test("question, verdict, plots, ranks, curves, reasons and evidence, from one decision", async () => {
  const { html, figures } = await pageOf(comparedRuns(TIED, { inside: true }));
  expect(html).toContain("Which position encoding, and why?");
  expect(html).toMatch(
    /4 of 6 pairs differ\. Nothing tells apart (<code>(alibi|rope)<\/code>( and )?){2}, nor/,
  );
  const headings = [...html.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, text]) => text);
  expect(headings).toEqual([
    "In short",
    "swap accuracy",
    "loss by position, 0–1 L<sub>max</sub>",
    "loss by position, 8–16 L<sub>max</sub>",
    "exact match, 1 L<sub>max</sub>",
    "Ranks, with ties",
    "From which step on is the order that of the end? answer accuracy, split heldout",
    "How much does order matter to it?",
    "What happens past L<sub>max</sub>?",
    "Does it still answer when the input is longer?",
    "How often does a training succeed at a length?",
    "Does knowing order cost length?",
    "Where do attention scores come from?",
    "How does attention fall with distance, whatever the words?",
    "Does attention depend on the absolute position?",
    "Which rotary frequencies do the heads use?",
    "Every metric at every length",
    "What else was decided",
    "The evidence",
    "Glossary",
    "How to reproduce",
  ]);
  for (const fact of ["plan 0123456789ab", "abc1234", "npm run -s ablate -- x"]) expect(html).toContain(fact);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  const names = figures.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(html).toContain(`href="figures/${name}.png"`);
});

test("brackets, hollow dots, words and places say what the decision says", async () => {
  const { html } = await pageOf(comparedRuns(TIED));
  const [values = "", , differences = ""] = svgsOf(html, FAR);
  const [, brackets = ""] = values.match(/<g [^>]*class="brackets"[^>]*>(.*?)<\/g>/s) ?? [];
  expect(brackets.match(/<path/g)).toHaveLength(2); // alibi with rope, and t5 with kerple
  const words = [...differences.matchAll(/<text[^>]*>(the same|worse|better|undecided)<\/text>/g)];
  expect(words.map(([, word]) => word)).toEqual(["the same", "worse", "worse"]);
  const hollow = differences.match(
    /<circle[^>]*fill="var\(--paper, #ffffff\)"|fill="var\(--paper, #ffffff\)"/g,
  );
  expect(hollow).toHaveLength(1);
  const [, table = ""] = html.match(/<section id="ranks">.*?(<table>.*?<\/table>)/s) ?? [];
  const places = (name: string) =>
    [
      ...(table.match(new RegExp(`<th scope="row">${name}</th>(.*?)</tr>`))?.[1] ?? "").matchAll(
        />([^<>]+)<\/td>/g,
      ),
    ].map(([, text]) => text);
  expect([places("alibi")[2], places("kerple")[2]]).toEqual(["1–2", "3–4"]);
  expect(places("alibi")[0]).toBe("1–4"); // of swap accuracy nothing is told apart
});

test("against a reference, differences are to it, and no ranks are claimed", async () => {
  const { html } = await pageOf(comparedRuns(TIED.slice(0, 3)), "t5");
  expect(html).toContain("Paired differences to <code>t5</code>");
  expect(html).not.toContain("the best<");
  expect(html).not.toContain('id="ranks"');
});

test("two seeds: values and curves, no differences, no ranks, and the reason", async () => {
  const { html } = await pageOf(comparedRuns(["alibi", "rope"], { seeds: 2, factor: 4 }));
  expect(html).toContain("Fewer than 3 seeds in common say nothing");
  expect(html).not.toMatch(/Paired differences to|id="ranks"|id="success"/);
  expect(svgsOf(html, "length").length).toBeGreaterThan(0);
});

test("a dozen conditions become small multiples; a colour is its encoding's wherever it stands", async () => {
  const many = [
    "none",
    "sinusoidal",
    "learned",
    "relative",
    "rope",
    "alibi",
    "t5",
    "kerple",
    "fire",
    "xpos",
    "shaw",
  ];
  const { html } = await pageOf(comparedRuns(many, { factor: 2 }));
  for (const id of ["length", "shuffle", "stories"]) {
    const [wide = "", narrow = ""] = svgsOf(html, id);
    expect(svgsOf(html, id), id).toHaveLength(2);
    for (const svg of [wide, narrow]) {
      expect(svg, id).not.toContain('class="labels"'); // no line is labelled at its end
      const titles = [...svg.matchAll(/<text[^>]*>([\w-]+)<\/text>/g)].map(([, text]) => text);
      expect(titles, id).toEqual(expect.arrayContaining(many));
    }
    const [, color] = wide.match(/fill="(var[^"]*)"[^>]*>(?:<text[^>]*>)?rope</) ?? [];
    expect(color, id).toBe(encodingColor("rope"));
  }
});

test("names that are markup stay text, on the page and in every figure", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  const runs = comparedRuns(["none", evil], { factor: 2, inside: true, data: "</svg><script>" });
  const others = comparedRuns(["none", evil], { factor: 2, data: "b" });
  const { html, figures } = await pageOf([...runs, ...others]);
  for (const text of [html, ...figures.map(({ svg }) => svg)]) {
    const { document } = parseHTML(text);
    expect(document.querySelectorAll("img, script, link, iframe").length).toBe(0);
    const attributes = [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames());
    expect(attributes.filter((name) => name.startsWith("on") || name === "src")).toEqual([]);
  }
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|@import/);
});

test("a condition that never got there has no place on the axis, and the figure says so", async () => {
  const runs = comparedRuns(["alibi", "none"], { factor: 1 }).map((run) => {
    const value = run.condition === "none" ? null : 100 * run.seed;
    const at = { of: "swap accuracy", threshold: 0.95, until: 2000 };
    const row = { metric: "steps_to_accuracy", value, unit: "steps", n: 9, at };
    return { ...run, measurements: [row] };
  });
  const { html } = await pageOf(runs);
  expect(html.replaceAll(/<[^>]*>/g, "")).toContain(
    "Not drawn: none, not within 2,000 steps in half of the seeds or more.",
  );
});
