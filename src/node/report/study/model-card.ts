/** The card of a published model, in Markdown: where it comes from, and what it measured. */
import { count, fixed } from "../../../figures/format.ts";
import { createModel } from "../../../model/model.ts";
import { groupsOf } from "../../../probes/groups.ts";
import { metrics } from "../../../probes/index.ts";
import type { Measurement } from "../../../probes/probe.ts";
import type { ModelFacts } from "../../jobs/study/published-checkpoints.ts";
import { type Line, linesOf, written } from "../lines.ts";
import { markdownTable } from "../markdown.ts";

/** Coordinates of parts of a model, or of its contexts: a card is of the whole. */
const PARTS: ReadonlySet<string> = new Set(["layer", "head", "inverted"]);
/** Coordinates that a card does without: all lines are of examples that were not trained on. */
const UNTOLD: ReadonlySet<string> = new Set(["split", "length"]);
/** The policy of an encoding that is defined everywhere. */
const DEFINED = "contiguous";

/** The text of a model's README.md. */
export function modelCard(model: ModelFacts): string {
  const { name, run, published } = model;
  const { layers, heads, width, context } = run.preset.model;
  const { title, source } = createModel(run.preset.model, 2).definition; // of any vocabulary
  const rows = knownRows(model);
  return `---
license: mit
library_name: whereabouts
---

# ${name}

A GPT of ${layers} layers, ${heads} heads, width ${width} and ${count(published.parameters)} parameters.
Positions: ${title} (\`${published.encoding}\`), ${source}.
Data: ${run.sweep.title} (\`${JSON.stringify(run.sweep.data)}\`), L_max ${context} tokens.

${markdownTable(["field", "value"], provenanceRows(model))}

## What it knows

On examples that it was not trained on, as its own probes measured (${published.probes.join(", ")}).
After ± stands the standard error over n examples. It is one seed: the study beside it has intervals
over seeds. \`published.json\` holds all ${count(published.measurements.length)} rows.

${markdownTable(
  ["metric", "where", "value", "unit", "n"],
  rows.map(({ cells }) => cells),
)}

${[...new Set(rows.map(({ metric }) => metric))].map((metric) => `- **${metric}**: ${metrics[metric]?.meaning}`).join("\n")}

## Ask it

\`\`\`sh
npm run -s probe -- checkpoints/published/${name}
npm run -s probe -- checkpoints/published/${name} --page ${name}.html
\`\`\`

\`npm run -s study -- --publish-checkpoints\` made this folder and this card.
`;
}

function provenanceRows({ run, published, step, weights }: ModelFacts): string[][] {
  const { preset, condition } = run;
  const validated = published.validation.find(([at]) => at === step)?.[1];
  const loss = validated === undefined ? "" : `, validation loss ${fixed(validated, 4)} nats`;
  const { whereabouts = "unknown", node = "unknown", engine = "unknown" } = published.versions;
  return [
    ["preset", `\`models/${condition}.json\` with the fields that the study sets; \`config.json\` has all`],
    ["seed", `${preset.seed}`],
    ["step", `${count(step)} of ${count(preset.train.steps)}: the best of those saved${loss}`],
    ["run", `\`${published.run}\``],
    ["configuration", `sha256 \`${published.sha256}\``],
    [
      "weights",
      `\`model.safetensors\`, float32, ${count(weights.bytes)} bytes, sha256 \`${weights.sha256}\``,
    ],
    ["computed by", `whereabouts ${whereabouts}, Node ${node}, ${engine}`],
    ["trained", `${published.endedAt.slice(0, 10)}, ${count(published.seconds)} s`],
    ["licence", "MIT"],
  ];
}

interface KnownRow {
  readonly metric: string;
  readonly cells: readonly string[];
}

/** What judges the whole model; neighbours of one value, and policies of one value, share a row. */
function knownRows({ run, published }: ModelFacts): KnownRow[] {
  const judging = published.measurements.filter(
    ({ metric, value, at }) =>
      value !== null &&
      (metrics[metric]?.better ?? "neither") !== "neither" &&
      at.split !== "train" &&
      !Object.keys(at).some((key) => PARTS.has(key)),
  );
  const byMetric = groupsOf(judging.map(withoutUntold), ({ metric }) => metric).flat();
  const whole = linesOf(byMetric, run.preset.model.context);
  return shared(
    shared(whole, "items", (some) => `${some[0]}–${some.at(-1)}`),
    "beyond",
    (some) => some.join(", "),
  ).map((line) => ({
    metric: line.metric,
    cells: [line.metric, placeText(line.at), valueText(line), line.unit, count(line.n)],
  }));
}

/** Tokens and items are counted. */
const valueText = ({ value, se }: Line): string =>
  Number.isInteger(value) && (se === undefined || se === null)
    ? count(value as number)
    : (written(value, se) ?? "");

function withoutUntold(row: Measurement): Measurement {
  const told = Object.entries(row.at).filter(([key]) => !UNTOLD.has(key));
  return { ...row, at: Object.fromEntries(told) };
}

/**
 * Puts lines into one that stand one after another, have the same value, and differ in one
 * coordinate alone.
 *
 * @param joined the place of several
 */
function shared(
  lines: readonly Line[],
  field: string,
  joined: (places: readonly string[]) => string,
): Line[] {
  const groups: { key: string; places: string[]; line: Line }[] = [];
  for (const line of lines) {
    const { [field]: place, ...others } = line.at;
    const key = JSON.stringify([line.metric, others, line.value, line.se, line.n]);
    const open = groups.findLast((group) => group.key === key);
    if (open !== undefined && place !== undefined) open.places.push(`${place}`);
    else groups.push({ key, places: place === undefined ? [] : [`${place}`], line });
  }
  return groups.map(({ places, line }) =>
    places.length < 2 ? line : { ...line, at: { ...line.at, [field]: joined(places) } },
  );
}

/** "position 0–31, wrap"; an encoding that is defined everywhere has no policy to name. */
function placeText(at: Line["at"]): string {
  const told = Object.entries(at).filter(([, value]) => value !== DEFINED);
  return told.map(([key, value]) => (key === "beyond" ? `${value}` : `${key} ${value}`)).join(", ") || "all";
}
