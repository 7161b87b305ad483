/** How attention falls with distance, whatever the words: of text, and of one word repeated. */
import { headCurves } from "./charts/head-curves.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { percent } from "./format.ts";
import {
  extremeHeads,
  type HeadRow,
  headRowsOf,
  middleOf,
  NAMES,
  type PresetHeads,
  shortName,
} from "./head-rows.ts";
import { encodingColor } from "./palette.ts";
import { type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

const METRICS = ["positional_kernel", "kernel_near"] as const;

/** Small multiples of kernels for each preset. */
export const kernels: Figure = {
  id: "kernels",
  heading: "How does attention fall with distance, whatever the words?",
  metrics: METRICS,
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    return {
      figures: headRowsOf(results, METRICS).flatMap((one) => curves(one, document)),
      caption: `Share of a head's attention by distance, over queries that all see the same distances, the first token left out; the height grows as the square root. Solid: text. Dashed: one word repeated, so that only positions tell keys apart. ${NAMES}`,
    };
  },
};

const isNear = ({ metric, at }: HeadRow) =>
  metric === "kernel_near" && (at as { fed?: unknown }).fed === "one word";

function curves({ preset, kind, rows }: PresetHeads, document: Document): ReportFigure[] {
  const points = rows
    .filter(({ metric }) => metric === "positional_kernel")
    .map(({ at: { layer, head, ...at }, value }) => ({
      ...{ layer, head, x: middleOf(at), y: value },
      curve: (at as { fed?: string }).fed === "text" ? "text" : "one word",
    }));
  if (points.length === 0) return [];
  const options = {
    label: `Positional kernel of each head of ${name(preset)}, of text and of one word repeated. ${classes(rows)}`,
    xLabel: "tokens before the query →",
    looks: {
      text: { stroke: encodingColor(kind) },
      "one word": { stroke: "currentColor", dash: "4 3" },
    },
  };
  const chart = both((width) => headCurves(points, { ...options, width }), document);
  return [{ title: name(preset), ...chart, caption: classes(rows) }];
}

/** Most heads that are named one by one. */
const FEW = 16;

/** "Fed one word, by class: local `L0H0`, `L1H0`; slow `L0H1`; …", or how many of each class. */
function classes(rows: readonly HeadRow[]): string {
  const near = rows.filter(isNear);
  const kinds = ["local", "slow", "uniform"].flatMap((kind) => {
    const heads = near.filter(({ at }) => (at as { class?: string }).class === kind);
    const named = near.length <= FEW ? heads.map(shortName).join(", ") : heads.length;
    return heads.length === 0 ? [] : `${kind} ${named}`;
  });
  const counted = near.length <= FEW ? "by class" : "heads by class";
  return kinds.length === 0 ? "" : `Fed one word, ${counted}: ${kinds.join("; ")}.`;
}

/** How much of the kernel of one word lies near the query. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const presets = headRowsOf(results, METRICS);
  const found = extremeHeads(presets, isNear);
  const [row] = presets.flatMap(({ rows }) => rows.filter(isNear));
  if (found === undefined || row === undefined) return undefined;
  const within = (row.at as { within?: number }).within ?? 0;
  const whose = presetsOf(results).length === 1 ? "" : " of any preset";
  return `Where one word is repeated, so that only positions tell keys apart, the head${whose} that is most local, ${found.most}, gives ${percent(found.high)} of its kernel to distances up to ${within}; the least local, ${found.least}, gives ${percent(found.low)}.`;
}
