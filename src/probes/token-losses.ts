/** The loss of every token of rows of any lengths, row by row. */
import { compile } from "../engine/compile.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions } from "../model/positions.ts";
import { requireTokens } from "../model/tokens.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { type BatchTensors, tokenLosses } from "../train/objective.ts";
import { groupsOf } from "./groups.ts";
import { LOGITS, QUERIES, rowPass, rowsFor } from "./long-context.ts";
import { type Placing, placed } from "./placing.ts";
import type { Subject } from "./probe.ts";

/** Tokens, and what is predicted at each: the next one, or, of a masked model, the hidden one. */
export interface LossRow {
  readonly tokens: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
}

export interface TokenLosses {
  /**
   * −log p of each target, (T) for each row, in their order; in nats.
   *
   * @param placing where the tokens stand, if not where those of the subject do
   * @throws NotFiniteError, PositionError
   */
  read(rows: readonly LossRow[], placing?: Placing): Promise<Float32Array[]>;
  close(): void;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

/**
 * Rows of one length stand at the same positions, under `randomized` too: what is compared differs
 * in nothing else.
 */
export function openTokenLosses({
  model,
  params,
  placing: own,
}: Pick<Subject, "model" | "params" | "placing">): TokenLosses {
  const pass = compile(
    ({ params, batch }: Inputs) => ({
      nll: tokenLosses(model, params, batch, { queries: QUERIES, most: LOGITS }),
    }),
    { name: "token losses" },
  );
  const readGroup = async (
    rows: readonly LossRow[],
    B: number,
    placing: Placing | undefined,
  ): Promise<Float32Array[]> => {
    const T = (rows[0] as LossRow).tokens.length;
    const ids = (part: "tokens" | "targets") => {
      const filled = Array.from({ length: B }, (_, i) =>
        Array.from((rows[i % rows.length] as LossRow)[part]),
      );
      return tf.tensor2d(requireTokens(model, filled.flat()), [B, T], "int32");
    };
    const [scheme, rng] = placed(placing, T, 0);
    const positions = definedPositions(model, scheme, T, rng);
    const batch = {
      ...{ tokens: ids("tokens"), targets: ids("targets") },
      ...{ weights: tf.ones([B, T]) as tf.Tensor2D, positions: tf.tensor1d(positions) },
    };
    const { nll } = pass({ params, batch });
    const values = (await nll.data()) as Float32Array;
    await requireFiniteValues("probe", values, () => rowPass({ model, params }, batch, values));
    disposeTree({ nll, batch });
    return rows.map((_, i) => values.slice(i * T, (i + 1) * T));
  };
  return {
    async read(rows, placing = own) {
      const found = new Map<LossRow, Float32Array>();
      for (const same of groupsOf(rows, ({ tokens }) => tokens.length)) {
        const T = (same[0] as LossRow).tokens.length;
        const most = Math.max(1, Math.min(rowsFor(T), Math.floor((2 * LOGITS) / (T * model.vocabSize))));
        for (const group of groupsOf(same, () => 0, most)) {
          const losses = await readGroup(group, Math.min(most, same.length), placing);
          group.forEach((row, i) => {
            found.set(row, losses[i] as Float32Array);
          });
        }
      }
      return rows.map((row) => found.get(row) as Float32Array); // each is in one group
    },
    close: () => pass.close(),
  };
}
