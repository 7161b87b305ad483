/** Chapter 4: two to four encodings on the same words and the same text. */
import { html, type TemplateResult } from "lit-html";
import { type LineSeries, lineChart } from "../../figures/charts/lines.ts";
import { drawChart } from "../../figures/charts/plot.ts";
import { fixed, percent } from "../../figures/format.ts";
import { lossByPosition } from "../../figures/length.ts";
import type { Known } from "../answers.ts";
import { firstApart } from "../first-apart.ts";
import { lossSummary } from "../loss-summary.ts";
import { FEWEST, MOST } from "../state.ts";
import { storyOf } from "../story.ts";
import type { App } from "./app.ts";
import type { FigureContent } from "./chart-figure.ts";
import { encodingName, refusal, titleOf } from "./controls.ts";
import { binned, floorOf } from "./length-view.ts";
import { sentenceControls } from "./sentence-controls.ts";

/** Beside each other figures leave room for the table; one above the other, on a phone, they need none. */
const heightAt = (width: number) => (width < 400 ? 260 : 190);

/** Contexts that are read here, in multiples of L_max. */
const REACH = 4;

export function compareView(app: App): TemplateResult {
  const { state, catalogue, answers } = app;
  const story = storyOf(state, catalogue.verbs);
  const orders = state.encodings.map((of) => answers.read("order", { of, ...story })); // the quick ones first
  const found = state.encodings.map((of, i): Found => {
    const order = orders[i] as Known<"order">;
    const { answer } = answers.read("ways", { of });
    const [way] = answer?.ways ?? [];
    const context = answer?.context ?? 0;
    const read = way && answers.read("losses", { of, way: way.id, length: REACH * context });
    return {
      ...{ of, title: titleOf(catalogue, of), order, way, context, floor: answer?.floor },
      ...{ losses: read?.answer?.losses, refused: order.refusal ?? read?.refusal },
    };
  });
  return html`
    <p class="lead">Models that differ in their encoding alone, trained on the same stories. Which know the order of the words, and which can go past L_max?</p>
    <div class="halves">${encodingBoxes(app)} ${sentenceControls(app)}</div>
    ${found.map(({ refused }) => refusal(refused))}
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the encodings">
      <table>
        <thead>
          <tr>
            <th scope="col">Encoding</th>
            <th scope="col">Apart, bits</th>
            <th scope="col">First layer that tells</th>
            <th scope="col">Likeliest after each order</th>
            <th scope="col">Loss within L_max</th>
            <th scope="col">Loss past it</th>
          </tr>
        </thead>
        <tbody>
          ${found.map(row)}
        </tbody>
      </table>
    </div>
    <div class="panels">
      <chart-figure .content=${distances(found)}></chart-figure>
      <chart-figure .content=${curves(found)}></chart-figure>
    </div>
  `;
}

interface Found {
  readonly of: string;
  readonly title: string;
  readonly order: Known<"order">;
  readonly way: { readonly label: string; readonly changes: string } | undefined;
  readonly context: number;
  readonly losses: readonly number[] | undefined;
  readonly floor: readonly number[] | undefined;
  readonly refused: string | undefined;
}

function encodingBoxes({ state, catalogue, set }: App): TemplateResult {
  const { encodings } = state;
  const toggle = (encoding: string) =>
    set({
      encodings: encodings.includes(encoding)
        ? encodings.filter((one) => one !== encoding)
        : [...encodings, encoding],
    });
  return html`<fieldset class="radios">
    <legend>Two to four encodings</legend>
    ${catalogue.models.map(({ encoding, title }) => {
      const isIn = encodings.includes(encoding);
      const isStuck = isIn ? encodings.length <= FEWEST : encodings.length >= MOST;
      return html`<label class="pill"
        ><input type="checkbox" .checked=${isIn} ?disabled=${isStuck} @change=${() => toggle(encoding)} /><span
          >${title}</span
        ></label
      >`;
    })}
  </fieldset>`;
}

function row({ of, title, order: { answer }, way, context, losses }: Found): TemplateResult {
  const summary = losses && lossSummary(losses, context);
  const first = answer && firstApart(answer);
  const next = answer?.next.map(([best]) => best && `${best.token} ${percent(best.probability)}`).join(" · ");
  return html`<tr>
    <th scope="row">${encodingName(of, title)}${way && way.changes !== "nothing" ? html` <small>(${way.label})</small>` : ""}</th>
    <td>${answer ? fixed(answer.divergenceBits, 3) : "…"}</td>
    <td>${answer ? (first === undefined ? "none" : first === 0 ? "embedding" : `layer ${first}`) : "…"}</td>
    <td>${next ?? "…"}</td>
    <td>${summary ? fixed(summary.inside) : "…"}</td>
    <td>${summary?.past === undefined ? "…" : fixed(summary.past)}</td>
  </tr>`;
}

function distances(found: readonly Found[]): FigureContent | undefined {
  const series = found.flatMap(({ of, title, order: { answer } }): LineSeries[] => {
    const points = (answer?.distanceByLayer ?? []).flatMap((y, x) => (y === null ? [] : [{ x, y }]));
    return points.length === 0 ? [] : [{ label: title, kind: of, points }];
  });
  if (series.length === 0) return undefined;
  const xTicks = (series[0] as LineSeries).points.map(({ x }) => x);
  const options = { dots: true, xTicks, xLabel: "layer →", yLabel: "↑ distance, 1 − cos" };
  const label = `Distance of the two orders' hidden states by layer, a line for each of ${series.map((one) => one.label).join(", ")}.`;
  return {
    key: JSON.stringify(series),
    title: "Where the two orders part",
    draw: (width) =>
      drawChart(lineChart(series, { ...options, label, width, height: heightAt(width) }), document),
  };
}

function curves(found: readonly Found[]): FigureContent | undefined {
  const series = found.flatMap(({ of, title, losses, context }): LineSeries[] =>
    losses ? [{ label: title, kind: of, points: binned(losses, context) }] : [],
  );
  if (series.length === 0) return undefined;
  const { context = 0, floor } = found.find(({ losses }) => losses) ?? {};
  const longest = Math.max(...found.map(({ losses }) => losses?.length ?? 0));
  const behind = floorOf(floor, longest, context);
  const label = `Loss by position, a line for each of ${series.map((one) => one.label).join(", ")}; the rule is L_max.`;
  return {
    key: JSON.stringify(series.map((one) => [one.label, one.points.length])),
    title: "Past L_max",
    caption: "Grey: a perfect model.",
    draw: (width) =>
      drawChart(
        lossByPosition(series, { context, label, behind, width, height: heightAt(width), logX: true }),
        document,
      ),
  };
}
