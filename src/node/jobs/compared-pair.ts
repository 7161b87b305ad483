/**
 * Two sentences side by side, of a checkpoint: bare, and after each question that its data has
 * about them.
 */
import { type AnyData, openingIds } from "../../data/index.ts";
import { contiguous, type Scheme } from "../../model/positions.ts";
import { type Comparison, comparePair } from "../../probes/pair.ts";
import type { Subject } from "../../probes/probe.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { subjectOf, type UserFiles } from "../run/subject.ts";
import { withoutParts } from "../run/without-parts.ts";

/** How a checkpoint is asked. */
export interface Asked {
  /** What the model was trained on, where that is known. */
  readonly data: AnyData | undefined;
  /** Of the probes' random numbers, and of the draws of a scheme; default 1. */
  readonly seed?: number;
  readonly scheme?: Scheme;
  readonly files?: UserFiles;
  /** Parts that are taken out of the model. */
  readonly ablate?: readonly string[];
}

/**
 * @param asked `top`: likeliest tokens that are told
 * @throws InputError for a word outside the vocabulary
 */
export async function comparedPair(
  checkpoint: Checkpoint,
  [first, second]: readonly [string, string],
  asked: Asked & { readonly top?: number },
): Promise<Comparison[]> {
  const { data, top } = asked;
  const { model, params, tokenizer, placing } = await askedSubject(checkpoint, asked);
  const opening = openingIds(tokenizer, checkpoint.preset && { bos: data?.bos ?? false });
  const questions = data?.questionsAfter?.(first) ?? [];
  return comparePair({ model, params, tokenizer, placing }, first, second, {
    opening,
    questions,
    ...(top !== undefined && { top }),
  });
}

/** What probes question: the model without the parts that are taken out. */
export async function askedSubject(
  checkpoint: Checkpoint,
  { data, seed = 1, scheme = contiguous, files = {}, ablate = [] }: Asked,
): Promise<Subject> {
  const options = { data, files, placing: { scheme, seed } };
  const left = await withoutParts(checkpoint, { ablate }, () => subjectOf(checkpoint, options));
  return subjectOf(left, options);
}
