/** What `probe --look` prints for a person. */
import { fixed, fourDigits } from "../../figures/format.ts";
import { type Look, type LookedContext, meanWeight, PLACES_OF_KEYS } from "../../figures/look.ts";
import { textTable } from "../../figures/table.ts";
import type { AttentionMap } from "../../probes/look.ts";
import { wrapped } from "./wrap.ts";

/** As many tokens as have a column each on 80 columns, and as many maps as one reads. */
const FEW_TOKENS = 9;
const FEW_MAPS = 16;

/**
 * Of each context how much weight each head gives to certain keys, and where they are few, all
 * weights; then what else there is.
 */
export function lookText({ contexts, patterns, biases, table, frequencies }: Look): string {
  const parts = contexts.flatMap((context, index) => {
    const own = patterns.filter((map) => map.context === index);
    const bias = biases.filter((map) => map.context === index);
    return [
      wrapped(context.tokens.join(" ")),
      summaryText(own),
      ...mapsText("pattern", own, context),
      ...mapsText("bias", bias, context),
    ];
  });
  if (contexts.length === 0)
    parts.push(wrapped("No patterns: give two sentences with --pair, or a text with --text."));
  if (table !== undefined)
    parts.push(
      wrapped(
        `Added to the tokens: ${table.length} position vectors of ${table[0]?.length} numbers (--json prints them).`,
      ),
    );
  if (frequencies.length > 0) parts.push(frequencyText(frequencies));
  return parts.join("\n\n");
}

function summaryText(maps: readonly AttentionMap[]): string {
  const columns = [
    ...["layer", "head"].map((key) => ({ key, heading: key })),
    ...PLACES_OF_KEYS.map(({ name }) => ({ key: name, heading: name })),
  ];
  const rows = maps.map((map) => ({
    ...{ layer: map.layer, head: map.head },
    ...Object.fromEntries(
      PLACES_OF_KEYS.map((place) => [place.name, orNothing(meanWeight(map, place))] as const),
    ),
  }));
  return `Mean attention weight to:\n${textTable(columns, rows)}`;
}

const orNothing = (value: number) => (Number.isFinite(value) ? value : null);

function mapsText(what: string, maps: readonly AttentionMap[], { tokens }: LookedContext): string[] {
  if (maps.length === 0) return [];
  if (tokens.length > FEW_TOKENS || maps.length > FEW_MAPS)
    return [
      wrapped(
        `${maps.length} maps of ${tokens.length} by ${tokens.length} tokens are not printed (${what}): give --json, or choose some with --layers and --heads.`,
      ),
    ];
  const columns = [
    { key: "query", heading: "query" },
    ...tokens.map((token, j) => ({ key: `${j}`, heading: token, align: "right" as const })),
  ];
  return maps.map(({ layer, head, values }) => {
    const rows = values.map((row, i) => ({
      query: tokens[i],
      ...Object.fromEntries(row.map((value, j) => [`${j}`, value === null ? "" : fixed(value)])),
    }));
    return `block ${layer}, head ${head}, ${what}\n${textTable(columns, rows)}`;
  });
}

function frequencyText(frequencies: Look["frequencies"]): string {
  const columns = [
    { key: "pair", heading: "pair" },
    { key: "columns", heading: "columns" },
    { key: "frequency", heading: "ω, radians a position", format: fourDigits },
    { key: "wavelength", heading: "positions of a whole turn", format: fourDigits },
  ];
  const rows = frequencies.map((one) => ({ ...one, columns: one.columns.join(", ") }));
  return `Pairs of columns that turn, in each head:\n${textTable(columns, rows)}`;
}
