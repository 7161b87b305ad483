/**
 * How alike two places of the embedding stream are by their distance, and what tokens and positions
 * bring to it.
 */
import type { MeasurementSite } from "../probes/probe.ts";
import { lineChart } from "./charts/lines.ts";
import { chartSvg } from "./charts/plot.ts";
import { bands, type Figure, type ReportFigure } from "./figure.ts";
import { fixed, listed } from "./format.ts";
import { linePanels } from "./line-panels.ts";
import { type Curve, curves, type DemoResult, presetsOf } from "./results.ts";
import { extremes, name } from "./words.ts";

/** Pixels of a small figure: two stand side by side, one fits a phone. */
const SMALL = 300;

const PARTS = {
  "token-token": "v·v",
  "token-position": "v·p",
  "position-token": "p·v",
  "position-position": "p·p",
} as const;

export const streamCosine: Figure = {
  id: "cosine",
  heading: "What makes two places of the embedding alike?",
  metrics: ["stream_cosine", "cosine_part"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const series = curves(results, "stream_cosine", apart);
    const options = {
      label: `Mean cosine of two places of the embedding stream by distance, a line for each preset. ${lead}`,
      ...{ xLabel: "positions apart →", yLabel: "↑ cos(z_i, z_j)", height: 320 },
    };
    return {
      figures: [
        ...linePanels(series, options, document),
        ...presetsOf(results).flatMap((preset) => partsFigure(results, preset, document)),
      ],
      caption: `z = v + p, v the token's embedding and p what the encoding adds to it. v·p is the later place's token with the earlier one's position, divided by |z_i||z_j| as all four are: they add up to the cosine, which is the solid line. ${bands(series)}`,
    };
  },
};

/** A token with itself has a cosine of 1 whatever it is. */
const apart = ({ distance }: MeasurementSite) =>
  distance === 0 ? undefined : (distance as number | undefined);

function partsFigure(results: readonly DemoResult[], preset: string, document: Document): ReportFigure[] {
  const own = results.filter((result) => result.preset === preset);
  const parts = Object.entries(PARTS).flatMap(([term, label], i) =>
    curves(own, "cosine_part", (at) => (at.term === term ? apart(at) : undefined)).map((curve) => {
      return { ...curve, label, variant: i + 1 };
    }),
  );
  if (parts.length < 2) return []; // no positions are added
  const whole = curves(own, "stream_cosine", apart).map((curve) => ({ ...curve, label: "cos", variant: 0 }));
  const chart = lineChart([...whole, ...parts], {
    label: `The four parts of the cosine in ${name(preset)} by distance.`,
    ...{ xLabel: "positions apart →", yLabel: "↑ cosine", width: SMALL, height: 260 },
  });
  return [{ title: name(preset), small: true, svg: chartSvg(chart, document) }];
}

/** The cosine of neighbours, and what their positions bring. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const at1 = (metric: string, preset: string, term?: string) => {
    const own = results.filter((result) => result.preset === preset);
    const found: Curve[] = curves(own, metric, (at) => (at.term === term ? apart(at) : undefined));
    return found[0]?.points.find(({ x }) => x === 1)?.y;
  };
  const found = presetsOf(results).flatMap((preset) => {
    const value = at1("stream_cosine", preset);
    return value === undefined
      ? []
      : [{ label: preset, value, positions: at1("cosine_part", preset, "position-position") }];
  });
  const added = found.flatMap(({ label, value, positions }) =>
    positions === undefined ? [] : [`${fixed(value)} in ${name(label)} (p·p brings ${fixed(positions)})`],
  );
  const bare = extremes(
    found.filter(({ positions }) => positions === undefined),
    (value) => fixed(value),
  );
  const parts = [
    ...(added.length > 0 ? [`is ${listed(added)}`] : []),
    ...(bare ? [`${added.length > 0 ? "where no positions are added to tokens, it " : ""}${bare}`] : []),
  ];
  return parts.length === 0 ? undefined : `The mean cosine of neighbouring places ${parts.join("; ")}.`;
}
