/**
 * The transformer as a pure function: (model, params, tokens, positions) → logits.
 *
 *     pre-norm  (GPT-2):      x += attn(LN(x));  x += mlp(LN(x));  logits = LN(x)·Eᵀ
 *     post-norm (BERT, 2017): x = LN(x + attn(x));  x = LN(x + mlp(x));  logits = x·Eᵀ
 *     parallel  (GPT-NeoX):   x += attn(LN(x)) + mlp(LN'(x));  of GPT-J, LN' is LN
 *
 * BERT's head puts LN(gelu(x·W + b)) in the place of the last x, and adds a bias to the logits
 * (Devlin et al. 2019, its code).
 */
import { expectShape, product } from "../tensor/ops.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { type Drop, undropped } from "./attend.ts";
import { type AttentionInput, attention } from "./attention.ts";
import type { KvCache } from "./kv-cache.ts";
import { activation, mlp } from "./mlp.ts";
import type { Model } from "./model.ts";
import { norm } from "./norm.ts";
import { affine } from "./projection.ts";
import { bothTaps, type Tap, untapped } from "./taps.ts";

/** What a forward pass may be told beside its tokens. */
export interface ForwardOptions {
  /** Uniform numbers in [0, 1) of a shape, for dropout; without them there is none. */
  readonly noise?: (shape: number[]) => tf.Tensor;
  /** Sees every activation; a tapped pass holds all of the scores, (B,H,T,S), at once. */
  readonly tap?: Tap;
  /** Most queries of a context that attention reads at a time. */
  readonly queries?: number;
  /** What was read before these tokens. */
  readonly cache?: KvCache;
  /** Logits of so many tokens at the end alone. Default: of all. */
  readonly last?: number;
}

/**
 * @param tokens (B,T), int32
 * @param positions (T), float32; the caller has checked them: `requireDefined`.
 * @returns logits (B,T,V), or of the last ones
 * @throws TypeError where shapes do not fit.
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const tokens = tf.tensor2d([[1, 2, 3]], [1, 3], "int32"); // (B,T)
 * const logits = forward(model, initialize(model.specs, 1), tokens, tf.tensor1d([0, 1, 2]));
 * assert.deepEqual(logits.shape, [1, 3, 10]); // (B,T,V)
 */
export function forward(
  model: Model,
  params: Params,
  tokens: tf.Tensor2D,
  positions: tf.Tensor1D,
  options: ForwardOptions = {},
): tf.Tensor3D {
  const states = finalStates(model, params, tokens, positions, options);
  const [B, last, C] = states.shape;
  const logits = logitsOfStates(model, params, tf.reshape(states, [B * last, C])); // (B·T,V)
  return tf.reshape(logits, [B, last, model.vocabSize]) as tf.Tensor3D;
}

/**
 * What the head reads, (B,T,C), or of the last tokens: `forward` without its logits, for whom
 * (B,T,V) would be too large.
 *
 * @throws TypeError where shapes do not fit.
 */
export function finalStates(
  model: Model,
  params: Params,
  tokens: tf.Tensor2D,
  positions: tf.Tensor1D,
  options: ForwardOptions = {},
): tf.Tensor3D {
  const [B, T] = tokens.shape;
  expectShape("forward", "positions", positions, [T]);
  const { layers, width: C } = model.shape;
  const table = param<tf.Tensor2D>(params, "wte.weight"); // (V,C)
  const tap = bothTaps(model.tap, options.tap);
  const drop = dropout(model.config.dropout, options.noise);

  const embedded = tf.gather(table, tf.reshape(tokens, [-1]) as tf.Tensor1D); // (B·T,C)
  const scaled = tf.mul(tf.reshape(embedded, [B, T, C]), model.config.tokenScale) as tf.Tensor3D;
  const placed = model.encoding.embed?.(params, positions);
  const v = tap("embed", scaled);
  const sum = (placed ? tf.add(v, tap("pos_embed", placed)) : v) as tf.Tensor3D;
  let x = drop(model.config.embeddingNorm ? norm(model, params, "ln_e", sum) : sum) as tf.Tensor3D;
  const { cache, last = T } = options;
  const reads = (options.tap ?? untapped) !== untapped;
  const queries = reads ? T : options.queries;
  for (let layer = 0; layer < layers; layer++) {
    x = block(model, params, { layer, x, positions, drop, tap, queries, cache });
  }
  const read = last === T ? x : tf.slice(x, [0, T - last, 0], [-1, last, -1]);
  return model.config.norm === "pre" ? norm(model, params, "ln_f", read) : read;
}

/** (N,C) → (N,V) */
export function logitsOfStates(model: Model, params: Params, x: tf.Tensor2D): tf.Tensor2D {
  const matrix = param<tf.Tensor2D>(params, model.config.tied ? "wte.weight" : "lm_head.weight"); // (V,C)
  const project = (y: tf.Tensor2D) => product(y, tf.transpose(matrix));
  if (model.config.head === "linear") return project(x);
  if (model.config.head === "biased") return tf.add(project(x), param(params, "lm_head.bias"));
  const transformed = activation(model, affine(params, "lm_head.transform", x));
  const y = norm(model, params, "lm_head.norm", transformed);
  return tf.add(project(y), param(params, "lm_head.bias"));
}

/** @returns (B,T,C) */
function block(model: Model, params: Params, input: AttentionInput): tf.Tensor3D {
  const { layer, x, drop, tap } = input;
  const h = `h.${layer}`;
  const at = (activation: string) => `blocks.${layer}.${activation}`;
  const pre = model.config.norm === "pre";
  const { residual } = model.config;
  const before = (name: string, r: tf.Tensor3D) => (pre ? norm(model, params, `${h}.${name}`, r) : r);
  const after = (name: string, r: tf.Tensor3D) => (pre ? r : norm(model, params, `${h}.${name}`, r));
  const resid = tap(at("resid_pre"), x);
  const first = before("ln_1", resid);
  const attended = attention(model, params, { ...input, x: first });
  const attnOut = tap(at("attn_out"), drop(attended) as tf.Tensor3D);
  const mid = tap(at("resid_mid"), after("ln_1", tf.add(resid, attnOut)));
  const second = () => before("ln_2", residual === "parallel" ? resid : mid);
  const read = residual === "parallel-one-norm" ? first : second();
  const mlpOut = tap(at("mlp_out"), drop(mlp(model, params, `${h}.mlp`, read)) as tf.Tensor3D);
  return tap(at("resid_post"), after("ln_2", tf.add(mid, mlpOut)));
}

/** Inverted dropout (Srivastava et al. 2014): what is kept is divided by 1 − rate. */
function dropout(rate: number, noise: ForwardOptions["noise"]): Drop {
  if (rate === 0 || noise === undefined) return undropped;
  return (x) => tf.mul(x, tf.div(tf.cast(tf.greaterEqual(noise(x.shape), rate), "float32"), 1 - rate));
}
