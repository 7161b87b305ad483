/** Chapter 3: what makes up the scores of a head, how attention falls with distance, which frequencies turn. */
import { html, type TemplateResult } from "lit-html";
import { drawChart } from "../../figures/charts/plot.ts";
import { tokenHeatmap } from "../../figures/charts/token-heatmap.ts";
import type { Figure } from "../../figures/figure.ts";
import { fixed } from "../../figures/format.ts";
import { frequencies } from "../../figures/frequencies.ts";
import { kernels } from "../../figures/kernels.ts";
import type { DemoResult } from "../../figures/results.ts";
import type { Measurement } from "../../probes/probe.ts";
import type { Term } from "../../probes/score-terms.ts";
import type { HeadTerms, PairValues, ScoresAnswer } from "../compute/position.ts";
import { storyOf } from "../story.ts";
import type { App } from "./app.ts";
import { type FigureContent, svgElement } from "./chart-figure.ts";
import { choice, encodingChoice, refusal, titleOf } from "./controls.ts";

export function positionView(app: App): TemplateResult {
  const { state, catalogue, set } = app;
  const { encoding } = state;
  const { first, continuation } = storyOf(state, catalogue.verbs);
  const scores = app.answers.read("scores", { of: encoding, text: `${first} ${continuation}`.trim() });
  const heads = app.answers.read("heads", { of: encoding });
  const all = scores.answer?.heads ?? [];
  const head = all.find((one) => one.layer === state.layer && one.head === state.head) ?? all[0];
  const nameOf = (one: HeadTerms) => `block ${one.layer}, head ${one.head}`;
  const title = titleOf(catalogue, encoding);
  return html`
    <div class="intro">
      <p class="lead">
        A head's score for a pair of words is a sum, and each map is one of its terms: a row is the word that looks,
        a column the word it looks at; orange raises the score, blue lowers it. The grey cells come later: no word
        sees them.
      </p>
      <div class="row">
        ${encodingChoice(catalogue, encoding, (one) => set({ encoding: one, layer: 0, head: 0 }))}
        ${
          head
            ? choice("Head", all.map(nameOf), nameOf(head), (chosen) => {
                const found = all.find((one) => nameOf(one) === chosen);
                if (found) set({ layer: found.layer, head: found.head });
              })
            : ""
        }
      </div>
    </div>
    ${refusal(scores.refusal)}
    ${head ? darkest(head) : ""}
    <div class="maps">${head && scores.answer ? maps(title, head, scores.answer) : html`<p role="status">…</p>`}</div>
    ${refusal(heads.refusal)}
    <div class="panels">
      ${[kernels, frequencies].map((figure) => ofHeads(figure, encoding, title, heads.answer))}
    </div>
  `;
}

const SAID: Readonly<Record<Term, string>> = {
  "token-token": "word with word",
  "token-position": "word with place",
  "position-token": "place with word",
  "position-position": "place with place",
  transform: "what turning adds",
  bias: "what the bias adds",
  rest: "all the rest",
};

/** Pixels: a chapter is one screen. */
const WIDEST_MAP = 210;

/** The largest |value| of all terms, which share one scale. */
const largestOf = (terms: HeadTerms["terms"]): number =>
  Math.max(1e-6, ...terms.flatMap(({ values }) => values.flat().map((value) => Math.abs(value ?? 0))));

const darkest = ({ terms }: HeadTerms) => html`<p class="hint">
  The sentence is that of the first chapter. Darkest: ${fixed(largestOf(terms))} of score; in the last map, an
  attention weight of 1.
</p>`;

function maps(
  title: string,
  { layer, head, terms, pattern }: HeadTerms,
  { tokens }: ScoresAnswer,
): TemplateResult[] {
  const limit = largestOf(terms);
  const where = `${title}, block ${layer}, head ${head}`;
  const content = (name: string, values: PairValues, most: number): FigureContent => ({
    key: JSON.stringify([where, name, tokens, most]),
    title: name,
    file: `${where} ${name}`,
    draw: (width) =>
      drawChart(
        tokenHeatmap(values, {
          label: `${where}: ${name}. ${strongest(values, tokens)}`,
          ...{ tokens, limit: most, width: Math.min(width, WIDEST_MAP) },
        }),
        document,
      ),
  });
  return [
    ...terms.map(({ term, values }) => content(SAID[term], values, limit)),
    content("attention, after the softmax", pattern, 1),
  ].map((one) => html`<chart-figure .content=${one}></chart-figure>`);
}

/** The pair with the largest value, in words. */
function strongest(values: PairValues, tokens: readonly string[]): string {
  let best = { i: 0, j: 0, size: -1, value: 0 };
  values.forEach((row, i) => {
    row.forEach((value, j) => {
      if (value !== null && Math.abs(value) > best.size) best = { i, j, size: Math.abs(value), value };
    });
  });
  return `Largest, ${fixed(best.value)}: “${tokens[best.i]}” (word ${best.i + 1}) looks at “${tokens[best.j]}” (word ${best.j + 1}).`;
}

/** A figure of the reports about all heads of one model. */
function ofHeads(
  figure: Figure,
  encoding: string,
  title: string,
  rows: readonly Measurement[] | undefined,
): TemplateResult | undefined {
  const has = rows?.some(({ metric }) => figure.metrics.includes(metric));
  if (rows !== undefined && !has) return undefined;
  const result: DemoResult = {
    ...{ preset: title, encoding, title, config: {}, parameters: 0, log: [] },
    measurements: rows ?? [],
  };
  const content: FigureContent | undefined = rows && {
    key: JSON.stringify([figure.id, encoding]),
    title: figure.heading,
    file: `${title} ${figure.id}`,
    draw(width) {
      const [drawn] = figure.draw([result], document)?.figures ?? [];
      return svgElement((width < 600 ? drawn?.narrowSvg : drawn?.svg) ?? drawn?.svg ?? "<svg></svg>");
    },
  };
  return html`<section class="panel beside" aria-label=${figure.heading}>
    <chart-figure .content=${content}></chart-figure>
    <p class="note">${rows ? plain(figure.draw([result], document)?.caption) : "…"}</p>
  </section>`;
}

const plain = (text: string | undefined) => (text ?? "").replaceAll("`", "");
