/**
 * Which heads look at the previous token, at duplicates, or at what followed a duplicate
 * (`head-templates.ts`)?
 *
 * Text has few repeats that only order explains, so the types are asked of repeated random words
 * too: a block of random words, twice, where only the queries of the second block count, for the
 * first has nothing to repeat (Olsson et al. 2022, arXiv:2209.11895).
 */
import { z } from "zod";
import { meanWithError } from "../tensor/numbers.ts";
import { type Rng, shuffled } from "../tensor/rng.ts";
import {
  evenPattern,
  type HeadType,
  scoreOf,
  type Template,
  templatesOf,
  typesOf,
} from "./head-templates.ts";
import { contextSizes, type LayerReader, readSets, textContexts, wordsOf } from "./patterns.ts";
import { defineProbe, type Metric, type Row, type Subject } from "./probe.ts";

const METRICS = {
  head_score: {
    title: "share of attention on a head type's keys",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of a head's attention, the first token left out, that lies where a head of this type looks: at the previous token, at the same token elsewhere, or at what followed it there (induction).",
  },
  head_score_even: {
    title: "the same, of even attention",
    unit: "ratio",
    better: "neither",
    meaning:
      "What a head gets in the same contexts that attends evenly to all keys in sight, those outside a sliding window among them.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

type HeadRow = Row<keyof typeof METRICS>;

export const heads = defineProbe({
  name: "heads",
  question: "Which heads look at the previous token, at duplicates, or at what followed them?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject(contextSizes),
  async run(subject, sizes, rng) {
    const { windows } = subject.material;
    const text = textContexts(subject, windows, sizes);
    const length = Math.max(...text.map((tokens) => tokens.length));
    const repeated = repeatedContexts(subject, text, length, rng);
    const sets: Fed[] = [
      { contexts: text, from: 0, at: { fed: "text", split: windows.split } },
      ...(repeated === undefined ? [] : [{ ...repeated, at: { fed: "repeated words" } }]),
    ];
    return headRows(subject, sets);
  },
});

interface Fed {
  readonly contexts: readonly (readonly number[])[];
  /** The first query that counts. */
  readonly from: number;
  readonly at: { readonly fed: string; readonly split?: string };
}

/**
 * Blocks of random words, twice, after the opening token where the text has one; undefined where
 * there is no room for two words.
 */
function repeatedContexts(
  subject: Pick<Subject, "model" | "tokenizer">,
  text: readonly (readonly number[])[],
  length: number,
  rng: Rng,
): Omit<Fed, "at"> | undefined {
  const { bos } = subject.tokenizer;
  const opening = bos !== undefined && text.every(([first]) => first === bos) ? [bos] : [];
  const size = Math.floor((length - opening.length) / 2);
  const words = wordsOf(subject);
  if (size < 2 || words.length < 2) return undefined;
  const contexts = text.map(() => {
    const block =
      words.length >= size
        ? shuffled(words, rng).slice(0, size)
        : Array.from({ length: size }, () => words[rng.integer(words.length)] as number);
    return [...opening, ...block, ...block];
  });
  return { contexts, from: opening.length + size };
}

async function headRows(
  subject: Pick<Subject, "model" | "params" | "placing">,
  sets: readonly Fed[],
): Promise<HeadRow[]> {
  const { causal, heads } = subject.model.shape;
  const templates = sets.map(({ contexts, from }) =>
    contexts.map((tokens) => templatesOf(tokens, causal, from)),
  );
  const given = sets.map(({ contexts }) => contexts);
  const rows = await readSets(subject, given, ["pattern"], (layer, set) => {
    const { from, at } = sets[set] as Fed;
    return layerReader(heads, templates[set] ?? [], from, (head) => ({ ...at, layer, head }));
  });
  const even = sets.flatMap(({ contexts, from, at }, set) =>
    typesOf(causal).map((type, k): HeadRow => {
      const scores = contexts.map(({ length: T }, c) =>
        scoreOf(evenPattern(T, causal), T, from, templates[set]?.[c]?.[k] as Template),
      );
      return {
        metric: "head_score_even",
        ...meanWithError(scores),
        ...errorOf(scores, type),
        at: { ...at, type },
      };
    }),
  );
  return [...rows.flat(), ...even];
}

/** Of neighbours the length alone decides; of repeats, nothing where all contexts have as many. */
function errorOf(scores: readonly number[], type: HeadType): Pick<HeadRow, "se"> {
  if (type === "previous token" || type === "next token") return { se: "exact" };
  const spread = Math.max(...scores) - Math.min(...scores);
  return scores.length > 1 && spread < ROUNDING ? { se: 0 } : {};
}

/** Sums of doubles in one order or another. */
const ROUNDING = 1e-12;

function layerReader(
  heads: number,
  templates: readonly (readonly Template[])[],
  from: number,
  place: (head: number) => HeadRow["at"],
): LayerReader<HeadRow[]> {
  const scores = new Map<string, { row: Pick<HeadRow, "metric" | "at">; values: number[] }>();
  return {
    add({ index, tokens: { length: T }, maps }) {
      for (let head = 0; head < heads; head++) {
        const A = (maps.pattern as Float32Array).subarray(head * T * T, (head + 1) * T * T);
        for (const template of templates[index] as readonly Template[]) {
          const { type } = template;
          const at = { ...place(head), type };
          const key = `${head} ${type}`;
          const known = scores.get(key) ?? {
            row: { metric: "head_score" as const, at },
            values: [] as number[],
          };
          known.values.push(scoreOf(A, T, from, template));
          scores.set(key, known);
        }
      }
    },
    end: () => [...scores.values()].map(({ row, values }) => ({ ...row, ...meanWithError(values) })),
  };
}
