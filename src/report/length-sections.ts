/** The report's sections on what happens past L_max: the loss by position, and the answers to longer stories. */
import type { LineSeries } from "./charts/lines.ts";
import { lossByPosition } from "./charts/loss-by-position.ts";
import { storyAccuracy } from "./charts/story-accuracy.ts";
import { bands, both, missing } from "./figures.ts";
import type { ReportSection } from "./page.ts";
import { contextOf, curves, type DemoResult } from "./results.ts";
import * as say from "./sentences.ts";

const BINS_PER_OCTAVE = 8;

/**
 * The bin of a length, as the geometric middle of the whole numbers in it: an eighth of an octave wide, with L_max the last
 * number of its bin, so that none holds lengths from both sides.
 */
export function octaveBin(length: number, context: number): number {
  const edge = (k: number) => Math.floor(context * 2 ** (k / BINS_PER_OCTAVE) + 1e-9);
  let k = Math.ceil(Math.log2(length / context) * BINS_PER_OCTAVE - 1e-9);
  while (edge(k) < length) k++; // edges are rounded down to whole numbers
  return Math.sqrt((edge(k - 1) + 1) * edge(k));
}

/** The loss by position of each encoding, under each policy past L_max. */
export function lengthSection(results: readonly DemoResult[], document: Document): ReportSection {
  const context = contextOf(results);
  const series = curves(results, "nll", (at) => {
    const read = say.tokensRead(at);
    return read === undefined || context === undefined ? read : octaveBin(read, context);
  });
  const id = { id: "length", heading: "What happens past L_max?" };
  if (series.length === 0) return { ...id, lead: missing("nll") };
  const lead = say.lengthSentence(results) ?? "No curve has points on both sides of a known L_max.";
  const label = `Loss by position in the context, a line for each encoding and policy. ${lead}`;
  const logX = isFar(series, context);
  return {
    ...id,
    lead: [lead, say.policySentence(results)].filter(Boolean).join(" "),
    figures: [both((width) => lossByPosition(series, { context, label, width, logX }), document)],
    caption: [
      "Mean loss of the next token, held-out stories.",
      context !== undefined && "Points average an eighth of an octave of positions.",
      "In parentheses: what is done about positions past L_max.",
      context !== undefined &&
        `“From … to” compares the mean over ${context / 2 + 1} to ${context} with that over ${context + 1} to ${2 * context}.`,
      bands(series),
    ]
      .filter(Boolean)
      .join(" "),
  };
}

/** Right answers by the length of the story, for each encoding, under each policy past L_max. */
export function storySection(results: readonly DemoResult[], document: Document): ReportSection {
  const series = curves(results, "story_accuracy", (at) => at.length);
  const id = { id: "stories", heading: "Does it still answer when the story is longer?" };
  if (series.length === 0) return { ...id, lead: missing("story_accuracy") };
  const lead =
    say.storySentence(results) ?? "No story measured is between a known L_max and twice that long.";
  const label = `Share of right answers by the length of the story, a line for each encoding and policy. ${lead}`;
  const context = contextOf(results);
  const logX = isFar(series, context);
  return {
    ...id,
    lead,
    figures: [both((width) => storyAccuracy(series, { context, label, width, logX }), document)],
    caption: `Answers to the question at the end of a story. ${bands(series)}`,
  };
}

/** Whether lengths reach so far past L_max that the trained window would be a sliver of the figure. */
function isFar(series: readonly LineSeries[], context: number | undefined): boolean {
  return context !== undefined && series.some((one) => one.points.some((point) => point.x > 4 * context));
}
