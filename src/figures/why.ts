/**
 * Why conditions differ, side by side: where attention scores come from, how attention falls with
 * distance, how much of it is absolute, and which frequencies are used. A panel a condition, on one
 * pair of scales; what each head does of one model is on that model's own page.
 */
import { TERMS, type Term } from "../probes/score-terms.ts";
import { mean } from "../tensor/numbers.ts";
import { type ForestRow, forest } from "./charts/forest.ts";
import type { LinePoint } from "./charts/lines.ts";
import { multiples, type Panel } from "./charts/multiples.ts";
import { type GridCell, numberGrid } from "./charts/number-grid.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { fixed } from "./format.ts";
import { frequencies } from "./frequencies.ts";
import { type HeadRow, middleOf } from "./head-rows.ts";
import { kernels } from "./kernels.ts";
import { leakage } from "./leakage.ts";
import { type DemoResult, lookOf, presetsOf } from "./results.ts";
import { SHORT_TERMS, scoreTerms } from "./score-terms.ts";

/** Rows of heads by condition, of all seeds. */
function headsOf(results: readonly DemoResult[], preset: string, where: (row: HeadRow) => boolean) {
  const own = results.filter((result) => result.preset === preset);
  return own.flatMap(({ measurements }, seed) =>
    measurements
      .filter(
        (row): row is HeadRow => row.value !== null && row.at.head !== undefined && where(row as HeadRow),
      )
      .map((row) => ({ seed, row })),
  );
}

/** A thin curve for each head of the first seed, and the mean over heads and seeds. */
function curvePanels(
  results: readonly DemoResult[],
  where: (row: HeadRow) => boolean,
  place: (row: HeadRow) => number,
): Panel[] {
  return presetsOf(results).flatMap((preset): Panel[] => {
    const all = headsOf(results, preset, where);
    if (all.length === 0) return [];
    const byPlace = new Map<number, number[]>();
    const strands = new Map<string, LinePoint[]>();
    for (const { seed, row } of all) {
      const [x, y] = [place(row), row.value];
      byPlace.set(x, [...(byPlace.get(x) ?? []), y]);
      const head = `${row.at.layer} ${row.at.head}`;
      if (seed === 0) strands.set(head, [...(strands.get(head) ?? []), { x, y }]);
    }
    const points = [...byPlace].map(([x, ys]) => ({ x, y: mean(ys) })).sort((a, b) => a.x - b.x);
    const { kind, variant } = lookOf(results, preset);
    return [{ label: preset, kind, variant, points, strands: [...strands.values()] }];
  });
}

const strandExtent = (panels: readonly Panel[]): readonly [number, number] => {
  const all = panels.flatMap(({ points, strands = [] }) => [...points, ...strands.flat()].map(({ y }) => y));
  return [0, Math.max(...all)];
};

const THICK = "Thick: the mean over heads and seeds; thin: each head of the first seed.";

const whyKernels: Figure = {
  ...kernels,
  draw(results, document) {
    const ofOneWord = ({ metric, at }: HeadRow) =>
      metric === "positional_kernel" && (at as { fed?: string }).fed !== "text";
    const panels = curvePanels(results, ofOneWord, ({ at }) => middleOf(at));
    if (panels.length === 0) return undefined;
    const options = {
      label: `Positional kernel of one word repeated, a panel for each condition. ${kernels.sentence(results) ?? ""}`,
      ...{ xLabel: "tokens before the query →", yLabel: "↑ share of attention", yFormat: "%", rootY: true },
      yDomain: strandExtent(panels),
    };
    return {
      figures: [both((width) => multiples(panels, { ...options, width }), document)],
      caption: `Share of attention by distance where one word is repeated, so that only positions tell keys apart; the first token is left out, and the height grows as the square root. ${THICK}`,
    };
  },
};

const whyFrequencies: Figure = {
  ...frequencies,
  draw(results, document) {
    const panels = curvePanels(
      results,
      ({ metric }) => metric === "frequency_share",
      ({ at }) => Number((at as { pair?: number }).pair ?? 0),
    );
    if (panels.length === 0) return undefined;
    const pairs = Math.max(...panels.map(({ points }) => points.length));
    const options = {
      label: `Use of rotary frequencies, a panel for each condition that turns queries and keys. ${frequencies.sentence(results) ?? ""}`,
      ...{ xLabel: "pair, from fast to slow →", yLabel: "↑ share of use", yFormat: "%" },
      ...{ yDomain: strandExtent(panels), rules: [{ y: 1 / pairs }] },
    };
    return {
      figures: [both((width) => multiples(panels, { ...options, width }), document)],
      caption: `Mean length of a pair's queries times that of its keys, as a share of the head's. Dotted: what every pair would have if all were used alike. ${THICK}`,
    };
  },
};

const whyLeakage: Figure = {
  ...leakage,
  draw(results, document) {
    const titles = { score_leakage: "scores, before the softmax", pattern_leakage: "weights, after it" };
    const figures = Object.entries(titles).flatMap(([metric, title]): ReportFigure[] => {
      const rows = presetsOf(results).flatMap((preset): ForestRow[] => {
        const of = (row: HeadRow) =>
          row.metric === metric && (row.at as { fed?: string }).fed === "random words";
        const heads = headsOf(results, preset, of).map(({ row }) => row.value);
        if (heads.length === 0) return [];
        return [{ label: preset, kind: lookOf(results, preset).kind, mean: mean(heads), seeds: heads }];
      });
      if (rows.length === 0) return [];
      const options = {
        label: `Share of the variance of ${title} that the query's place explains: ${rows.map(({ label, mean: center }) => `${label} ${fixed(center)}`).join(", ")}.`,
        ...{ xLabel: "share that the query's place explains →", zero: false, bounds: [0, 1] as const },
      };
      return [{ title, ...both((width) => forest(rows, { ...options, width }), document) }];
    });
    if (figures.length === 0) return undefined;
    return {
      figures,
      caption:
        "Of the variance at a fixed distance between random words, which say nothing of places. Small dots: heads of all seeds. Large dots: means. A causal mask alone shows in the weights; scores have no such share.",
    };
  },
};

const whyTerms: Figure = {
  ...scoreTerms,
  draw(results, document) {
    const rows = results.flatMap(({ preset, measurements }) =>
      measurements.flatMap(({ metric, value, at }) =>
        metric === "term_share" && value !== null && at.head === undefined
          ? [{ preset, value, basis: String(at.basis), layer: Number(at.layer), term: at.term as Term }]
          : [],
      ),
    );
    const basis = rows.some((row) => row.basis === "means") ? "means" : "direct";
    const own = rows.filter((row) => row.basis === basis);
    const layers = [...new Set(own.map(({ layer }) => layer))].sort((a, b) => a - b);
    const figures = layers.map((layer): ReportFigure => {
      const cells = presetsOf(results).flatMap((preset) =>
        TERMS.flatMap((term): GridCell[] => {
          const values = own.filter((r) => r.preset === preset && r.layer === layer && r.term === term);
          if (values.length === 0) return [];
          const value = mean(values.map((one) => one.value));
          return [{ row: preset, column: SHORT_TERMS[term], text: fixed(100 * value, 0), strength: value }];
        }),
      );
      const label = `Shares of the variance of attention scores in block ${layer}, in percent: a row for each condition, a column for each term.`;
      const grid = (width: number) => numberGrid(cells, { label, rowLabel: "", width, widest: 76 });
      return { title: `block ${layer}, % of the variance of scores`, ...both(grid, document) };
    });
    if (figures.length === 0) return undefined;
    return {
      figures,
      caption: `Means over heads and seeds. v: the token, p: the position; v·p is the query's token with the key's position. turn: what turning queries and keys brings; bias: what the encoding adds to scores; rest: products with biases and with what earlier blocks added. ${basis === "means" ? "A position's part is what its vectors have in common when every token has stood there." : "Straight from the embedding."}`,
    };
  },
};

/** In place of the figures of each head, where several conditions stand side by side. */
export const why: readonly Figure[] = [whyTerms, whyKernels, whyLeakage, whyFrequencies];
