/** What each model expects after two sentences of the same words: a pair of stacked bars, one part for each of the two answers. */
import * as Plot from "@observablehq/plot";
import { encodingColor, poleColor } from "../palette.ts";
import type { Chart } from "./plot.ts";

export interface PairRow {
  /** The encoding, which decides the colour of its name. */
  readonly kind: string;
  /** p(answer) after the first sentence and after the second, for each of the two answers. */
  readonly probabilities: readonly [readonly [number, number], readonly [number, number]];
  /** Stands at the right of the encoding's name. */
  readonly note: string;
}

export interface PairOptions {
  readonly label: string;
  readonly sentences: readonly [string, string];
  readonly answers: readonly [string, string];
  readonly width?: number;
}

const ROW = 21;
const POLES = ["positive", "negative"] as const;
const CHARACTER = 8; // of DejaVu Sans at 13 px

/** Three rows an encoding: its name, and a bar for each sentence. */
export function pairBars(rows: readonly PairRow[], options: PairOptions): Chart {
  const { label, sentences, answers, width = 720 } = options;
  const lines = rows.flatMap(({ kind }) => ["name", 0, 1, "gap"].map((line) => `${line} ${kind}`));
  const left = Math.ceil(Math.max(...sentences.map((sentence) => sentence.length)) * CHARACTER) + 8;
  return {
    label,
    options: {
      width,
      height: 58 + ROW * lines.length,
      marginTop: 8,
      marginBottom: 50,
      marginLeft: left,
      marginRight: 22,
      style: { fontSize: "13px", fontFamily: "inherit", background: "none", overflow: "visible" },
      x: {
        domain: [0, 1],
        tickFormat: "%",
        label: "probability of the next word →",
        labelAnchor: "center",
        ticks: 5,
      },
      y: { domain: lines, axis: null, padding: 0.12 },
      marks: [
        ...rows.flatMap((row) => [
          ...heading(row, left),
          ...([0, 1] as const).flatMap((sentence) => bar(row, sentence, sentences[sentence], answers)),
        ]),
      ],
    },
  };
}

function heading({ kind, note }: PairRow, left: number): Plot.Markish[] {
  const at = { y: () => `name ${kind}`, dy: 2 };
  return [
    Plot.text([kind], {
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
  { kind, probabilities }: PairRow,
  sentence: 0 | 1,
  text: string,
  answers: readonly [string, string],
): Plot.Markish[] {
  const y = () => `${sentence} ${kind}`;
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
