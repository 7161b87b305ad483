/** Chapter 1: two orders of the same words, and what a model makes of each, with and without positions. */
import { html, type TemplateResult } from "lit-html";
import { type LineSeries, lineChart } from "../../figures/charts/lines.ts";
import { drawChart } from "../../figures/charts/plot.ts";
import { fixed } from "../../figures/format.ts";
import { likeliest, nextWordsChart } from "../../figures/two-sentences.ts";
import type { Comparison } from "../../probes/pair.ts";
import type { Known } from "../answers.ts";
import { apartText } from "../first-apart.ts";
import { storyOf } from "../story.ts";
import type { App } from "./app.ts";
import type { FigureContent } from "./chart-figure.ts";
import { encodingChoice, encodingName, refusal, titleOf } from "./controls.ts";
import { sentenceControls } from "./sentence-controls.ts";

export function orderView(app: App): TemplateResult {
  const { state, catalogue, set } = app;
  const story = storyOf(state, catalogue.verbs);
  const shown = [...new Set([state.encoding, "none"])];
  const found = shown.map((of) => ({ of, known: app.answers.read("order", { of, ...story }) }));
  return html`
    <p class="lead">
      The same words, in two orders. A transformer that is not told where its words stand has only their
      order of reading to go by. What does each model expect next?
    </p>
    ${sentenceControls(
      app,
      encodingChoice(catalogue, state.encoding, (encoding) => set({ encoding }), "Encoding, beside none"),
    )}
    <div class="panels three">
      ${found.map((one) => panel(app, one))}
      <chart-figure .content=${distances(app, found)}></chart-figure>
    </div>
  `;
}

interface Found {
  readonly of: string;
  readonly known: Known<"order">;
}

function panel({ catalogue, state, engine }: App, { of, known }: Found): TemplateResult {
  const { answer, source } = known;
  const title = titleOf(catalogue, of);
  const story = storyOf(state, catalogue.verbs);
  const waiting = engine === undefined && answer !== undefined && source === "built";
  return html`<section class="panel" aria-label=${title} data-source=${source ?? ""}>
    <h3>${encodingName(of, title)}</h3>
    ${refusal(known.refusal)}
    <p class="verdict" role="status" aria-busy=${answer === undefined && known.refusal === undefined}>
      ${
        answer
          ? html`<strong>${fixed(answer.divergenceBits, 3)} bits</strong> apart, of at most 1:
              ${apartText(answer)}.`
          : known.refusal === undefined
            ? "…"
            : ""
      }
      ${waiting ? html`<small>computed when this page was built</small>` : ""}
    </p>
    <chart-figure .content=${answer && bars(title, answer, story)}></chart-figure>
  </section>`;
}

function bars(
  title: string,
  answer: Comparison,
  { first, second }: { first: string; second: string },
): FigureContent {
  const after = answer.continuation === "" ? "" : ` ${answer.continuation}`;
  const label = `${title}: next words after “${first}${after}” and after “${second}${after}”, two bars for each. ${fixed(answer.divergenceBits, 3)} bits apart.`;
  return {
    key: JSON.stringify([title, first, second, after, answer.divergenceBits]),
    title: `${title}: next words`,
    titled: false,
    draw: (width) =>
      drawChart(
        nextWordsChart(likeliest(answer.next).slice(0, 5), { label, sentences: [first, second], width }),
        document,
      ),
  };
}

function distances({ catalogue }: App, found: readonly Found[]): FigureContent | undefined {
  const series = found.flatMap(({ of, known: { answer } }): LineSeries[] => {
    if (answer === undefined) return [];
    const points = answer.distanceByLayer.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
    return points.length === 0 ? [] : [{ label: titleOf(catalogue, of), kind: of, points }];
  });
  if (series.length === 0) return undefined;
  const layers = (series[0] as LineSeries).points.map(({ x }) => x);
  return {
    key: JSON.stringify(series),
    title: "Where the two orders part",
    caption: "The last word's hidden states, after the embedding (0) and after each block.",
    draw: (width) =>
      drawChart(
        lineChart(series, {
          ...{
            width,
            height: 230,
            dots: true,
            xTicks: layers,
            xLabel: "layer →",
            yLabel: "↑ distance, 1 − cos",
          },
          label: `Distance of the two orders' hidden states by layer: ${series.map(({ label, points }) => `${label} ${points.map(({ y }) => fixed(y, 3)).join(", ")}`).join("; ")}.`,
        }),
        document,
      ),
  };
}
