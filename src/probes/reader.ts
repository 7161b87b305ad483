/**
 * What probes read of a model: the distribution of the next token, and the residual stream, at the
 * last token of a context.
 *
 * A causal model answers at its last token. A masked model answers at a `<mask>` that is put after it,
 * before what ends every text it was trained on (`[SEP]`).
 */

import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import { compile } from "../engine/compile.ts";
import { InputError } from "../errors.ts";
import { identityOf } from "../model/identity.ts";
import type { Model } from "../model/model.ts";

import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";

import { keepInto } from "../model/taps.ts";
import { requireTokens } from "../model/tokens.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { groupsOf } from "./groups.ts";
import { isLarge } from "./large.ts";
import { type Placing, placed } from "./placing.ts";

/** What a model makes of one context. */
export interface Reading {
  /** log p of each next token, (V), in nats. */
  readonly logProbs: Float32Array;
  /** The residual stream at the answering token: after the embedding, then after each block; (C) each. */
  readonly hidden: readonly Float32Array[];
}

export interface ContextReader {
  /** Readings of contexts of any lengths, in their order. */
  read(contexts: readonly (readonly number[])[]): Promise<Reading[]>;
  close(): void;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
}

/**
 * Contexts in one forward pass. Groups are filled up to it with repeats, so that few shapes are
 * compiled; of a large model, whose passes take longer than compilation, up to a power of two.
 */
const BATCH = 128;
const LARGE_BATCH = 16;

/** Logits of a forward pass that are held, at most; of more, those of the last token alone are computed. */
const LOGITS = 2 ** 26;

/** @throws InputError where a masked model's vocabulary has no `<mask>`. */
export function createReader({ model, params, tokenizer, placing }: ContextReaderSubject): ContextReader {
  const suffix = answeringAt(model, tokenizer);
  const behind = Math.max(0, suffix.length - 1);
  const lastToken = compile((inputs: Inputs) => atLastToken(model, inputs, behind), {
    name: behind === 0 ? "reader" : `reader before ${behind}`,
    of: identityOf(model),
  });
  const large = isLarge(model);
  const readGroup = async (contexts: readonly (readonly number[])[]): Promise<Reading[]> => {
    const T = (contexts[0] as readonly number[]).length;
    const B = large ? 2 ** Math.ceil(Math.log2(contexts.length)) : BATCH;
    const filled = Array.from({ length: B }, (_, i) => contexts[i % contexts.length] as readonly number[]);
    // One draw a length: what is compared, such as a story and its swap, stands at the same positions.
    const [scheme, rng] = placed(placing, T, 0);
    const positions = definedPositions(model, scheme, T, rng);
    const inputs = {
      tokens: tf.tensor2d(requireTokens(model, filled.flat()), [B, T], "int32"),
      positions: tf.tensor1d(positions),
    };
    const { logProbs, hidden } = lastToken({ params, ...inputs });
    const values = (await logProbs.data()) as Float32Array;
    const states = (await hidden.data()) as Float32Array;
    disposeTree({ logProbs, hidden, ...inputs });
    const readings = contexts.map((_, i) => readingOf(model, values, states, [i, B]));
    for (const [i, { logProbs, hidden }] of readings.entries()) {
      const pass = () => ({ model, params, tokens: contexts[i] as readonly number[], positions });
      for (const read of [...hidden, logProbs]) await requireFiniteValues("probe", read, pass);
    }
    return readings;
  };
  return {
    async read(contexts) {
      const readings = new Array<Reading>(contexts.length);
      const whole = contexts.map((context, index) => ({ context: [...context, ...suffix], index }));
      for (const group of groupsOf(whole, ({ context }) => context.length, large ? LARGE_BATCH : BATCH)) {
        const found = await readGroup(group.map(({ context }) => context));
        group.forEach(({ index }, i) => {
          readings[index] = found[i] as Reading;
        });
      }
      return readings;
    },
    close: () => lastToken.close(),
  };
}

interface ContextReaderSubject {
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: AnsweringTokenizer;
  readonly placing?: Placing | undefined;
}

type AnsweringTokenizer = Pick<Tokenizer, "mask" | "closing">;

/**
 * What a model reads behind a context to answer: nothing, or the mask at which a masked model
 * answers and what ends every text.
 *
 * @throws InputError where a masked model's vocabulary has no `<mask>`
 */
export const answeringAt = ({ shape }: Model, { mask, closing = [] }: AnsweringTokenizer): number[] =>
  shape.causal ? [] : [maskOf(mask), ...closing];

/** @throws InputError where there is none */
export function maskOf(mask: number | undefined): number {
  if (mask === undefined)
    throw new InputError(
      "probe: a bidirectional model answers at <mask>, which its tokenizer lacks; put the tokenizer.json that has it into the model's folder",
    );
  return mask;
}

/** @returns logProbs (B,V) and hidden (layers+1,B,C), both at the last token but `behind` */
function atLastToken(
  model: Model,
  { params, tokens, positions }: Inputs,
  behind: number,
): { logProbs: tf.Tensor2D; hidden: tf.Tensor3D } {
  const [B, T] = tokens.shape;
  const kept: Record<string, tf.Tensor> = {};
  const names = Array.from({ length: model.shape.layers }, (_, layer) => `blocks.${layer}.resid_post`);
  const tap = keepInto(kept, ["blocks.0.resid_pre", ...names]);
  const read = B * T * model.vocabSize > LOGITS ? 1 + behind : T;
  const logits = forward(model, params, tokens, positions, { tap, last: read });
  const last = <R extends tf.Tensor>(x: tf.Tensor) =>
    tf.squeeze<R>(tf.slice(x, [0, (x.shape[1] as number) - 1 - behind, 0], [B, 1, -1]), [1]);
  const states = ["blocks.0.resid_pre", ...names].map((name) => last<tf.Tensor2D>(kept[name] as tf.Tensor));
  return { logProbs: tf.logSoftmax(last<tf.Tensor2D>(logits)), hidden: tf.stack(states) as tf.Tensor3D };
}

function readingOf(
  { shape, vocabSize: V }: Model,
  logProbs: Float32Array,
  hidden: Float32Array,
  [i, B]: readonly [row: number, rows: number],
): Reading {
  const { layers, width: C } = shape;
  const state = (layer: number) => hidden.slice((layer * B + i) * C, (layer * B + i + 1) * C);
  return {
    logProbs: logProbs.slice(i * V, (i + 1) * V),
    hidden: Array.from({ length: layers + 1 }, (_, layer) => state(layer)),
  };
}
