/**
 * The one interface of position encodings. An encoding is one file that exports one definition, and
 * one line of `index.ts`.
 *
 *     x      = tokens·E + embed                       (B,T,C)    once
 *     q, k   = transform(q), transform(k)             (B,H,·,D)  in every block, D or another width of both
 *     scores = scale·q·kᵀ + mask + bias               (B,H,T,S)  in every block
 *     y      = softmax(scores)·v + values             (B,H,T,D)  in every block
 *
 * Shapes, for the whole repository: B batch, T queries, S keys, C width, H heads, D head width, V
 * vocabulary, P rows of a table.
 *
 * Positions reach an encoding as float32 tensors: whole numbers under most schemes, fractions under
 * `interpolated`. They lie in [0, maxPositions), at most [0, 2²⁴), which the model checks before
 * any kernel runs.
 */
import type { z } from "zod";
import type { ParamSpecs, Params } from "../tensor/params.ts";
import type { tf } from "../tensor/tf.ts";

/** Positions of any encoding lie below: from here on float32 takes neighbours for one. */
export const POSITIONS = 2 ** 24;

/** What an encoding may know of the model that it is made for. */
export interface ModelShape {
  readonly layers: number;
  /** H */
  readonly heads: number;
  /** C */
  readonly width: number;
  /** D, by default C/H. */
  readonly headWidth: number;
  /** L_max, the length of training contexts. */
  readonly context: number;
  readonly causal: boolean;
}

/**
 * What a bias may look at in one block. Queries are those of the tokens first … first + T − 1 among
 * the S tokens that keys belong to: all of them (first 0, T = S), or some, where a long context is
 * read in parts or earlier keys are remembered.
 */
export interface AttentionState {
  readonly layer: number;
  /** Which token the first query belongs to. */
  readonly first: number;
  /** Shared parameters and this block's, by the names the encoding declared. */
  readonly params: Params;
  /** (T) and (S) */
  readonly positions: { readonly query: tf.Tensor1D; readonly key: tf.Tensor1D };
  /** The block's normalized input, (B,S,C). */
  readonly x: tf.Tensor3D;
  /** (B,H,T,D), after `transform` and `model.temperature`. */
  readonly q: tf.Tensor4D;
  /** (B,H,S,D), after `transform`. */
  readonly k: tf.Tensor4D;
  /** scale·q·kᵀ + mask, (B,H,T,S): masked entries are large and negative. */
  readonly scores: tf.Tensor4D;
  /** 1/√D unless the encoding has its own. Multiply by it to put a term inside the 1/√D. */
  readonly scale: number;
  readonly causal: boolean;
}

/** What `transform` may look at beside positions. */
export interface TransformState {
  readonly layer: number;
  /**
   * The block's normalized input up to the tokens that are read now, (B,S,C), theirs the last T. Earlier
   * ones are there where the encoding `readsInputs`; slots that no token has filled are zero.
   */
  readonly x: tf.Tensor3D;
}

/** Two columns of every head that turn as a vector of the plane. */
export interface TurningPair {
  readonly columns: readonly [number, number];
  /** ω, in radians a position. */
  readonly frequency: number;
}

/** What an encoding adds to a model of one shape; what is left out adds nothing. */
export interface PositionEncoding {
  /** Positions are defined in [0, maxPositions). Default: in [0, 2²⁴). */
  readonly maxPositions?: number;
  /**
   * True where what is made of a token's position also depends on how far the context reaches, so
   * that no key can be remembered.
   */
  readonly dependsOnLength?: boolean;
  /** Default 1/√D. */
  readonly scale?: number;
  /** Shared by all blocks; the names are the checkpoint's. */
  readonly params?: ParamSpecs;
  /** Of each block; the checkpoint's names are `h.<layer>.attn.<name>`. */
  readonly layerParams?: ParamSpecs;
  /** Added to the token embeddings, (T,C). */
  embed?(params: Params, positions: tf.Tensor1D): tf.Tensor2D;
  /**
   * R_Δ, where there is one: what `embed` gives Δ positions on, from what it gives, (T,C) both. No
   * model reads it, probes do.
   */
  shift?(embedded: tf.Tensor2D, by: number): tf.Tensor2D;
  /**
   * Queries or keys, (B,H,T,D), to the same shape or, both alike, to another width. Keys come in as many
   * heads as the model has of them, and may leave once for each head of queries.
   */
  transform?(
    x: tf.Tensor4D,
    positions: tf.Tensor1D,
    params: Params,
    side: "query" | "key",
    state: TransformState,
  ): tf.Tensor4D;
  /** True where `transform` reads inputs of earlier tokens, which generation then caches. */
  readonly readsInputs?: boolean;
  /**
   * The pairs of a head's columns that `transform` turns, where it turns any, in contexts of
   * `length` tokens at 0, 1, 2, …
   */
  pairs?(length: number): readonly TurningPair[];
  /** Added to the masked scores; broadcasts to (B,H,T,S). */
  bias?(state: AttentionState): tf.Tensor;
  /** Added to softmax(scores)·v, (B,H,T,D). */
  values?(state: AttentionState & { readonly weights: tf.Tensor4D }): tf.Tensor4D;
}

/** A position encoding: what it claims of itself, its fields and how it is made for a model. */
export interface EncodingDefinition<S extends z.ZodObject = z.ZodObject> {
  /** The name in a preset's `model.position.kind`. */
  readonly kind: string;
  readonly title: string;
  /** Authors, year, equation. */
  readonly source: string;
  /** True where scores depend on differences of positions only: a shift of all positions changes nothing. */
  readonly relative: boolean;
  /** The other fields of `model.position`, each with its default. */
  readonly config: S;
  create(config: z.output<S>, shape: ModelShape): PositionEncoding;
}

/**
 * Types a definition: `create` sees the fields of its own `config`.
 *
 * @example
 * const scaled = defineEncoding({
 *   kind: "scaled",
 *   title: "Scaled scores",
 *   source: "none",
 *   relative: true,
 *   config: z.strictObject({ factor: z.number().positive().default(2) }),
 *   create: ({ factor }, { headWidth: D }) => ({ scale: factor / Math.sqrt(D) }),
 * });
 * assert.equal(scaled.create({ factor: 2 }, { layers: 1, heads: 1, width: 4, headWidth: 4, context: 8, causal: true }).scale, 1);
 */
export function defineEncoding<S extends z.ZodObject>(
  definition: EncodingDefinition<S>,
): EncodingDefinition<S> {
  return definition;
}
