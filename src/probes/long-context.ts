/** Forward passes over long contexts: the loss at every position. */
import { specialIds } from "../data/data.ts";
import type { Windows } from "../data/index.ts";
import { type Compiled, compile } from "../engine/compile.ts";
import { firstNotFinite } from "../finite.ts";
import { identityOf } from "../model/identity.ts";
import { type Pass as ModelPass, requireFiniteValues } from "../model/not-finite.ts";
import type { Params } from "../tensor/params.ts";
import type { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { batchTensors, forObjective } from "../train/batch.ts";
import { type BatchTensors, tokenLosses } from "../train/objective.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";
import { maskOf } from "./reader.ts";

export interface LongContexts {
  /** Mean −log p at each of `length` positions over contexts, in nats; NaN where no target counts. */
  losses(length: number, contexts: number): Promise<number[]>;
  /**
   * The losses that they are means of, by context. There may be more than asked for: whole batches
   * are read.
   */
  contextLosses(length: number, contexts: number): Promise<ContextLosses[]>;
  close(): void;
}

/**
 * −log p at each position of one context, in nats, and the weight of each in a mean: 0 where no
 * target counts.
 */
export interface ContextLosses {
  readonly nll: Float32Array;
  readonly weights: Float32Array;
}

/**
 * Compiles the passes of a model that is defined at every position asked for.
 *
 * @param most logits that are held at a time, at least those of one token
 * @throws InputError where a bidirectional model has no mask to answer at
 */
export function openLongContexts(subject: Subject, windows: Windows, most = LOGITS): LongContexts {
  const { model, tokenizer } = subject;
  if (!model.shape.causal) maskOf(tokenizer.mask); // here: a batch would blame `train.objective`, and nothing is trained
  const pass = compile(
    (inputs: Inputs) => ({
      nll: tokenLosses(model, inputs.params, inputs.batch, { queries: QUERIES, most }),
    }),
    {
      name: `long contexts of ${model.definition.kind}, ${most} logits at a time`,
      of: identityOf(model),
    },
  );
  const contextLosses = (length: number, contexts: number) =>
    lossesByContext(subject, windows, pass, length, contexts);
  return {
    losses: async (length, contexts) => meansByPosition(await contextLosses(length, contexts)),
    contextLosses,
    close: () => pass.close(),
  };
}

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

type Pass = Compiled<Inputs, { nll: tf.Tensor }>;

/** Logits that are held at a time: of a large vocabulary 2,048 tokens would take gigabytes. */
export const LOGITS = 2 ** 25;

/**
 * Queries that are read at a time: their scores stay in the processor's cache, and keys after the
 * last of them are left out.
 */
export const QUERIES = 64;

/**
 * Rows of one forward pass, at most 2,048 tokens. Powers of two, so that groups divide evenly and
 * few shapes are traced.
 */
export const rowsFor = (T: number) => Math.max(1, Math.min(64, 2 ** Math.floor(Math.log2(2048 / T))));

async function lossesByContext(
  { model, params, tokenizer, placing }: Subject,
  windows: Windows,
  pass: Pass,
  T: number,
  contexts: number,
): Promise<ContextLosses[]> {
  const B = Math.min(contexts, rowsFor(T));
  const all: ContextLosses[] = [];
  for (let index = 0; index < Math.ceil(contexts / B); index++) {
    const objective = model.shape.causal ? "causal" : "masked";
    const batch = forObjective(
      { tokenizer, special: specialIds(tokenizer) },
      windows.window(index, B, T),
      objective,
      windows.seed,
      `data/mask/length/${index}`,
    );
    const tensors = batchTensors(model, batch, ...placed(placing, T, index));
    const outputs = pass({ params, batch: tensors });
    const nll = await finiteLosses({ model, params }, outputs.nll, tensors);
    disposeTree({ ...outputs, batch: tensors });
    const weights = batch.weights ?? new Float32Array(nll.length).fill(1);
    for (let from = 0; from < nll.length; from += T)
      all.push({ nll: nll.slice(from, from + T), weights: weights.slice(from, from + T) });
  }
  return all;
}

/** Σ weight·nll / Σ weight over contexts, at each position. */
export function meansByPosition(contexts: readonly ContextLosses[]): number[] {
  const T = contexts[0]?.nll.length ?? 0;
  return Array.from({ length: T }, (_, position) => {
    let [sum, total] = [0, 0];
    for (const { nll, weights } of contexts) {
      const weight = weights[position] as number;
      sum += weight * (nll[position] as number);
      total += weight;
    }
    return sum / total;
  });
}

/**
 * What computed the first row of a batch that has a value which is not finite.
 *
 * @param values as many for each row
 */
export async function rowPass(
  { model, params }: Pick<Subject, "model" | "params">,
  { tokens, positions }: Pick<BatchTensors, "tokens" | "positions">,
  values: ArrayLike<number>,
): Promise<ModelPass> {
  const [B, T] = tokens.shape;
  const row = Math.floor((firstNotFinite(values) * B) / values.length);
  const read = (await tokens.data()).slice(row * T, (row + 1) * T);
  return { model, params, tokens: read, positions: (await positions.data()) as Float32Array };
}

/** @throws NotFiniteError that says where the first row whose loss is not finite went wrong. */
async function finiteLosses(
  { model, params }: Pick<Subject, "model" | "params">,
  nll: tf.Tensor,
  { tokens, positions }: Pick<BatchTensors, "tokens" | "positions">,
): Promise<Float32Array> {
  const values = (await nll.data()) as Float32Array;
  await requireFiniteValues("probe", values, () => rowPass({ model, params }, { tokens, positions }, values));
  return values;
}
