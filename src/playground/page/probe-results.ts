/** What a probe says of one's own model: the figures of the reports that show it, and its rows. */
import { html, type TemplateResult } from "lit-html";
import { measured } from "../../figures/format.ts";
import { figures } from "../../figures/index.ts";
import type { DemoResult } from "../../figures/results.ts";
import type { Measurement } from "../../probes/probe.ts";
import { quantity } from "../../quantity.ts";
import { OWN } from "../messages.ts";
import type { App } from "./app.ts";
import { type FigureContent, svgElement } from "./chart-figure.ts";
import { refusal } from "./controls.ts";

export function probeResults(app: App, probe: string): TemplateResult {
  const { state, own, answers } = app;
  const typed = state.reading === "" ? `${state.first}\n${state.second}` : state.reading;
  const text = own.model?.hasText ? "" : typed;
  const { answer, refusal: whyNot } = answers.read("probe", { of: OWN, probe, text });
  if (own.model === undefined || answer === undefined) return html`${refusal(whyNot)}<p role="status">…</p>`;
  const { rows } = answer;
  const { title, encoding, config, parameters } = own.model;
  const result: DemoResult = {
    ...{ preset: encoding, encoding, title, config, parameters, log: [] },
    measurements: rows,
  };
  const shown = figures.flatMap(({ metrics, sentence, ...figure }) => {
    const said = rows.some(({ metric }) => metrics.includes(metric)) ? sentence([result]) : undefined;
    return said === undefined ? [] : [{ ...figure, said: said.replaceAll("`", "") }]; // else it has nothing to draw
  });
  return html`
    ${shown.map(({ id, heading, said, draw }) => {
      const content: FigureContent = {
        key: JSON.stringify([id, probe, text, rows.length]),
        title: heading,
        caption: said,
        draw(width) {
          const [drawn] = draw([result], document)?.figures ?? [];
          return svgElement((width < 600 ? drawn?.narrowSvg : undefined) ?? drawn?.svg ?? "<svg></svg>");
        },
      };
      return html`<chart-figure class="wide" .content=${content}></chart-figure>`;
    })}
    ${table(rows)}
  `;
}

/** Rows that a table shows. */
const MOST_ROWS = 60;

function table(rows: readonly Measurement[]): TemplateResult {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rows of the probe">
    <table>
      <caption>${rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length} rows` : quantity(rows.length, "row")}</caption>
      <thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">Unit</th><th scope="col">Where</th></tr></thead>
      <tbody>
        ${rows.slice(0, MOST_ROWS).map(
          ({ metric, value, unit, at }) => html`<tr>
            <th scope="row">${metric}</th>
            <td>${value === null ? "none" : measured(value)}</td>
            <td>${unit}</td>
            <td>${Object.entries(at)
              .map(([key, one]) => `${key} ${one}`)
              .join(", ")}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
