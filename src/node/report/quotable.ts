/**
 * Sentences that a person can quote: which of a page's they are, and where their numbers stand.
 *
 * A sentence can be quoted where each of its numbers is, as it is rounded, one of the page's tables
 * or of the model's own sizes. Of those, one a probe comes first, of the figures that are marked as
 * findings before the others, in the page's order. Where the figures have fewer than three, the
 * first measurements of other probes are told.
 */
import { acrossTraining } from "../../figures/across-training.ts";
import type { Figure } from "../../figures/figure.ts";
import type { DemoResult } from "../../figures/results.ts";
import { name } from "../../figures/words.ts";
import { metrics } from "../../probes/index.ts";
import { type Line, written } from "./lines.ts";

export const MOST_QUOTES = 3;
/** What follows two sentences that are compared as they are. */
export const BARE = "none";
/** Lines of one sentence. */
const MOST_EVIDENCE = 6;
/** The figure of every step. */
const STEPS = acrossTraining.id;

/** A sentence and the lines that hold its numbers. */
export interface Quote {
  readonly sentence: string;
  readonly evidence: readonly Line[];
}

/** A table of the page: what one probe measured, or what a figure without a probe tells. */
export interface Block {
  readonly title: string;
  readonly question: string;
  readonly lines: readonly Line[];
  /** The figure that tells it, where no metric says which. */
  readonly figure?: string | undefined;
}

export interface Quoting {
  readonly blocks: readonly Block[];
  /** The model's own sizes. */
  readonly sizes: readonly number[];
  /** The step that figures show where lines are of several. */
  readonly step?: number | undefined;
}

/** At most three. */
export function quotesOf(
  figures: readonly Figure[],
  results: readonly DemoResult[],
  quoting: Quoting,
): Quote[] {
  const ordered = [...figures.filter(({ inShort }) => inShort), ...figures.filter(({ inShort }) => !inShort)];
  const all = ordered.flatMap((figure) => {
    const sentence = figure.sentence(results);
    if (sentence === undefined || uncovered(sentence, knownTo(figure, quoting)).length > 0) return [];
    const lines = linesFor(figure, quoting.blocks);
    const block = quoting.blocks.find((one) => one.lines.some((line) => lines.includes(line)));
    const asked =
      lines.find(({ at }) => at.continuation !== BARE && sentence.includes(`${at.continuation}`))?.at
        .continuation ?? BARE;
    const evidence = lines.filter(
      ({ metric, value, at: { split, step, continuation } }) =>
        value !== undefined &&
        tells(sentence, value) &&
        split !== "train" &&
        (continuation === undefined || continuation === asked) &&
        (figure.id === STEPS
          ? step !== undefined && sentence.includes(titleOf(metric))
          : step === undefined || step === quoting.step),
    );
    return [{ sentence, evidence: evidence.slice(0, MOST_EVIDENCE), of: block?.title ?? figure.id }];
  });
  const firsts = all.filter((one, i) => all.findIndex(({ of }) => of === one.of) === i);
  const quoted = new Set(all.map(({ of }) => of));
  const plain = quoting.blocks.filter(({ title }) => !quoted.has(title)).flatMap(plainQuote(results));
  return [...firsts, ...all.filter((one) => !firsts.includes(one)), ...plain].slice(0, MOST_QUOTES);
}

const titleOf = (metric: string) => metrics[metric]?.title ?? metric;

/** The lines that a figure draws. */
const linesFor = (figure: Figure, blocks: readonly Block[]): Line[] =>
  blocksFor(figure, blocks).flatMap((block) =>
    block.figure === figure.id || figure.id === STEPS
      ? block.lines
      : block.lines.filter(({ metric }) => figure.metrics.includes(metric)),
  );

/** The tables of what a figure draws. */
const blocksFor = ({ id, metrics: drawn }: Figure, blocks: readonly Block[]): Block[] =>
  blocks.filter(
    ({ figure, lines }) =>
      figure === id || id === STEPS || lines.some(({ metric }) => drawn.includes(metric)),
  );

/** The numbers that a figure's sentences may tell: those of its tables, and the model's own sizes. */
export function knownTo(figure: Figure, { blocks, sizes }: Quoting): number[] {
  const lines = blocksFor(figure, blocks).flatMap((block) => block.lines);
  const ofLines = lines.flatMap(({ value, se, n, at }) => [value, se, n, ...Object.values(at).map(Number)]);
  return [...sizes, ...ofLines].filter(
    (one): one is number => typeof one === "number" && Number.isFinite(one),
  );
}

/** The first measurement of a probe whose figures say nothing that can be quoted. */
const plainQuote =
  (results: readonly DemoResult[]) =>
  ({ lines }: Block): Quote[] => {
    const line = lines.find(({ value }) => value !== undefined);
    if (line === undefined) return [];
    const { metric, value, se, unit, n, at } = line;
    const places = Object.entries(at).map(([field, place]) => `${field} ${place}`);
    const where = [...places, `n ${n}`].join(", ");
    const of = name(results[0]?.preset ?? "the model");
    return [
      { sentence: `Of ${of}, \`${metric}\` is ${written(value, se)} ${unit} (${where}).`, evidence: [line] },
    ];
  };

/**
 * Numbers of a sentence that are none of `known`, as they are written: 97% is 0.97, and so is 0.973
 * where it is told as 97%.
 */
export function uncovered(sentence: string, known: readonly number[]): string[] {
  return numbersIn(sentence).filter((text) => !known.some((value) => isWrittenAs(value, text)));
}

const tells = (sentence: string, value: number) =>
  numbersIn(sentence).some((text) => isWrittenAs(value, text));

/** Numbers as they are written; those of names, in backticks or quotes, are none. */
function numbersIn(sentence: string): string[] {
  const plain = sentence.replaceAll(/`[^`]*`|“[^”]*”/g, "");
  return plain.match(/(?<![\w.^])[−-]?\d[\d,]*(?:\.\d+)?(?:e[−+-]?\d+)?%?(?![\w^])/g) ?? [];
}

function isWrittenAs(value: number, text: string): boolean {
  const plain = text
    .replace(/,(?=\d{3})/g, "")
    .replace(/,$/, "")
    .replaceAll("−", "-")
    .replace("%", "");
  const decimals = /\.(\d+)/.exec(plain)?.[1]?.length ?? 0;
  const scaled = text.endsWith("%") ? 100 * value : value;
  if (/e/.test(plain)) return Number(scaled.toExponential(decimals)) === Number(plain);
  const distance = Math.abs(Math.abs(scaled) - Math.abs(Number(plain))); // a fall of 0.2 is a change of −0.2
  return distance <= 0.5 * 10 ** -decimals * (1 + 1e-9);
}
