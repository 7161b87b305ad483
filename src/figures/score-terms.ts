/** Which share of a head's attention scores is of tokens, of positions, and of what the encoding adds. */
import { TERMS, type Term } from "../probes/score-terms.ts";
import { mean } from "../tensor/numbers.ts";
import { type GridCell, numberGrid } from "./charts/number-grid.ts";
import { chartSvg } from "./charts/plot.ts";
import type { Figure, ReportFigure } from "./figure.ts";
import { fixed, listed, percent } from "./format.ts";
import { type DemoResult, presetsOf } from "./results.ts";
import { name } from "./words.ts";

/** Columns, by term. */
export const SHORT_TERMS: Readonly<Record<Term, string>> = {
  "token-token": "v·v",
  "token-position": "v·p",
  "position-token": "p·v",
  "position-position": "p·p",
  transform: "turn",
  bias: "bias",
  rest: "rest",
};

const BASES = { direct: "straight from the embedding", means: "by means over contexts" } as const;
type Basis = keyof typeof BASES;

/** Pixels of a small figure: two stand side by side, one fits a phone. */
const SMALL = 300;
const WIDEST = 44;
/** More heads than these are averaged by block. */
const MOST_HEADS = 32;

export const scoreTerms: Figure = {
  id: "terms",
  heading: "Where do attention scores come from?",
  metrics: ["term_share"],
  optional: true,
  sentence,
  draw(results, document) {
    if (sentence(results) === undefined) return undefined;
    return {
      figures: presetsOf(results).flatMap((preset) =>
        (["direct", "means"] as const).flatMap((basis) => grid(results, preset, basis, document)),
      ),
      caption:
        "Shares of the variance of scores over the keys that a query sees; each row adds up to 100%. v: the token, p: the position; v·p is the query's token with the key's position. turn: what turning queries and keys brings; bias: what the encoding adds to scores; rest: products with biases and with what earlier blocks added. By means over contexts, a position's part is what its vectors have in common when every token has stood there. Negative shares work against the others. `L0H3` is head 3 of block 0, both counted from 0.",
    };
  },
};

interface Share {
  readonly layer: number;
  /** Undefined of the mean over heads. */
  readonly head?: number | undefined;
  readonly term: Term;
  readonly value: number;
}

/** Means over seeds. */
function sharesOf(results: readonly DemoResult[], preset: string, basis: Basis): Share[] {
  const found = new Map<string, { readonly share: Omit<Share, "value">; readonly values: number[] }>();
  for (const { measurements } of results.filter((result) => result.preset === preset))
    for (const { metric, value, at } of measurements) {
      if (metric !== "term_share" || at.basis !== basis || value === null) continue;
      const share = { layer: at.layer as number, head: at.head, term: at.term as Term };
      const key = JSON.stringify(share);
      const one = found.get(key) ?? { share, values: [] };
      one.values.push(value);
      found.set(key, one);
    }
  return [...found.values()].map(({ share, values }) => ({ ...share, value: mean(values) }));
}

function grid(
  results: readonly DemoResult[],
  preset: string,
  basis: Basis,
  document: Document,
): ReportFigure[] {
  const all = sharesOf(results, preset, basis);
  const heads = all.filter(({ head }) => head !== undefined);
  const byHead = heads.length <= MOST_HEADS * new Set(all.map(({ term }) => term)).size;
  const shares = byHead ? heads : all.filter(({ head }) => head === undefined);
  if (shares.length === 0) return [];
  const rowOf = ({ layer, head }: Share) => (byHead ? `L${layer}H${head}` : `${layer}`);
  const cells = shares.map((one): GridCell => {
    const { term, value } = one;
    return { row: rowOf(one), column: SHORT_TERMS[term], text: `${fixed(100 * value, 0)}%`, strength: value };
  });
  const label = `Shares of attention scores of ${name(preset)}, ${BASES[basis]}, by ${byHead ? "block and head" : "block"}: a column for each term.`;
  const rowLabel = byHead ? "head" : "block";
  return [
    {
      ...{ title: `${name(preset)}: ${BASES[basis]}`, small: true },
      svg: chartSvg(numberGrid(cells, { label, rowLabel, width: SMALL, widest: WIDEST }), document),
    },
  ];
}

/** The largest term of the first block, on average over its heads. */
function sentence(results: readonly DemoResult[]): string | undefined {
  const largest = presetsOf(results).flatMap((preset) => {
    const blocks = sharesOf(results, preset, "direct").filter(({ head }) => head === undefined);
    const first = blocks.filter(({ layer }) => layer === 0);
    return first
      .sort((a, b) => b.value - a.value)
      .slice(0, 1)
      .map((share) => ({ preset, ...share }));
  });
  const clauses = TERMS.flatMap((term) => {
    const of = largest.filter((one) => one.term === term);
    const shares = listed(of.map(({ preset, value }) => `${name(preset)} (${percent(value)})`));
    return of.length === 0 ? [] : [`${term} in ${shares}`];
  });
  if (clauses.length === 0) return undefined;
  return `In the first block, the largest share of the variance of attention scores, the mean over heads, is ${clauses.join("; ")}.`;
}
