/**
 * What a model makes of each token of a sequence: its log-probability, wherever the sequence is and
 * however many there are.
 */
import { compile } from "../engine/compile.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";
import { requireTokens } from "../model/tokens.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { tokenLosses } from "../train/objective.ts";
import { groupsOf } from "./groups.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";
import { answeringAt } from "./reader.ts";

export interface Scorer {
  /**
   * ln p of each token of each sequence, (T), in nats. A causal model reads the tokens before it:
   * the first has none, NaN. A masked model reads all others, the token itself hidden: the terms of
   * a pseudo-log-likelihood (Salazar et al. 2020, equation 2).
   *
   * @param from the first token that is scored
   */
  score(sequences: readonly (readonly number[])[], from?: number): Promise<Float64Array[]>;
  close(): void;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32 both */
  readonly tokens: tf.Tensor2D;
  readonly targets: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
}

/**
 * One row of a forward pass: of the answers at its T tokens, those from `first` to before `end` are
 * token `first + shift` … of a sequence.
 */
interface Row {
  readonly sequence: number;
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
  readonly first: number;
  readonly end: number;
  readonly shift: number;
}

/** Logits of a forward pass, at most. */
const LOGITS = 2 ** 25;
const ROWS = 64;

/** @throws InputError where a masked model's vocabulary has no `<mask>` */
export function openScorer({ model, params, tokenizer, placing }: Subject): Scorer {
  const suffix = answeringAt(model, tokenizer);
  const pass = compile(({ params, ...batch }: Inputs) => ({ nll: tokenLosses(model, params, batch) }), {
    name: "scorer",
  });
  const nllOf = async (rows: readonly Row[], size: number): Promise<Float32Array> => {
    const T = (rows[0] as Row).tokens.length;
    const filled = Array.from({ length: size }, (_, i) => rows[i % rows.length] as Row);
    const [scheme, rng] = placed(placing, T, 0);
    const positions = definedPositions(model, scheme, T, rng);
    const ids = (of: "tokens" | "targets") =>
      tf.tensor2d(
        requireTokens(
          model,
          filled.flatMap((row) => row[of]),
        ),
        [size, T],
        "int32",
      );
    const inputs = { tokens: ids("tokens"), targets: ids("targets"), positions: tf.tensor1d(positions) };
    const { nll } = pass({ params, ...inputs });
    const values = (await nll.data()) as Float32Array;
    disposeTree({ nll, ...inputs });
    await requireFiniteValues("probe", values, () => {
      return { model, params, tokens: filled.flatMap(({ tokens }) => tokens), positions };
    });
    return values;
  };
  return {
    async score(sequences, from = 0) {
      const scores = sequences.map((tokens) => new Float64Array(tokens.length).fill(Number.NaN));
      const rows = sequences.flatMap((tokens, i) => rowsOf(tokens, i, from, suffix));
      for (const same of groupsOf(rows, ({ tokens }) => tokens.length)) {
        const T = (same[0] as Row).tokens.length;
        const size = Math.max(1, Math.min(ROWS, same.length, Math.floor(LOGITS / (T * model.vocabSize))));
        for (const group of groupsOf(same, () => 0, size)) {
          const nll = await nllOf(group, size);
          group.forEach(({ sequence, first, end, shift }, i) => {
            for (let t = first; t < end; t++)
              (scores[sequence] as Float64Array)[t + shift] = -(nll[i * T + t] as number);
          });
        }
      }
      return scores;
    },
    close: () => pass.close(),
  };
}

/** @param suffix the mask and what ends every text, of a masked model */
function rowsOf(tokens: readonly number[], sequence: number, from: number, suffix: readonly number[]): Row[] {
  const T = tokens.length;
  const [mask, ...closing] = suffix;
  if (mask === undefined) {
    const first = Math.max(0, from - 1);
    if (first + 1 >= T) return []; // nothing comes after the first token
    const row = { sequence, tokens: tokens.slice(0, -1), targets: tokens.slice(1) };
    return [{ ...row, first, end: T - 1, shift: 1 }];
  }
  return Array.from({ length: Math.max(0, T - from) }, (_, i) => {
    const hidden = tokens.map((token, t) => (t === from + i ? mask : token));
    const all = { tokens: [...hidden, ...closing], targets: [...tokens, ...closing] };
    return { sequence, ...all, first: from + i, end: from + i + 1, shift: 0 };
  });
}
