/** The report's section on one pair of sentences: what `probe --pair` prints, as a picture. */
import { pairBars } from "../../figures/charts/pair-bars.ts";
import { both } from "../../figures/figures.ts";
import { fixed, listed } from "../../figures/format.ts";
import { type DemoResult, presetsOf } from "../../figures/results.ts";
import { name } from "../../figures/sentences.ts";
import type { ReportSection } from "./page.ts";

/** Two bars for each preset; of several seeds, the first. */
export function pairSection(results: readonly DemoResult[], document: Document): ReportSection {
  const id = { id: "pair", heading: "One pair, side by side" };
  const found = presetsOf(results).flatMap((preset) => {
    const pair = results.find((result) => result.preset === preset)?.pair;
    return pair ? [{ preset, pair }] : [];
  });
  const [first] = found;
  if (first === undefined)
    return { ...id, lead: "These runs hold no pair of sentences, so this figure is left out." };
  const { sentences, continuation, answers } = first.pair;
  const apart = found.map(({ preset, pair }) => `${fixed(pair.divergenceBits)} in ${name(preset)}`);
  const lead = `Of the next word after “${sentences[0]} ${continuation}” and after “${sentences[1]} ${continuation}”, the two distributions are apart by ${listed(apart)}, in bits of at most 1 (Jensen-Shannon divergence).`;
  const rows = found.map(({ preset, pair }) => ({
    kind: preset,
    probabilities: pair.probabilities,
    note: `${fixed(pair.divergenceBits)} bits apart`,
  }));
  const label = `Two bars for each preset, one a sentence: how likely ${listed([...answers])} are as the next word. ${lead}`;
  return {
    ...id,
    lead,
    figures: [both((width) => pairBars(rows, { label, sentences, answers, width }), document)],
    caption: `How likely ${answers.map((answer) => `“${answer}”`).join(" and ")} are as the next word; grey: all other words. No training story has these three words in one sentence. Other pairs: \`npm run -s probe -- CHECKPOINT --pair\`.`,
  };
}
