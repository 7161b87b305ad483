/** What the command `probe --look` shows of a checkpoint. */
import { openingIds } from "../../data/index.ts";
import { InputError } from "../../errors.ts";
import type { Look } from "../../figures/look.ts";
import { attentionMaps, frequenciesOf, MOST_TOKENS, positionTable } from "../../probes/look.ts";
import type { Subject } from "../../probes/probe.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { type Asked, askedSubject } from "./compared-pair.ts";

export interface LookOptions extends Asked {
  /** Two sentences; left out, the first tokens of the text or of the data. */
  readonly pair?: readonly [string, string] | undefined;
  /** Of a text, so many. */
  readonly tokens?: number | undefined;
  readonly layers?: readonly number[] | undefined;
  readonly heads?: readonly number[] | undefined;
}

/** Tokens of a text that are looked at. */
export const SOME_TOKENS = 24;

/**
 * Patterns and biases of two sentences or of the beginning of a text, the table of positions, and
 * the frequencies.
 *
 * @throws InputError for a word outside the vocabulary, or a layer or a head that the model lacks
 */
export async function lookAt(checkpoint: Checkpoint, options: LookOptions): Promise<Look> {
  const subject = await askedSubject(checkpoint, options);
  const { layers, heads } = options;
  const contexts = contextsOf(subject, checkpoint, options);
  const named = contexts.map((ids) => ({ ids, tokens: ids.map((id) => subject.tokenizer.token(id)) }));
  return {
    contexts: named,
    patterns: await attentionMaps(subject, contexts, { of: "pattern", layers, heads }),
    biases: await attentionMaps(subject, contexts, { of: "bias", layers, heads }),
    table: await positionTable(subject),
    frequencies: frequenciesOf(subject.model),
  };
}

function contextsOf(
  { model, tokenizer, material }: Subject,
  { preset }: Checkpoint,
  { pair, tokens, data }: LookOptions,
): number[][] {
  if (pair !== undefined) {
    const opening = openingIds(tokenizer, preset && { bos: data?.bos ?? false });
    return pair.map((sentence) => [...opening, ...tokenizer.encode(sentence)]);
  }
  if (material.windows === undefined) return [];
  const { context } = model.shape;
  const T = tokens ?? Math.min(SOME_TOKENS, context);
  if (T > MOST_TOKENS)
    throw new InputError(`--tokens: ${T} have too many pairs to look at; give ${MOST_TOKENS} or fewer`);
  return [[...material.windows.window(0, 1, T).tokens]];
}
