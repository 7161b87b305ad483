/**
 * Two sentences side by side: what does a model make of "dog bites man" as against "man bites dog"?
 *
 * For each continuation: both distributions of the next token, their Jensen-Shannon divergence, and how far apart the last token's
 * residual stream is after each layer. In the world "who" the order shows when it is asked for, so besides the bare sentences, each is
 * followed by both questions about its verb.
 */
import type { WhoWorld } from "../data/corpora/who.ts";
import { cosineDistance, definedOrNull, jensenShannonBits } from "./divergence.ts";
import type { Subject } from "./probe.ts";
import { createReader, type Reading } from "./reader.ts";

export interface NextToken {
  readonly token: string;
  readonly probability: number;
}

export interface Comparison {
  /** What follows both sentences; "" for the bare sentences. */
  readonly continuation: string;
  /** The likeliest next tokens after the first and after the second sentence. */
  readonly next: readonly [readonly NextToken[], readonly NextToken[]];
  readonly divergenceBits: number;
  /** 1 − cos at the last token, null where a state is zero: after the embedding, then after each block. */
  readonly distanceByLayer: readonly (number | null)[];
}

/** A model whose world need not be known: then only the bare sentences are compared. */
export type PairSubject = Omit<Subject, "data" | "training"> & {
  readonly data?: Subject["data"] | undefined;
};

/** @throws InputError for a word outside the vocabulary. */
export async function comparePair(
  subject: PairSubject,
  first: string,
  second: string,
  top = 5,
): Promise<Comparison[]> {
  const { tokenizer, data } = subject;
  const opening = data?.bos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
  const continuations = ["", ...(data?.kind === "who" ? questionsAbout(data.world, first) : [])];
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

/** ". who bites ?" and ". who is bitten ?" for the verb of a sentence, in either voice. */
function questionsAbout(world: WhoWorld, sentence: string): string[] {
  const words = new Set(sentence.split(/\s+/));
  const verb = world.verbs.find(({ active, participle }) => words.has(active) || words.has(participle));
  return verb ? [`. who ${verb.active} ?`, `. who is ${verb.participle} ?`] : [];
}

function likeliest({ tokenizer }: PairSubject, { logProbs }: Reading, top: number): NextToken[] {
  return Array.from(logProbs, (logProb, id) => ({
    token: tokenizer.token(id),
    probability: Math.exp(logProb),
  }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
