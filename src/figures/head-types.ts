/** Which heads look at the previous token, at duplicates, or at what followed them. */
import { headGrid } from "./charts/head-grid.ts";
import { both, type Figure, type ReportFigure } from "./figure.ts";
import { percent } from "./format.ts";
import {
  cellsOf,
  extremeHeads,
  type HeadRow,
  headRowsOf,
  isSmall,
  NAMES,
  type PresetHeads,
} from "./head-rows.ts";
import type { DemoResult } from "./results.ts";
import { name } from "./words.ts";

/**
 * What is asked of which contexts: repeated words for what repeats, since text repeats little that
 * order alone explains.
 */
const ASKED = [
  { type: "previous token", fed: "text" },
  { type: "duplicate token", fed: "repeated words" },
  { type: "induction", fed: "repeated words" },
] as const;
type Asked = (typeof ASKED)[number];

/** A grid for each preset and type. */
export const headTypes: Figure = {
  id: "head-types",
  heading: "Which heads look at the previous token, and which at repeats?",
  metrics: ["head_score"],
  optional: true,
  sentence,
  draw(results, document) {
    if (sentence(results) === undefined) return undefined;
    const presets = headRowsOf(results, ["head_score"]);
    return {
      figures: presets.flatMap((one) => ASKED.flatMap((asked) => grid(one, asked, document))),
      caption: `Share of attention, the first token left out, on the previous token in text; on the same token earlier, and on what followed it there (induction), in random words that are given twice. The full colour is 1. ${NAMES}`,
    };
  },
};

const isOf =
  ({ type, fed }: Asked) =>
  ({ at }: HeadRow) => {
    const asked = at as { type?: unknown; fed?: unknown };
    return asked.type === type && asked.fed === fed;
  };

function grid({ preset, rows }: PresetHeads, asked: Asked, document: Document): ReportFigure[] {
  const cells = cellsOf(rows, isOf(asked));
  if (cells.length === 0) return [];
  const title = `${name(preset)}: ${asked.type}, ${asked.fed}`;
  const label = `Grid of heads: share of attention, ${title}.`;
  return [
    {
      title,
      small: isSmall(cells),
      ...both((width) => headGrid(cells, { label, limit: 1, width }), document),
    },
  ];
}

/** The strongest head of each type. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const presets = headRowsOf(results, ["head_score"]);
  const strongest = ASKED.flatMap((asked) => {
    const found = extremeHeads(presets, isOf(asked));
    return found === undefined ? [] : [`${asked.type} ${percent(found.high)} (${found.most})`];
  });
  if (strongest.length === 0) return undefined;
  return `The largest share of attention of a head by what it looks at: ${strongest.join("; ")}.`;
}
