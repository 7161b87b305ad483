/**
 * How often a training succeeds at a length: the share of seeds whose exact match reaches the
 * threshold, with an exact binomial interval, and every seed as a dot. Success at length is bimodal
 * over seeds (arXiv:2502.17356), so that a mean tells no run.
 */
import { LEAST_SEEDS } from "../compare/paired.ts";
import { binomialInterval } from "../compare/success.ts";
import { mean } from "../tensor/numbers.ts";
import { multiples, type Panel } from "./charts/multiples.ts";
import { both, type Figure } from "./figure.ts";
import { listed, percent } from "./format.ts";
import { bestOfEach, contextLimit, isFar, oneEach } from "./past-limit.ts";
import { type Curve, contextOf, curves, type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** From which exact match a size counts as mastered, where no row says it; RULER's (Hsieh et al. 2024, section 4). */
const THRESHOLD = 0.85;

/** A panel for each condition of three seeds or more. */
export const success: Figure = {
  id: "success",
  heading: "How often does a training succeed at a length?",
  metrics: ["exact_match", "success_at_2l"],
  optional: true,
  sentence,
  draw(results, document) {
    const panels = panelsOf(results);
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    const context = contextOf(results);
    const options = {
      label: `P(success) by length, a panel for each condition, every seed as a dot. ${lead}`,
      ...{ xLabel: "tokens →", yLabel: "↑ P(success); exact match", yDomain: [0, 1] as const, yFormat: "%" },
      ...{ logX: isFar(panels, context), rules: [{ y: thresholdOf(results) }] },
      limit: context === undefined ? undefined : contextLimit(context),
    };
    return {
      figures: [both((width) => multiples(panels, { ...options, width }), document)],
      caption: `Lines: share of seeds whose exact match is ${percent(thresholdOf(results))} or more, with its 95% interval by Clopper and Pearson (1934). Dots: exact match of each seed. Dotted: the threshold. Shaded: past L_max.`,
    };
  },
};

function thresholdOf(results: readonly DemoResult[]): number {
  const rows = results.flatMap(({ measurements }) => measurements);
  const threshold = rows.find(({ metric }) => metric === "success_at_2l")?.at.threshold;
  return typeof threshold === "number" ? threshold : THRESHOLD;
}

/** Of each preset with enough seeds, its curve of success; of several policies, the one that answers most. */
function panelsOf(results: readonly DemoResult[]): Panel[] {
  const threshold = thresholdOf(results);
  const enough = presetsOf(results).filter(
    (preset) => results.filter((result) => result.preset === preset).length >= LEAST_SEEDS,
  );
  const some = results.filter(({ preset }) => enough.includes(preset));
  const means = curves(some, "exact_match", ({ length }) => length);
  const ranked = means.map((curve) => ({ curve, all: mean(curve.points.map(({ y }) => y)) }));
  const best = new Set(bestOfEach(some, ranked, (a, b) => b.all - a.all).map(({ curve }) => curve.label));
  return oneEach(means, ({ label }) => best.has(label)).map((curve) => {
    const seeds = seedsOf(some, curve);
    const lengths = [...new Set(seeds.map(({ x }) => x))].sort((a, b) => a - b);
    const points = lengths.map((x) => {
      const here = seeds.filter((seed) => seed.x === x);
      const reached = here.filter(({ y }) => y >= threshold).length;
      return { x, y: reached / here.length, ...binomialInterval(reached, here.length) };
    });
    return { ...curve, points, dots: seeds };
  });
}

/** The exact match of every seed under the policy of a curve. */
const seedsOf = (results: readonly DemoResult[], { preset, label }: Curve) =>
  results
    .filter((result) => result.preset === preset)
    .flatMap((result) => curves([result], "exact_match", ({ length }) => length))
    .filter((curve) => curve.label === label)
    .flatMap(({ points }) => points.map(({ x, y }) => ({ x, y })));

/** How far each condition succeeds more often than not. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const panels = panelsOf(results);
  if (panels.length === 0) return undefined;
  const reach = panels.map(({ label, points }) => {
    const first = points.findIndex(({ y }) => y < 0.5);
    return { label, to: first === 0 ? undefined : points.at(first < 0 ? -1 : first - 1)?.x };
  });
  const lengths = [...new Set(reach.map(({ to }) => to))].sort((a, b) => (b ?? 0) - (a ?? 0));
  const clauses = lengths.map((to) => {
    const names = listed(reach.filter((one) => one.to === to).map(({ label }) => name(label)));
    return to === undefined
      ? `at no length that was tested with ${names}`
      : `up to ${to} tokens with ${names}`;
  });
  return `Half of the trainings or more succeed ${clauses.join("; ")}.`;
}
