/**
 * Two sentences side by side: what does a model make of "dog bites man" as against "man bites dog"?
 *
 * For each continuation: both distributions of the next token, their Jensen-Shannon divergence, and
 * how far apart the last token's residual stream is after each layer. Where the data has questions
 * about a sentence, as the world "who" has about its verb, each is followed by each of them too:
 * there the order shows when it is asked for.
 */
import { cosineDistance, definedOrNull, jensenShannonBits } from "./divergence.ts";
import type { Subject } from "./probe.ts";
import { createReader, type Reading } from "./reader.ts";

/** A token that may come next, and how likely it is. */
export interface NextToken {
  readonly token: string;
  readonly probability: number;
}

/** Two sentences after one continuation: what a model makes of each, and how far they differ. */
export interface Comparison {
  /** What follows both sentences; "" for the bare sentences. */
  readonly continuation: string;
  /** The likeliest next tokens after the first and after the second sentence. */
  readonly next: readonly [readonly NextToken[], readonly NextToken[]];
  readonly divergenceBits: number;
  /** 1 − cos at the last token, null where a state is zero: after the embedding, then after each block. */
  readonly distanceByLayer: readonly (number | null)[];
}

/** What two texts are compared by. */
export type PairSubject = Pick<Subject, "model" | "params" | "tokenizer" | "placing">;

/** How two texts are compared. */
export interface PairOptions {
  /** Tokens that open each context, such as `<bos>`. */
  readonly opening?: readonly number[];
  /** What follows both sentences, besides nothing. */
  readonly questions?: readonly string[];
  /** Likeliest tokens that are told. */
  readonly top?: number;
}

/**
 * @throws InputError for a word outside the vocabulary.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const subject = { model, params: initialize(model.specs, 1), tokenizer };
 * const comparisons = await comparePair(subject, "dog bites man", "man bites dog");
 * assert.equal(comparisons.length, 1); // one a question, and one without
 */
export async function comparePair(
  subject: PairSubject,
  first: string,
  second: string,
  { opening = [], questions = [], top = 5 }: PairOptions = {},
): Promise<Comparison[]> {
  const { tokenizer } = subject;
  const continuations = ["", ...questions];
  const contexts = continuations.flatMap((continuation) =>
    [first, second].map((sentence) => [
      ...opening,
      ...tokenizer.encode(`${sentence} ${continuation}`.trim()),
    ]),
  );
  const reader = createReader(subject);
  try {
    const readings = await reader.read(contexts);
    return continuations.map((continuation, i) => {
      const [a, b] = [readings[2 * i] as Reading, readings[2 * i + 1] as Reading];
      return {
        continuation,
        next: [likeliest(subject, a, top), likeliest(subject, b, top)],
        divergenceBits: jensenShannonBits(a.logProbs, b.logProbs),
        distanceByLayer: a.hidden.map((state, layer) =>
          definedOrNull(cosineDistance(state, b.hidden[layer] as Float32Array)),
        ),
      };
    });
  } finally {
    reader.close();
  }
}

function likeliest({ tokenizer }: PairSubject, { logProbs }: Reading, top: number): NextToken[] {
  return Array.from(logProbs, (logProb, id) => ({
    token: tokenizer.token(id),
    probability: Math.exp(logProb),
  }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
