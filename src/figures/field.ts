/** How far back predictions look: influence summed up by distance, after training and, in grey, before it. */
import type { MeasurementSite } from "../probes/probe.ts";
import { type LineSeries, lineChart } from "./charts/lines.ts";
import { both, type Figure } from "./figure.ts";
import { contextLimit } from "./past-limit.ts";
import { contextOf, type DemoResult, estimate, lookOf, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** A picture for each preset, of its longest contexts under its first policy. */
export const field: Figure = {
  id: "field",
  heading: "How far back does a prediction look?",
  metrics: ["influence"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const context = contextOf(results);
    const figures = presetsOf(results).flatMap((preset) => {
      const [trained, birth] = [cumulative(results, preset, "trained"), cumulative(results, preset, "birth")];
      if (trained === undefined) return [];
      const furthest = trained.points.at(-1)?.x ?? 0;
      const options = {
        label: `Share of the influence on a prediction that lies within a distance, for ${name(preset)}. ${lead}`,
        ...{ height: 260, yFormat: "%", yDomain: [0, 1] as const, behind: birth ? [birth] : [] },
        xLabel: "tokens before the predicted one →",
        yLabel: "↑ influence within",
        limit: context !== undefined && furthest > context ? contextLimit(context) : undefined,
      };
      return [{ ...both((width) => lineChart([trained], { ...options, width }), document), title: preset }];
    });
    const seen = presetsOf(results).some((preset) => cumulative(results, preset, "birth") !== undefined);
    return {
      figures,
      caption: `Influence: the size of the gradient of a token's log p by the embedding of an earlier one, summed up by distance.${
        seen ? " Thin and grey: the same model before training." : ""
      }`,
    };
  },
};

/** Where the figure's rows of a preset were measured: its longest contexts, the first policy there. */
function placeOf(results: readonly DemoResult[], preset: string, metric: string) {
  const rows = results
    .filter((result) => result.preset === preset)
    .flatMap(({ measurements }) => measurements.filter((row) => row.metric === metric));
  const length = Math.max(...rows.map(({ at }) => at.length ?? 0));
  const beyond = rows.find(({ at }) => at.length === length)?.at.beyond;
  const here = (at: MeasurementSite) => at.length === length && at.beyond === beyond;
  return { rows: rows.filter(({ at }) => here(at)), length, here };
}

function cumulative(results: readonly DemoResult[], preset: string, state: string): LineSeries | undefined {
  const { rows, here } = placeOf(results, preset, "influence");
  const own = rows.filter(({ at }) => at.state === state);
  const distances = [
    ...new Set(own.flatMap(({ at }) => (typeof at.distance === "number" ? [at.distance] : []))),
  ];
  if (distances.length === 0) return undefined;
  const mine = results.filter((result) => result.preset === preset);
  const shareAt = (distance: number) =>
    estimate(mine, preset, "influence", (at) => here(at) && at.state === state && at.distance === distance)
      ?.value ?? 0;
  let sum = 0;
  const points = [...distances]
    .sort((a, b) => a - b)
    .map((x) => {
      sum += shareAt(x);
      return { x, y: sum };
    });
  const label = state === "birth" ? "before" : preset;
  return { label, ...lookOf(results, preset), points };
}

/** The receptive field of each preset after and before training. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const clauses = presetsOf(results).flatMap((preset) => {
    const { rows, length, here } = placeOf(results, preset, "receptive_field");
    const at = (state: string) =>
      estimate(results, preset, "receptive_field", (place) => here(place) && place.state === state)?.value;
    const [trained, birth] = [at("trained"), at("birth")];
    const share = rows[0]?.at.share;
    if (trained === undefined || typeof share !== "number") return [];
    const before = birth === undefined ? "" : `, before training ${tokens(birth)}`;
    return [
      `${Math.round(100 * share)}% of what influences a prediction of ${name(preset)} lies within ${tokens(trained)} of ${length} tokens${before}.`,
    ];
  });
  return clauses.length > 0 ? clauses.join(" ") : undefined;
}

/** Whole, or the mean over seeds with a decimal. */
const tokens = (value: number): string => (Number.isInteger(value) ? `${value}` : value.toFixed(1));
