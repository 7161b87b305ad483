/**
 * Ranks with ties: of each question, the places that a condition may have. Its best place is one
 * after all that were shown to be better, its last place one before all that were shown to be
 * worse; what nothing tells apart shares places.
 */
import * as Plot from "@observablehq/plot";
import type { Answer } from "../compare/answers.ts";
import { placesOf, type Rank } from "../compare/places.ts";
import type { ComparedRun } from "../compare/questions.ts";
import { dotRows } from "./charts/dot-rows.ts";
import { type Chart, chartSvg } from "./charts/plot.ts";
import { titleOf } from "./comparison.ts";
import { bestFirst, kindOf } from "./conditions.ts";
import type { ReportSection } from "./figure.ts";
import { listed } from "./format.ts";
import { encodingColor } from "./palette.ts";
import type { ReportTable, TableRow } from "./table.ts";
import { name } from "./words.ts";

/** Pixels: two stand side by side, one fits a phone. */
const WIDTH = 392;

/**
 * The best first; undefined where not all pairs were compared, where no way is better, or where
 * seeds are too few to tell any two apart.
 */
export function ranksOf(answer: Answer): Rank[] | undefined {
  const { decision, metric } = answer;
  if (metric === undefined || metric.better === "neither") return undefined;
  const places = placesOf(decision, metric.better);
  return places && bestFirst(answer).map((summary) => places.get(summary.name) as Rank); // of the same summaries
}

/** "1", or "2–4". */
const placesText = ({ best, last }: Rank) => (best === last ? `${best}` : `${best}–${last}`);

/** A figure a question, and a table of all; undefined where no question has ranks. */
export function rankSection(
  answers: readonly Answer[],
  runs: readonly ComparedRun[],
  document: Document,
): ReportSection | undefined {
  const ranked = answers.flatMap((answer) => {
    const ranks = ranksOf(answer);
    return ranks === undefined ? [] : [{ answer, ranks }];
  });
  if (ranked.length === 0) return undefined;
  const figures = ranked.map(({ answer, ranks }) => ({
    svg: chartSvg(rankChart(ranks, runs, titleOf(answer)), document),
    title: titleOf(answer),
  }));
  return {
    id: "ranks",
    heading: "Ranks, with ties",
    lead: leadOf(ranked),
    figures,
    table: rankTable(ranked),
    caption:
      "A bar holds every place that a condition may have: it begins after all that were shown to be better, and ends before all that were shown to be worse. Bars that overlap are not told apart by this many seeds.",
  };
}

interface Ranked {
  readonly answer: Answer;
  readonly ranks: readonly Rank[];
}

/** Which conditions no other was shown to be better than, in every question. */
function leadOf(ranked: readonly Ranked[]): string {
  const questions = ranked.length;
  const firsts = new Map<string, number>();
  for (const { ranks } of ranked)
    for (const { name: own } of ranks.filter(({ best }) => best === 1))
      firsts.set(own, (firsts.get(own) ?? 0) + 1);
  const everywhere = [...firsts].filter(([, times]) => times === questions).map(([own]) => name(own));
  const of = questions === 1 ? "this question" : `all ${questions} questions`;
  return everywhere.length > 0
    ? `In ${of}, no other was shown to be better than ${listed(everywhere)}.`
    : `No condition may be the first in ${of}: which one is best depends on what is asked.`;
}

function rankTable(ranked: readonly Ranked[]): ReportTable {
  const names = [...new Set(ranked.flatMap(({ ranks }) => ranks.map((rank) => rank.name)))];
  const rows = names.map((own): TableRow => {
    const cells = ranked.map(({ ranks }, i) => {
      const rank = ranks.find((one) => one.name === own);
      return [`q${i}`, rank && placesText(rank)] as const;
    });
    return { condition: own, ...Object.fromEntries(cells) };
  });
  return {
    columns: [
      { key: "condition", heading: "condition" },
      ...ranked.map(({ answer }, i) => ({ key: `q${i}`, heading: titleOf(answer), align: "right" as const })),
    ],
    rows,
    caption: "Places that each condition may have; 1 is the best.",
  };
}

function rankChart(ranks: readonly Rank[], runs: readonly ComparedRun[], title: string): Chart {
  const labels = ranks.map((rank) => rank.name);
  const said = ranks.map((rank) => `${rank.name} ${placesText(rank)}`).join(", ");
  const axis = { xLabel: "place, 1 is the best →", domain: [0.7, ranks.length + 0.3], ticks: 6 } as const;
  const bars = ranks.flatMap((rank): Plot.Markish[] => {
    const color = encodingColor(kindOf(rank.name, runs));
    const at = { y: () => rank.name, stroke: color } as const;
    const ends = rank.best === rank.last ? [rank.best] : [rank.best, rank.last];
    return [
      Plot.ruleY([rank], { ...at, x1: "best", x2: "last", strokeWidth: 6, strokeLinecap: "round" }),
      Plot.dot(ends, { ...at, x: (place) => place, r: 4.5, fill: color }),
    ];
  });
  const whole = { tickFormat: "d", wholeTicks: true } as const;
  return {
    label: `Places that each condition may have by ${title}: ${said}.`,
    options: dotRows(labels, { ...axis, ...whole, width: WIDTH, compact: true }, bars),
  };
}
