/**
 * How what a model was trained on begins and ends, as tokens: what a generated continuation opens
 * with and stops at.
 */
import { END } from "./task-data.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

export interface TextEnds {
  /** Comes before everything; undefined where rows begin anywhere. */
  readonly opening: number | undefined;
  /** The end sign of a task, or the opening of the next story. */
  readonly stops: readonly number[];
}

/** What comes before every context: the `<bos>` of the data, or what the files of a tokenizer from elsewhere say. */
export function openingIds(tokenizer: Tokenizer, data: { readonly bos: boolean } | undefined): number[] {
  const opening = data === undefined ? tokenizer.opening : data.bos ? tokenizer.bos : undefined;
  const preface = data === undefined ? (tokenizer.preface ?? []) : [];
  return opening === undefined ? [] : [...preface, opening];
}

/** The ends of texts of a model that comes from elsewhere. */
export const endsOfForeign = ({ opening, eos }: Tokenizer): TextEnds => ({
  opening,
  stops: eos === undefined ? [] : [eos],
});

/** The ends of data of a preset, under the tokenizer that was made for it. */
export function endsOf(
  { kind, bos }: { readonly kind: string; readonly bos: boolean },
  tokenizer: Tokenizer,
): TextEnds {
  const opening = bos ? tokenizer.bos : undefined;
  const stop = kind === "task" ? tokenizer.encode(END)[0] : opening;
  return { opening, stops: stop === undefined ? [] : [stop] };
}
