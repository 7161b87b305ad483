/**
 * What each model expects after two sentences of the same words: a pair of stacked bars, one part
 * for each of the two answers.
 */
import * as Plot from "@observablehq/plot";
import { nextWordBars } from "./charts/next-word-bars.ts";
import type { Chart } from "./charts/plot.ts";
import { both, type Figure } from "./figure.ts";
import { fixed, listed } from "./format.ts";
import { encodingColor, poleColor } from "./palette.ts";
import { type DemoResult, lookOf, type PairResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

interface PairRow {
  readonly label: string;
  /** The encoding, which decides the colour of its name. */
  readonly kind: string;
  /** p(answer) after the first sentence and after the second, for each of the two answers. */
  readonly probabilities: readonly [readonly [number, number], readonly [number, number]];
  /** Stands at the right of the preset's name. */
  readonly note: string;
}

interface PairOptions {
  readonly label: string;
  readonly sentences: readonly [string, string];
  readonly answers: readonly [string, string];
  readonly width?: number;
}

const ROW = 21;
const POLES = ["positive", "negative"] as const;
const CHARACTER = 8; // of DejaVu Sans at 13 px

/** Two bars for each preset; of several seeds, the first. */
export const pair: Figure = {
  id: "pair",
  heading: "One pair, side by side",
  metrics: [],
  absent: "These runs hold no pair of sentences, so this figure is left out.",
  sentence,
  draw(results, document) {
    const found = pairsOf(results);
    const lead = sentence(results);
    const [first] = found;
    if (first === undefined || lead === undefined) return undefined;
    const { sentences, answers } = first.pair;
    const rows = found.map(({ preset, pair: { probabilities, divergenceBits } }) => ({
      label: preset,
      kind: lookOf(results, preset).kind,
      probabilities,
      note: `${fixed(divergenceBits)} bits apart`,
    }));
    const label = `Two bars for each preset, one a sentence: how likely ${listed([...answers])} are as the next word. ${lead}`;
    return {
      figures: [both((width) => pairBars(rows, { label, sentences, answers, width }), document)],
      caption: `How likely ${answers.map((answer) => `“${answer}”`).join(" and ")} are as the next word; grey: all other words. No training story has these three words in one sentence. Any other pair: \`probe CHECKPOINT --pair\`.`,
    };
  },
};

function pairsOf(results: readonly DemoResult[]): { preset: string; pair: PairResult }[] {
  return presetsOf(results).flatMap((preset) => {
    const found = results.find((result) => result.preset === preset)?.pair;
    return found ? [{ preset, pair: found }] : [];
  });
}

/** How far apart the two distributions of the next word are. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const found = pairsOf(results);
  const [first] = found;
  if (first === undefined) return undefined;
  const [after, other] = first.pair.sentences.map((one) => `“${one} ${first.pair.continuation}”`);
  const apart = found.map(({ preset, pair }) => `${fixed(pair.divergenceBits)} in ${name(preset)}`);
  return `Of the next word after ${after} and after ${other}, the two distributions are apart by ${listed(apart)}, in bits of at most 1 (Jensen-Shannon divergence).`;
}

/** Three rows a preset: its name, and a bar for each sentence. */
function pairBars(rows: readonly PairRow[], options: PairOptions): Chart {
  const { label, sentences, answers, width = 720 } = options;
  const lines = rows.flatMap((row) => ["name", 0, 1, "gap"].map((line) => `${line} ${row.label}`));
  const left = Math.ceil(Math.max(...sentences.map((sentence) => sentence.length)) * CHARACTER) + 8;
  return {
    label,
    options: {
      width,
      ...nextWordBars(lines, { row: ROW, margins: { top: 8, bottom: 50, left, right: 22 } }),
      marks: [
        ...rows.flatMap((row) => [
          ...heading(row, left),
          ...([0, 1] as const).flatMap((sentence) => bar(row, sentence, sentences[sentence], answers)),
        ]),
      ],
    },
  };
}

function heading({ label, kind, note }: PairRow, left: number): Plot.Markish[] {
  const at = { y: () => `name ${label}`, dy: 2 };
  return [
    Plot.text([label], {
      ...at,
      frameAnchor: "left",
      textAnchor: "start",
      dx: 4 - left,
      fontWeight: 600,
      fill: encodingColor(kind),
    }),
    Plot.text([note], { ...at, frameAnchor: "right", textAnchor: "end", fill: "currentColor" }),
  ];
}

function bar(
  { label, probabilities }: PairRow,
  sentence: 0 | 1,
  text: string,
  answers: readonly [string, string],
): Plot.Markish[] {
  const y = () => `${sentence} ${label}`;
  const [first, second] = probabilities[sentence];
  const parts = [
    { from: 0, to: first, word: answers[0], pole: POLES[0] },
    { from: first, to: first + second, word: answers[1], pole: POLES[1] },
  ];
  return [
    Plot.text([text], { y, frameAnchor: "left", textAnchor: "end", dx: -6, fill: "currentColor" }),
    Plot.barX([0], { y, x1: 0, x2: 1, fill: "currentColor", fillOpacity: 0.1 }),
    ...parts.flatMap(({ from, to, word, pole }) => [
      Plot.barX([0], { y, x1: from, x2: to, fill: poleColor(pole) }),
      ...(to - from > 0.2
        ? [Plot.text([word], { y, x: () => (from + to) / 2, fill: "var(--paper, #ffffff)", fontWeight: 600 })]
        : []),
    ]),
  ];
}
