/**
 * From logits to a token: divided by the temperature, cut to the k likeliest, cut to the nucleus of
 * probability p, then drawn.
 *
 * In the order of Hugging Face's warpers: the nucleus is that of the distribution that temperature
 * and top-k have left. Of equal logits the lower id comes first, everywhere, so that k tokens are
 * k.
 *
 * Fan, Lewis and Dauphin 2018, arXiv:1805.04833, section 5 (top-k); Holtzman et al. 2020,
 * arXiv:1904.09751, section 3.1 (nucleus).
 */
import { z } from "zod";
import { argmax } from "../tensor/numbers.ts";
import { type Rng, restoreRng } from "../tensor/rng.ts";

/**
 * How a token is drawn from logits, each field with its default.
 *
 * @example
 * assert.deepEqual(samplingSchema.parse({ topK: 5 }), { temperature: 1, topK: 5 });
 */
export const samplingSchema = z.strictObject({
  /** 0 takes the likeliest token always. */
  temperature: z.number().min(0).max(1e6).default(1),
  topK: z
    .int()
    .positive()
    .max(2 ** 31 - 1)
    .optional(),
  /** The fewest likeliest tokens whose probabilities sum to this or more. */
  topP: z.number().positive().max(1).optional(),
});

/** How a token is drawn from logits. */
export type Sampling = z.output<typeof samplingSchema>;

/** The next token of a row, from the logits of its last, (V). */
export interface Choose {
  (logits: Float32Array, row: number): number;
  /** Where there is one, several tokens are computed in one call. */
  readonly foresight?: Foresight;
}

/** What lets a choice be guessed before it is made. */
export interface Foresight {
  readonly sampling: Sampling;
  /** The next numbers that the choices of a row will draw, which are not drawn by this. */
  uniforms(row: number, count: number): readonly number[];
}

/**
 * Draws tokens as `sampleToken` does, those of each row from a stream of its own.
 *
 * @example
 * const choose = sampler({ temperature: 1 }, [createRng(1, "row 0"), createRng(1, "row 1")]);
 * assert.ok(choose(Float32Array.of(0.1, 2, 1), 1) < 3);
 */
export function sampler(sampling: Sampling, streams: readonly Rng[]): Choose {
  const choose = (logits: Float32Array, row: number) => sampleToken(logits, sampling, streams[row] as Rng); // one each
  const uniforms = (row: number, count: number) => {
    const ahead = restoreRng((streams[row] as Rng).state());
    return Array.from({ length: count }, () => ahead.uniform());
  };
  return Object.assign(choose, { foresight: { sampling, uniforms } });
}

/** A token and its share of the probability. */
interface Candidate {
  readonly id: number;
  readonly probability: number;
}

/**
 * Draws a token: one uniform number a token, none at temperature 0.
 *
 * @param logits (V)
 * @example
 * const logits = Float32Array.of(0.1, 2, 1); // (V)
 * const id = sampleToken(logits, { temperature: 1, topK: 2 }, createRng(1, "sample"));
 * assert.ok(id === 1 || id === 2);
 */
export function sampleToken(logits: Float32Array, sampling: Sampling, rng: Rng): number {
  if (sampling.temperature === 0) return likeliest(logits);
  const candidates = candidatesOf(logits, sampling);
  let left = rng.uniform();
  for (const { id, probability } of candidates) {
    left -= probability;
    if (left < 0) return id;
  }
  return (candidates.at(-1) as Candidate).id; // probabilities sum to 1 but for rounding
}

/**
 * The id of the largest logit, (V); the lowest of several.
 *
 * @example
 * assert.equal(likeliest(Float32Array.of(0.1, 2, 1)), 1);
 */
export function likeliest(logits: Float32Array): number {
  return argmax(logits);
}

/**
 * The tokens that may be drawn, with probabilities that sum to 1; likeliest first where some are cut off.
 *
 * @param logits (V)
 * @param sampling of a temperature above 0
 */
export function candidatesOf(
  logits: Float32Array,
  { temperature, topK = logits.length, topP = 1 }: Sampling,
): Candidate[] {
  const most = logits[likeliest(logits)] as number;
  const all = normalized(
    Array.from(logits, (logit, id) => ({ id, probability: Math.exp((logit - most) / temperature) })),
  );
  if (topK >= logits.length && topP === 1) return all;
  const sorted = all.sort((a, b) => (logits[b.id] as number) - (logits[a.id] as number) || a.id - b.id);
  return nucleusOf(normalized(sorted.slice(0, topK)), topP);
}

function nucleusOf(sorted: Candidate[], topP: number): Candidate[] {
  let sum = 0;
  const last = sorted.findIndex(({ probability }) => {
    sum += probability;
    return sum >= topP;
  });
  return last < 0 ? sorted : normalized(sorted.slice(0, last + 1)); // below 0 where rounding keeps the sum under p
}

function normalized(candidates: readonly Candidate[]): Candidate[] {
  const sum = candidates.reduce((total, { probability }) => total + probability, 0);
  return candidates.map(({ id, probability }) => ({ id, probability: probability / sum }));
}
