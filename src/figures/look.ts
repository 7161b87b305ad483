/**
 * What `probe --look` shows, as sections of a page: patterns by block and head, biases, the table
 * of positions, frequencies.
 */
import type { AttentionMap, Frequency } from "../probes/look.ts";
import { mean } from "../tensor/numbers.ts";
import { chartSvg } from "./charts/plot.ts";
import { positionHeatmap } from "./charts/position-heatmap.ts";
import { tokenHeatmap } from "./charts/token-heatmap.ts";
import type { ReportFigure, ReportSection } from "./figure.ts";
import { fixed, fourDigits } from "./format.ts";
import { cosines } from "./geometry.ts";

/** All that is looked at. */
export interface Look {
  readonly contexts: readonly LookedContext[];
  readonly patterns: readonly AttentionMap[];
  readonly biases: readonly AttentionMap[];
  /** (P,C) */
  readonly table?: readonly (readonly number[])[] | undefined;
  readonly frequencies: readonly Frequency[];
}

/** A context that is looked at. */
export interface LookedContext {
  readonly tokens: readonly string[];
  readonly ids: readonly number[];
}

/** Of a page; a head more and the maps of a block are their mean. */
const MOST_MAPS = 64;
/** Contexts of more tokens get wider maps. */
const FEW_TOKENS = 12;

/** What is drawn for each thing that there is; nothing for what there is not. */
export function lookSections(look: Look, document: Document): ReportSection[] {
  return [
    ...mapSections("pattern", look.patterns, look.contexts, document),
    ...mapSections("bias", look.biases.filter(unlikeFirst), look.contexts, document),
    ...tableSection(look.table, document),
    ...frequencySection(look.frequencies),
  ];
}

/** A bias by distance is the same in every context of one length, and drawn once. */
const unlikeFirst = (map: AttentionMap, _index: number, all: readonly AttentionMap[]) => {
  const first = all.find(({ layer, head }) => layer === map.layer && head === map.head);
  return first === map || JSON.stringify(first?.values) !== JSON.stringify(map.values);
};

/** One section a block. */
function mapSections(
  what: "pattern" | "bias",
  all: readonly AttentionMap[],
  contexts: readonly LookedContext[],
  document: Document,
): ReportSection[] {
  const isMean = all.length > MOST_MAPS;
  const maps = isMean ? meansOverHeads(all) : all;
  const limit = what === "pattern" ? 1 : Math.max(1e-12, ...maps.flatMap(({ values }) => sizes(values)));
  return [...new Set(maps.map(({ layer }) => layer))].map((layer) => {
    const own = maps.filter((map) => map.layer === layer).sort((a, b) => a.head - b.head);
    const figures = own.map((map): ReportFigure => {
      const { tokens } = contexts[map.context] as LookedContext;
      const title = `${isMean ? "mean of the heads" : `head ${map.head}`}${contexts.length > 1 ? `: ${textOf(tokens)}` : ""}`;
      const label = `Heat map of the attention ${what} of block ${layer}, ${title}: ${tokens.length} queries by ${tokens.length} keys. ${strongest(map, tokens)}`;
      const width = tokens.length > FEW_TOKENS ? 320 : 232;
      const chart = tokenHeatmap(map.values, { label, tokens, limit, width });
      return { title, svg: chartSvg(chart, document), small: width < 300, caption: strongest(map, tokens) };
    });
    return {
      id: `${what}-${layer}`,
      heading:
        what === "pattern" ? `Block ${layer}: who looks at whom` : `Block ${layer}: what its bias adds`,
      lead:
        what === "pattern"
          ? patternLead(all.filter((map) => map.layer === layer))
          : `Added to the scores before softmax. Full colour is ${fixed(limit)}.`,
      figures,
      caption: `A row is a query, a column a key; what a query cannot see is grey.${isMean ? " Means over heads: choose some with --heads and --layers." : ""}`,
    };
  });
}

const textOf = (tokens: readonly string[]) => {
  const text = tokens.join(" ");
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
};

const sizes = (values: AttentionMap["values"]) =>
  values.flatMap((row) => row.flatMap((value) => (value === null ? [] : [Math.abs(value)])));

function meansOverHeads(maps: readonly AttentionMap[]): AttentionMap[] {
  const groups = new Map<string, AttentionMap[]>();
  for (const map of maps) {
    const key = `${map.context} ${map.layer}`;
    groups.set(key, [...(groups.get(key) ?? []), map]);
  }
  return [...groups.values()].map((group) => {
    const first = group[0] as AttentionMap;
    const values = first.values.map((row, i) =>
      row.map((value, j) => (value === null ? null : mean(group.map((map) => map.values[i]?.[j] as number)))),
    );
    return { ...first, values };
  });
}

/** How much weight goes where, on average over queries that have such a key. */
export const PLACES_OF_KEYS: readonly { readonly name: string; key(query: number): number; from: number }[] =
  [
    { name: "the token itself", key: (i) => i, from: 0 },
    { name: "the token before", key: (i) => i - 1, from: 1 },
    { name: "the first token", key: () => 0, from: 1 },
  ];

/** The mean weight from each query to such a key; NaN where no query has one. */
export function meanWeight(
  { values }: Pick<AttentionMap, "values">,
  { key, from }: (typeof PLACES_OF_KEYS)[number],
) {
  return mean(values.slice(from).map((row, i) => row[key(i + from)] as number));
}

function patternLead(maps: readonly AttentionMap[]): string {
  const found = PLACES_OF_KEYS.flatMap((place) => {
    const heads = [...new Set(maps.map(({ head }) => head))].map((head) => ({
      head,
      weight: mean(maps.filter((map) => map.head === head).map((map) => meanWeight(map, place))),
    }));
    const [most] = heads.filter(({ weight }) => weight >= 0).sort((a, b) => b.weight - a.weight);
    return most === undefined ? [] : [`${place.name} by head ${most.head} (${fixed(most.weight)})`];
  });
  return `Most weight on average is given to ${found.join(", to ")}.`;
}

/** The largest value to another token. */
function strongest({ values }: AttentionMap, tokens: readonly string[]): string {
  const pairs = values.flatMap((row, i) => row.map((value, j) => ({ value: value ?? 0, i, j })));
  const [most] = pairs.filter(({ i, j }) => i !== j).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  if (most === undefined || most.value === 0) return "";
  return `Most to another: ${tokens[most.i]} → ${tokens[most.j]}, ${fixed(most.value)}.`;
}

function tableSection(table: Look["table"], document: Document): ReportSection[] {
  const columns = table?.[0]?.length;
  if (table === undefined || columns === undefined) return [];
  const matrix = { rows: table.length, columns, values: table.flat() };
  const size = `${matrix.rows} positions`;
  const map = positionHeatmap(matrix, {
    label: `Heat map of what is added to tokens: ${size} by ${columns} dimensions.`,
    ...{ rowLabel: "position", columnLabel: "dimension" },
  });
  const alike = positionHeatmap(cosines(matrix), {
    label: `Heat map of the cosines between position vectors: ${size} by ${size}.`,
    ...{ rowLabel: "position", columnLabel: "position", limit: 1 },
  });
  return [
    {
      id: "table",
      heading: "What is added to the tokens",
      lead: `A vector of ${columns} numbers for each of ${size}.`,
      figures: [
        { title: "the table P", svg: chartSvg(map, document) },
        { title: "cosine of p_i and p_j", svg: chartSvg(alike, document) },
      ],
    },
  ];
}

function frequencySection(frequencies: readonly Frequency[]): ReportSection[] {
  const [first] = frequencies;
  if (first === undefined) return [];
  const rows = frequencies.map(({ pair, columns, frequency, wavelength }) => ({
    ...{ pair, columns: columns.join(", "), frequency, wavelength },
  }));
  return [
    {
      id: "frequencies",
      heading: "How fast its pairs of columns turn",
      lead: `Queries and keys turn in ${rows.length} pairs of columns by ω radians a position; a whole turn takes from ${told(first.wavelength)} to ${told(frequencies.at(-1)?.wavelength ?? null)} positions.`,
      table: {
        caption: "Pairs of columns of each head",
        columns: [
          { key: "pair", heading: "pair" },
          { key: "columns", heading: "columns" },
          { key: "frequency", heading: "ω, radians a position", format: fourDigits },
          {
            key: "wavelength",
            heading: "positions of a whole turn",
            format: fourDigits,
          },
        ],
        rows,
      },
    },
  ];
}

const told = (wavelength: number | null) => (wavelength === null ? "no end of" : fourDigits(wavelength));
