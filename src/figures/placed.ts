/**
 * One seed of this machine's among the seeds of a published study: does each number lie where one
 * further seed would?
 */
import { forest } from "./charts/forest.ts";
import { chartSvg } from "./charts/plot.ts";
import type { ReportSection } from "./figure.ts";
import { fixed, listed } from "./format.ts";
import { HEADLINES, type Placed } from "./headline.ts";
import { name, plural } from "./words.ts";

/** Pixels of a figure: two stand side by side, one fits a phone. */
const SMALL = 340;

/** How many lie where they should, and which do not; undefined where the study has none of them. */
export function placedSentence(placed: readonly Placed[]): string | undefined {
  if (placed.length === 0) return undefined;
  const outside = placed.filter(({ isWithin }) => !isWithin);
  const of = `${placed.length - outside.length} of ${placed.length} numbers of this run lie where one further seed of the study would, in 19 of 20 cases each`;
  if (outside.length === 0) return `${of}.`;
  return `${of}; outside ${plural(outside, "lies", "lie")} ${listed(outside.map(placeText))}.`;
}

function placeText({ preset, headline: { heading, digits }, value, next }: Placed): string {
  return `${heading}${heading.includes(",") ? "," : ""} of ${name(preset)} (${fixed(value, digits)}, not ${fixed(next.low, digits)} to ${fixed(next.high, digits)})`;
}

/** "8", or "3 to 10": seeds of the study behind an interval. */
export function seedsText(placed: readonly Placed[]): string {
  const counts = placed.map(({ seeds }) => seeds.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** A figure for each number; undefined where there are none. */
export function placedSection(
  placed: readonly Placed[],
  document: Document,
  isOfStudy: boolean,
): ReportSection | undefined {
  const lead = placedSentence(placed);
  if (lead === undefined) return undefined;
  const figures = HEADLINES.flatMap(({ key, heading }) => {
    const some = placed.filter(({ headline }) => headline.key === key);
    if (some.length === 0) return [];
    const rows = some.map(({ preset, encoding, value, seeds, next }) => ({
      ...{ label: preset, kind: encoding, mean: value, seeds, low: next.low, high: next.high },
    }));
    const label = `${heading} of this run over the study's seeds. ${placedSentence(some)}`;
    const chart = forest(rows, { label, xLabel: `${heading} →`, width: SMALL, zero: false });
    return [{ title: heading, small: true, svg: chartSvg(chart, document) }];
  });
  const own = isOfStudy
    ? " This seed is one of the study's: what differs here is the machine, whose last bits training makes large."
    : "";
  return {
    id: "study",
    heading: "Is this run like the study's?",
    lead: `${lead}${own}`,
    figures,
    caption: `Large dots: this run. Small dots: the study's seeds, ${seedsText(placed)} of each preset. Lines: where one further seed lies in 19 of 20 cases (95% prediction interval, mean ± t·s·√(1 + 1/n)); the interval of the study's mean is narrower, and says nothing of one seed. Of so many numbers one in twenty lies outside by chance.`,
  };
}
