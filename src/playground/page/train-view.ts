/** Chapter 5: a small model that learns while one watches. */
import { html, type TemplateResult } from "lit-html";
import { type LineSeries, lineChart } from "../../figures/charts/lines.ts";
import { drawChart } from "../../figures/charts/plot.ts";
import { fixed, percent } from "../../figures/format.ts";
import type { LivePoint } from "../compute/training.ts";
import { MOST_STEPS } from "../state.ts";
import type { App } from "./app.ts";
import type { FigureContent } from "./chart-figure.ts";
import { encodingChoice, refusal, titleOf } from "./controls.ts";

export function trainView(app: App): TemplateResult {
  const { state, catalogue, live, set } = app;
  const { encoding, seed } = state;
  const { points, isRunning } = live;
  const step = points.at(-1)?.step ?? 0;
  const title = titleOf(catalogue, encoding);
  const go = (to: number) => set({ steps: Math.min(MOST_STEPS, to) });
  return html`
    <p class="lead">
      Two narrow blocks, eighteen words or so, sixteen contexts a step. First the model learns which words there are; only
      later who did what to whom.
    </p>
    <div class="row">
      ${encodingChoice(catalogue, encoding, (one) => set({ encoding: one, steps: 0 }))}
      <label class="field"
        ><span>Seed</span>
        <input type="number" min="0" max="999999999" .value=${String(seed)} @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          if (input.checkValidity() && input.value !== "") set({ seed: Number(input.value), steps: 0 });
        }} />
      </label>
      <div class="actions">
        <button type="button" class="primary" ?disabled=${!app.engine} @click=${() => go(isRunning ? step : step + 400)}>
          ${isRunning ? "Pause" : "Train 400 steps"}
        </button>
        <button type="button" ?disabled=${!app.engine || isRunning} @click=${() => go(step + 20)}>20 steps</button>
        <button type="button" ?disabled=${!app.engine || step === 0} @click=${() => set({ seed: seed + 1, steps: 0 })}>
          Another seed
        </button>
      </div>
    </div>
    ${refusal(live.refusal)}
    <p class="verdict" role="status" aria-live=${isRunning ? "off" : "polite"} data-step=${step}>${verdict(points)}</p>
    <div class="panels">
      <chart-figure .content=${accuracy(title, encoding, points)}></chart-figure>
      <chart-figure .content=${losses(title, encoding, points)}></chart-figure>
    </div>
    <p class="note">
      The same encoding and seed take the same steps on the same engine. Training waits while this tab is hidden or
      another chapter is open, and goes on from the very step where it stopped.
    </p>
  `;
}

function verdict(points: readonly LivePoint[]): TemplateResult {
  const last = points.at(-1);
  const order = points.findLast(({ swapAccuracy }) => swapAccuracy !== null)?.swapAccuracy;
  if (last === undefined || order === undefined || order === null) return html`Not trained yet.`;
  const known =
    order >= 0.9
      ? "It knows who did it."
      : order <= 0.65
        ? "It guesses who did it."
        : "It begins to know who did it.";
  return html`<strong>Step ${last.step}.</strong> Right order in ${percent(order)} of new pairs; guessing gets 50%.
    ${known}`;
}

/** Curves have so many points at most. */
const MOST_POINTS = 200;

function accuracy(title: string, kind: string, points: readonly LivePoint[]): FigureContent | undefined {
  const found = points.flatMap(({ step, swapAccuracy }) =>
    swapAccuracy === null ? [] : [{ x: step, y: swapAccuracy }],
  );
  if (found.length < 2) return undefined;
  return chart(
    `${title}: swap accuracy`,
    { label: title, kind, points: found },
    {
      ...{
        yLabel: "↑ swap accuracy",
        yFormat: "%",
        yDomain: [0.3, 1.02] as const,
        rules: [{ y: 0.5, label: "guess" }],
      },
      said: `now ${percent((found.at(-1) as { y: number }).y)}`,
    },
  );
}

function losses(title: string, kind: string, points: readonly LivePoint[]): FigureContent | undefined {
  const all = points.flatMap(({ step, loss }) => (loss === null ? [] : [{ x: step, y: loss }]));
  if (all.length < 2) return undefined;
  const every = Math.ceil(all.length / MOST_POINTS);
  const found = all.filter((_, i) => (all.length - 1 - i) % every === 0);
  return chart(
    `${title}: training loss`,
    { label: title, kind, points: found },
    {
      yLabel: "↑ loss, nats per token",
      said: `now ${fixed((found.at(-1) as { y: number }).y)} nats`,
    },
  );
}

interface ChartOptions {
  readonly yLabel: string;
  readonly yFormat?: string;
  readonly yDomain?: readonly [number, number];
  readonly rules?: readonly { readonly y: number; readonly label: string }[];
  readonly said: string;
}

function chart(title: string, series: LineSeries, { said, ...options }: ChartOptions): FigureContent {
  const last = series.points.at(-1);
  return {
    key: JSON.stringify([title, last]),
    title,
    draw: (width) =>
      drawChart(
        lineChart([series], {
          ...options,
          width,
          height: 260,
          bare: options.rules === undefined,
          xLabel: "step →",
          label: `${title} by step, ${said}.`,
        }),
        document,
      ),
  };
}
