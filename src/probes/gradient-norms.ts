/**
 * How strongly each token's embedding moves one prediction: norms of gradients, by a variable that
 * a tap adds to the embeddings.
 */
import { compile } from "../engine/compile.ts";
import { firstNotFinite } from "../finite.ts";
import type { Model } from "../model/model.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";
import type { Tap } from "../model/taps.ts";
import { requireTokens } from "../model/tokens.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { groupsOf } from "./groups.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";

/** A context, where in it the model answers, and with which token. */
export interface FieldContext {
  readonly tokens: readonly number[];
  readonly at: number;
  readonly target: number;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
  /** 1 at the target, (B,V). */
  readonly targets: tf.Tensor2D;
  /** (B,T,C) zeros, which the gradient is of. */
  readonly moves: tf.Tensor3D;
}

/** Tokens of one pass, at most: a gradient keeps every activation of it. */
const TOKENS = 1024;

/**
 * ‖∂ log p(target)/∂e_t‖₂ for each token t of each context, e what `embed` taps: the scaled
 * embedding of the token, without its position.
 *
 * @param contexts of one length, answered at one place
 * @param params of the model, one set or several, which one compiled pass serves
 * @returns for each set of parameters, (T) for each context
 */
export async function gradientNorms(
  { model, placing }: Pick<Subject, "model" | "placing">,
  contexts: readonly FieldContext[],
  params: readonly Params[],
): Promise<Float32Array[][]> {
  const [first] = contexts;
  if (first === undefined) return params.map(() => []);
  const T = first.tokens.length;
  const size = Math.max(1, Math.min(contexts.length, Math.floor(TOKENS / T)));
  const pass = compile((inputs: Inputs) => ({ norms: normsOf(model, first.at, inputs) }), {
    name: "gradient norms",
  });
  const [scheme, rng] = placed(placing, T, 0);
  const positions = definedPositions(model, scheme, T, rng);
  const read = async (own: Params, group: readonly FieldContext[]): Promise<Float32Array[]> => {
    const filled = Array.from({ length: size }, (_, i) => group[i % group.length] as FieldContext);
    const inputs = inputsOf(model, filled, positions);
    const { norms } = pass({ params: own, ...inputs });
    const values = (await norms.data()) as Float32Array;
    disposeTree({ norms, ...inputs });
    await requireFiniteValues("probe field: a gradient", values, () => {
      const { tokens } = filled[Math.floor(firstNotFinite(values) / T)] as FieldContext;
      return { model, params: own, tokens, positions };
    });
    return group.map((_, i) => values.slice(i * T, (i + 1) * T));
  };
  try {
    const all: Float32Array[][] = [];
    for (const own of params) {
      const found: Float32Array[] = [];
      for (const group of groupsOf(contexts, () => 0, size)) found.push(...(await read(own, group)));
      all.push(found);
    }
    return all;
  } finally {
    pass.close();
  }
}

function inputsOf(model: Model, contexts: readonly FieldContext[], positions: Float32Array) {
  const [B, T] = [contexts.length, positions.length];
  const tokens = requireTokens(
    model,
    contexts.flatMap((context) => context.tokens),
  );
  const targets = requireTokens(
    model,
    contexts.map(({ target }) => target),
  );
  return {
    tokens: tf.tensor2d(tokens, [B, T], "int32"),
    positions: tf.tensor1d(positions),
    targets: tf.tidy(
      () => tf.oneHot(tf.tensor1d(targets, "int32"), model.vocabSize, 1, 0, "float32") as tf.Tensor2D,
    ),
    moves: tf.zeros([B, T, model.shape.width]) as tf.Tensor3D,
  };
}

/** (B,T) */
function normsOf(model: Model, at: number, { params, tokens, positions, targets, moves }: Inputs): tf.Tensor {
  const [B, T] = tokens.shape;
  const last = T - at; // a causal model answers at the last token: logits of the others are not made
  const logProb = (moved: tf.Tensor): tf.Scalar => {
    const tap: Tap = (name, x) => (name === "embed" ? (tf.add(x, moved) as typeof x) : x);
    const logits = forward(model, params, tokens, positions, { tap, last }); // (B,last,V)
    const there = tf.reshape(tf.slice(logits, [0, 0, 0], [B, 1, -1]), [B, model.vocabSize]);
    return tf.sum(tf.mul(tf.logSoftmax(there), targets)) as tf.Scalar; // contexts do not touch each other
  };
  return tf.sqrt(tf.sum(tf.square(tf.grad(logProb)(moves)), 2));
}
