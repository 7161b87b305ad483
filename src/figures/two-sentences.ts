/**
 * Two sentences side by side: the likeliest next words after each, how far apart the two
 * distributions are, and the states by layer.
 */
import * as Plot from "@observablehq/plot";
import type { Comparison } from "../probes/pair.ts";
import { CHARACTER_WIDTH, type LineSeries, lineChart, MOST_LINES } from "./charts/lines.ts";
import { nextWordBars } from "./charts/next-word-bars.ts";
import type { Chart } from "./charts/plot.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { fixed, listed, percent } from "./format.ts";
import { poleColor } from "./palette.ts";
import type { ComparisonResult, DemoResult } from "./results.ts";

const POLES = ["positive", "negative"] as const;
const ROW = 17;
const MOST_TOKENS = 5; // of each sentence
const LEAST = 0.01;
const MOST_CHARACTERS = 14; // of a token; a longer one is cut

/** Of one model; of several, the first that has a comparison. */
export const twoSentences: Figure = {
  id: "two-sentences",
  heading: "Two sentences, side by side",
  metrics: [],
  absent: "No two sentences were compared.",
  optional: true,
  inShort: true,
  sentence,
  draw(results, document) {
    const found = foundIn(results);
    if (found === undefined) return undefined;
    const { sentences, comparisons } = found;
    return {
      figures: [
        ...comparisons.map((one) => barsOf(sentences, one, document)),
        ...distances(comparisons, document),
      ],
      caption:
        "The likeliest next words after either sentence; the rest of each distribution is not drawn. Divergence (Jensen-Shannon): 0 bits where the two distributions are equal, 1 where they share no word. Distance: 1 − cos of the last token's hidden states, after the embedding (0) and after each block.",
    };
  },
};

const foundIn = (results: readonly DemoResult[]): ComparisonResult | undefined =>
  results.find((result) => result.comparison !== undefined)?.comparison;

/** How far apart the two distributions are, and what either expects most. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const found = foundIn(results);
  const most = found?.comparisons.reduce<Comparison | undefined>(
    (best, one) => (best !== undefined && best.divergenceBits >= one.divergenceBits ? best : one),
    undefined,
  );
  if (found === undefined || most === undefined) return undefined;
  const [after, other] = found.sentences.map((text) => quoted(`${text} ${most.continuation}`.trim()));
  const [a, b] = most.next.map(([first]) => first);
  if (a === undefined || b === undefined) return undefined;
  return `After ${after} the likeliest next word is ${quoted(shown(a.token))} (${percent(a.probability)}), after ${other} it is ${quoted(shown(b.token))} (${percent(b.probability)}); the two distributions are ${fixed(most.divergenceBits)} bits of at most 1 apart.`;
}

const quoted = (text: string) => `“${text}”`;

/** A token on one line: its spaces and line breaks can be seen. */
function shown(token: string): string {
  const visible = token.replaceAll(" ", "·").replaceAll("\n", "↵").replaceAll("\t", "→");
  return [...visible].length > MOST_CHARACTERS
    ? `${[...visible].slice(0, MOST_CHARACTERS - 1).join("")}…`
    : visible;
}

/** A token, and how likely it is after each sentence. */
export interface Bar {
  readonly token: string;
  readonly probabilities: readonly [number, number];
}

/**
 * The tokens that either distribution has among its likeliest, but those that neither gives a
 * percent; at least two.
 *
 * @param next both distributions, as far as they are known
 */
export function likeliest(next: Comparison["next"]): Bar[] {
  const tokens = [...new Set(next.flatMap((all) => all.slice(0, MOST_TOKENS).map(({ token }) => token)))];
  const [first, second] = next.map((all) => new Map(all.map((one) => [one.token, one.probability])));
  const bars = tokens
    .map((token): Bar => ({ token, probabilities: [first?.get(token) ?? 0, second?.get(token) ?? 0] }))
    .sort((a, b) => Math.max(...b.probabilities) - Math.max(...a.probabilities));
  return bars.filter(({ probabilities }, i) => i < 2 || Math.max(...probabilities) >= LEAST);
}

function barsOf(
  sentences: readonly [string, string],
  { continuation, next, divergenceBits }: Comparison,
  document: Document,
): ReportFigure {
  const bars = likeliest(next);
  const after = continuation === "" ? "right after them" : `after ${quoted(continuation)}`;
  const label = `Next words ${after}: two bars for each, one a sentence. Divergence ${fixed(divergenceBits)} bits.`;
  return {
    ...both((width) => nextWordsChart(bars, { label, sentences, width }), document),
    title: `${after}: ${fixed(divergenceBits)} bits apart`,
  };
}

export interface NextWordsOptions {
  readonly label: string;
  readonly sentences: readonly [string, string];
  readonly width: number;
}

/** A heading for each sentence in its colour, then two bars a token. */
export function nextWordsChart(bars: readonly Bar[], { label, sentences, width }: NextWordsOptions): Chart {
  const lines = bars.flatMap((_, i) => [`${i} 0`, `${i} 1`, `${i} gap`]);
  const longest = Math.max(...bars.map(({ token }) => [...shown(token)].length));
  const left = Math.ceil(longest * CHARACTER_WIDTH) + 12;
  return {
    label,
    options: {
      width,
      ...nextWordBars(lines, { row: ROW, margins: { top: 44, bottom: 46, left, right: 52 } }),
      marks: [
        ...sentences.map((text, which) =>
          Plot.text([`■ ${cut(text, width)}`], {
            frameAnchor: "top-left",
            ...{ textAnchor: "start", dy: 18 * which - 42, lineAnchor: "top" },
            ...{ fontWeight: 600, fill: poleColor(POLES[which as 0 | 1]) },
          }),
        ),
        ...bars.flatMap(barMarks),
      ],
    },
  };
}

/** What fits a line of the chart. */
function cut(text: string, width: number): string {
  const most = Math.floor((width - 120) / CHARACTER_WIDTH);
  return [...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text;
}

function barMarks({ token, probabilities }: Bar, i: number): Plot.Markish[] {
  return [
    Plot.text([shown(token)], {
      ...{ y: () => `${i} 0`, frameAnchor: "left", textAnchor: "end", dx: -6, dy: ROW / 2 },
      fill: "currentColor",
    }),
    ...([0, 1] as const).flatMap((which) => {
      const y = () => `${i} ${which}`;
      const value = probabilities[which];
      return [
        Plot.barX([0], { y, x1: 0, x2: value, fill: poleColor(POLES[which]) }),
        Plot.text([percent(value)], { y, x: () => value, textAnchor: "start", dx: 5, fill: "currentColor" }),
      ];
    }),
  ];
}

/** A line for each continuation; none where a state is zero everywhere. */
function distances(comparisons: readonly Comparison[], document: Document): ReportFigure[] {
  const series = comparisons
    .slice(0, MOST_LINES)
    .map(({ continuation, distanceByLayer }, variant): LineSeries => {
      const points = distanceByLayer.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
      return { label: continuation === "" ? "bare" : continuation, kind: "sentences", variant, points };
    })
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return [];
  const layers = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
  const options = {
    label: `Distance of the two sentences' last hidden states by layer, a line for each continuation: ${listed(series.map(({ label }) => label))}.`,
    xLabel: "layer →",
    yLabel: "↑ distance, 1 − cos",
    ...{ height: 260, dots: true, ...(layers.length <= 13 ? { xTicks: layers } : {}) },
  };
  return [
    {
      ...both((width) => lineChart(series, { ...options, width }), document),
      title: "how far apart the last tokens' states are, layer by layer",
    },
  ];
}
