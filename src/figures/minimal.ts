/**
 * How often each model prefers the good sentence of a minimal pair: a dot for each paradigm,
 * guessing at one half.
 */
import { fractionInterval } from "../compare/intervals.ts";
import type { MeasurementSite } from "../probes/probe.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { count, listed, percent } from "./format.ts";
import { type DemoResult, estimate, lookOf, presetsOf } from "./results.ts";
import { type AccuracyRow, swapAccuracy } from "./swap-accuracy.ts";
import { name } from "./words.ts";

/** A picture for each preset and kind of words; filled: pairs of equal words, hollow: the others. */
export const minimal: Figure = {
  id: "minimal",
  heading: "Which of two sentences does it prefer?",
  metrics: ["minimal_accuracy"],
  optional: true,
  sentence,
  draw(results, document) {
    const lead = sentence(results);
    if (lead === undefined) return undefined;
    return {
      figures: presetsOf(results).flatMap((preset) => picture(results, preset, document)),
      caption:
        "The share of pairs whose good sentence is likelier than the bad one. Filled: both have the same words in another order; hollow: they do not, so that how frequent the words are counts too. Lines: 95% interval over the pairs.",
    };
  },
};

const KINDS = ["equal", "unequal"] as const;

function picture(results: readonly DemoResult[], preset: string, document: Document): ReportFigure[] {
  const own = results.filter((result) => result.preset === preset);
  const rows = own
    .flatMap(({ measurements }) => measurements)
    .filter((row) => row.metric === "minimal_accuracy");
  const paradigms = [...new Set(rows.map(({ at }) => at.paradigm as string | undefined))];
  const label = (paradigm: string | undefined) => paradigm?.replaceAll("_", " ") ?? "all pairs";
  const dots = paradigms.flatMap((paradigm) =>
    KINDS.flatMap((words): AccuracyRow[] => {
      const found = accuracyOf(own, preset, (at) => at.words === words && at.paradigm === paradigm);
      const { kind } = lookOf(results, preset);
      // hollow, as the examples of training elsewhere
      const split = words === "equal" ? "file" : "train";
      return found ? [{ label: label(paradigm), kind, split, ...found }] : [];
    }),
  );
  if (dots.length === 0) return [];
  const options = {
    label: `Share of minimal pairs whose good sentence ${name(preset)} prefers, a dot for each paradigm.`,
    xLabel: "good sentence preferred →",
  };
  return [{ ...both((width) => swapAccuracy(dots, { ...options, width }), document), title: preset }];
}

/** With Wilson's interval over the pairs, where there is none over seeds. */
function accuracyOf(
  results: readonly DemoResult[],
  preset: string,
  where: (at: MeasurementSite) => boolean,
): Pick<AccuracyRow, "value" | "low" | "high"> | undefined {
  const found = estimate(results, preset, "minimal_accuracy", where);
  if (found === undefined) return undefined;
  const { value, low, high, cases } = found;
  return low === undefined ? { value, ...fractionInterval(value, cases) } : { value, low, high };
}

/** The share over all pairs, of equal words and of others. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const parts = KINDS.flatMap((words) => {
    const all = presetsOf(results).flatMap((preset) => {
      const where = (at: MeasurementSite) => at.words === words && at.paradigm === undefined;
      const found = estimate(results, preset, "minimal_accuracy", where);
      return found ? [{ preset, ...found }] : [];
    });
    const [first] = all;
    if (first === undefined) return [];
    const pairs = first.cases / first.seeds;
    const shares = listed(all.map(({ preset, value }) => `${percent(value)} for ${name(preset)}`));
    return [`of ${count(pairs)} pairs of ${words} words the good sentence is the likelier one in ${shares}`];
  });
  return parts.length > 0 ? `${capital(parts.join("; "))}.` : undefined;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
