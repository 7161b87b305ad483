/** From which step on conditions stand in the order in which they end: a sentence, a table, a figure. */
import type { RankAgreement } from "../compare/rank-agreement.ts";
import { metrics } from "../probes/index.ts";
import { lineChart } from "./charts/lines.ts";
import { both, type ReportSection } from "./figure.ts";
import { count, fixed, percent } from "./format.ts";
import type { ReportTable } from "./table.ts";

/** Pairs in the order of the end from which on the order is said to be there. */
const THERE = 0.9;

function titleOf({ metric, at }: RankAgreement): string {
  const places = Object.entries(at).map(([key, value]) => `${key} ${value}`);
  return [metrics[metric]?.title ?? metric, ...places].join(", ");
}

/** What was found, in a sentence. */
export function agreementSentence(found: RankAgreement): string {
  const { steps, conditions, pairs } = found;
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return "";
  if (pairs === 0) return `${titleOf(found)}: all ${conditions} conditions end alike.`;
  const [at, end] = [count(first.step), count(last.step)];
  const begun = `${titleOf(found)}: the order of ${conditions} conditions is that of step ${end} in ${percent(first.share)} of ${count(pairs)} pairs at step ${at}`;
  const settled = steps.find((_, i) => steps.slice(i).every(({ share }) => share >= THERE)) ?? last;
  if (settled === first) return `${begun}, and in ${percent(THERE)} or more from there on.`;
  if (settled === last) return `${begun}, and in ${percent(THERE)} or more at no step before the end.`;
  return `${begun}, and in ${percent(THERE)} or more from step ${count(settled.step)} on.`;
}

/** A row a step. */
export function agreementTable(found: RankAgreement): ReportTable {
  const { steps, pairs, decidedPairs } = found;
  return {
    columns: [
      { key: "step", heading: "step", format: count },
      { key: "share", heading: "pairs", align: "right" },
      { key: "seed", heading: "by one seed [95%]", align: "right" },
      { key: "decided", heading: `of ${decidedPairs} told apart`, align: "right" },
      { key: "tau", heading: "τ", align: "right" },
    ],
    rows: steps.map(({ step, share, seeds, interval, decided, tau }) => ({
      step,
      share: pairs === 0 ? undefined : fixed(share),
      seed: interval && `${fixed(average(seeds))} [${fixed(interval.low)}, ${fixed(interval.high)}]`,
      decided: decided === undefined ? undefined : fixed(decided),
      tau: tau === undefined ? undefined : fixed(tau),
    })),
    caption: `rank agreement of ${titleOf(found)}: the share of ${count(pairs)} pairs of conditions, those that differ at the end, that stand in the order of the end; chance is 0.50. τ is Kendall's`,
  };
}

/** A section of a page: the share of pairs by step, every seed's own order as a dot. */
export function agreementSection(found: RankAgreement, document: Document): ReportSection {
  const { steps, metric } = found;
  const lead = agreementSentence(found);
  const points = steps.map(({ step, share, interval }) => ({ x: step, y: share, ...interval }));
  const chart = (width: number) =>
    lineChart([{ label: "means over seeds", points }], {
      ...{ label: lead, xLabel: "training step →", yLabel: "↑ pairs in the order of the end" },
      ...{ width, dots: true, bare: true, yDomain: [0, 1] as const },
      rules: [{ y: 0.5, label: "chance" }],
    });
  return {
    id: `ranks-${metric.replaceAll("_", "-")}`,
    heading: `From which step on is the order that of the end? ${titleOf(found)}`,
    lead,
    figures: found.pairs === 0 ? [] : [both(chart, document)],
    table: agreementTable(found),
    caption:
      "The line: orders of means over seeds. The band: the order of one seed alone, a 95% interval over seeds. Pairs that nothing tells apart at the end have no order but chance.",
  };
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
