/** Which rotary frequencies each head uses, and what the fastest and the slowest are worth. */
import { headCurves } from "./charts/head-curves.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { fixed } from "./format.ts";
import { headRowsOf, type PresetHeads } from "./head-rows.ts";
import { encodingColor } from "./palette.ts";
import { type DemoResult, estimate, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** Small multiples for each preset that rotates queries and keys. */
export const frequencies: Figure = {
  id: "frequencies",
  heading: "Which rotary frequencies do the heads use?",
  metrics: ["frequency_share", "frequency_ablation"],
  optional: true,
  sentence,
  draw(results, document) {
    const presets = headRowsOf(results, ["frequency_share"]);
    if (presets.length === 0) return undefined;
    return {
      figures: presets.flatMap((one) => curves(one, document)),
      caption:
        "Use of each pair of columns: mean length of its queries times that of its keys, as a share of the head's; the height grows as the square root. Pairs go from the fastest, which turns most from one token to the next, to the slowest. The dotted line is what every pair would have if all were used alike.",
    };
  },
};

function curves({ preset, kind, rows }: PresetHeads, document: Document): ReportFigure[] {
  const points = rows.map(({ at: { layer, head, ...at }, value }) => ({
    ...{ layer, head, x: (at as { pair?: number }).pair ?? 0, y: value, curve: "share" },
  }));
  const options = {
    label: `Use of rotary frequencies by each head of ${name(preset)}, as shares.`,
    xLabel: "pair, from fast to slow →",
    looks: { share: { stroke: encodingColor(kind) } },
    rule: 1 / new Set(points.map(({ x }) => x)).size,
  };
  return [{ title: name(preset), ...both((width) => headCurves(points, { ...options, width }), document) }];
}

/** What a token costs without the most pairs that were taken out, of either end. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const clauses = presetsOf(results).flatMap((preset) => {
    const counts = results.flatMap(({ preset: one, measurements }) =>
      measurements.flatMap(({ metric, at }) =>
        one === preset && metric === "frequency_ablation" ? [Number(at.pairs)] : [],
      ),
    );
    const pairs = Math.max(0, ...counts);
    const [fast, slow] = ["fastest", "slowest"].map((end) =>
      estimate(results, preset, "frequency_ablation", (at) => at.zeroed === end && at.pairs === pairs),
    );
    if (fast === undefined || slow === undefined) return [];
    return `in ${name(preset)} a token costs ${fixed(fast.value)} nats more without the ${pairs} fastest pairs, and ${fixed(slow.value)} without the ${pairs} slowest`;
  });
  return clauses.length === 0 ? undefined : `What frequencies are worth: ${clauses.join("; ")}.`;
}
