/** Chapter 2: contexts longer than the trained ones, and what can be done about their positions. */
import { html, type TemplateResult } from "lit-html";
import type { LineSeries } from "../../figures/charts/lines.ts";
import { drawChart } from "../../figures/charts/plot.ts";
import { fixed } from "../../figures/format.ts";
import { lossByPosition, octaveBin } from "../../figures/length.ts";
import { quantity } from "../../quantity.ts";
import { mean } from "../../tensor/numbers.ts";
import type { Way } from "../compute/past-limit.ts";
import { FACTOR } from "../factor.ts";
import { lossSummary } from "../loss-summary.ts";
import type { App } from "./app.ts";
import type { FigureContent } from "./chart-figure.ts";
import { encodingChoice, radios, refusal, titleOf } from "./controls.ts";

export function lengthView(app: App): TemplateResult {
  const { state, catalogue, set } = app;
  const { encoding, length } = state;
  const { answer, refusal: whyNot } = app.answers.read("ways", { of: encoding });
  const controls = encodingChoice(catalogue, encoding, (one) => set({ encoding: one, way: "" }));
  if (answer === undefined) return html`${lead}${controls}${refusal(whyNot)}<p role="status">…</p>`;
  const { context, ways, floor } = answer;
  const way = ways.find(({ id }) => id === state.way) ?? (ways[0] as Way);
  const longest = FACTOR * context;
  const tokens = Math.min(longest, Math.max(context / 2, length));
  const read = (one: Way) =>
    app.answers.read("losses", { of: encoding, way: one.id, length: one.squeezed ? tokens : longest });
  const now = read(way);
  const losses = now.answer?.losses.slice(0, tokens);
  const [first] = ways;
  const plain =
    first === undefined || first === way ? undefined : read(first).answer?.losses.slice(0, tokens);
  const others = plain && first ? [{ way: first, losses: plain }] : [];
  return html`
    ${lead}
    <div class="row">
      ${controls}
      <label class="slider">
        <span>Tokens of a context: <b>${tokens}</b> <small>${tokens > context ? `${fixed(tokens / context, 1)} × L_max` : "within L_max"}</small></span>
        <input
          type="range"
          aria-label="Tokens of a context"
          min=${context / 2}
          max=${longest}
          step=${context / 4}
          .value=${String(tokens)}
          aria-valuetext=${`${tokens} tokens, L_max is ${context}`}
          @input=${(event: Event) => set({ length: Number((event.target as HTMLInputElement).value) })}
        />
      </label>
    </div>
    ${radios("What is done past L_max", ways.map(wayOption), way.id, (id) => set({ way: id }))}
    <p class="verdict" role="status" data-holds=${losses ? String(lossSummary(losses, context).holds) : ""}>
      ${losses ? verdict(losses, context, plain) : "…"}
    </p>
    ${refusal(now.refusal)}
    <chart-figure class="wide" .content=${losses && curve({ title: titleOf(catalogue, encoding), kind: encoding, curves: [{ way, losses }, ...others], context, floor })}></chart-figure>
  `;
}

const lead = html`<p class="lead">
  These models were trained on contexts of L_max tokens. Make the context longer: does the loss hold, or break?
</p>`;

const wayOption = ({ id, label, changes }: Way) => ({
  value: id,
  text: label,
  ...(changes === "nothing" ? {} : { note: changes }),
});

/** A way that costs more than this within L_max, in nats, is no way past it. */
const HARM = 0.1;

/** @param plain the losses of the model as it is, where another way was chosen */
function verdict(
  losses: readonly number[],
  context: number,
  plain: readonly number[] | undefined,
): TemplateResult {
  const { inside, past, headroom, holds } = lossSummary(losses, context);
  const within = html`${fixed(inside)} nats a token in the second half of L_max = ${context}`;
  const unharmed = plain && lossSummary(plain, context).inside;
  if (unharmed !== undefined && inside > unharmed + HARM)
    return html`<strong>It breaks within L_max already:</strong> ${within}, where the model as it is has
      ${fixed(unharmed)}.${past === undefined ? "" : ` Past it, ${fixed(past)}.`}`;
  if (past === undefined) return html`${within}.`;
  return html`<strong>${holds ? "It holds." : "It breaks."}</strong> ${within}, ${fixed(past)} past it.
  ${
    holds
      ? "The mean loss stays what it was, give or take 0.02 nats."
      : headroom === 0
        ? "The mean loss rises with the first tokens past L_max."
        : `The mean loss stays what it was for ${quantity(headroom, "token")} past L_max.`
  }`;
}

interface Curves {
  readonly title: string;
  readonly kind: string;
  /** The way that was chosen, then the one to compare it with. */
  readonly curves: readonly { readonly way: Way; readonly losses: readonly number[] }[];
  readonly context: number;
  readonly floor: readonly number[] | undefined;
}

function curve({ title, kind, curves, context, floor }: Curves): FigureContent {
  const [{ way, losses }] = curves as [Curves["curves"][number]]; // there is one or two
  const series = curves.map((one, variant): LineSeries => {
    return { label: one.way.label, kind, variant, points: binned(one.losses, context) };
  });
  const { inside, past } = lossSummary(losses, context);
  const finding = past === undefined ? "" : ` ${fixed(inside)} nats within L_max, ${fixed(past)} past it.`;
  return {
    key: JSON.stringify([title, curves.map((one) => one.way.id), losses.length]),
    title: `${title}, ${way.label}: loss by position`,
    caption: `Mean loss of the next word in held-out stories; points average an eighth of an octave.${floor ? " Thin: a perfect model, which cannot know what a story begins with." : ""}`,
    draw: (width) =>
      drawChart(
        lossByPosition(series, {
          ...{ context, width, height: 290, bare: series.length === 1 },
          behind: floorOf(floor, losses.length, context),
          label: `Loss by position of ${title}: ${curves.map((one) => one.way.label).join(" and ")}.${finding}`,
        }),
        document,
      ),
  };
}

/** The curve of a perfect model, as far as the other goes. */
export const floorOf = (
  floor: readonly number[] | undefined,
  length: number,
  context: number,
): LineSeries[] =>
  floor ? [{ label: "floor", kind: "floor", points: binned(floor.slice(0, length), context) }] : [];

/** Means over bins that are an eighth of an octave wide, L_max the last of its own. */
export function binned(losses: readonly number[], context: number): { x: number; y: number }[] {
  const bins = new Map<number, number[]>();
  losses.forEach((loss, i) => {
    const x = octaveBin(i + 1, context);
    bins.set(x, [...(bins.get(x) ?? []), loss]);
  });
  return [...bins].map(([x, all]) => ({ x, y: mean(all) }));
}
