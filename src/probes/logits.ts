/** The logits of one sequence, as numbers. */
import type { Model } from "../model/model.ts";

import { requireFiniteValues } from "../model/not-finite.ts";
import { contiguous, definedPositions, type Scheme } from "../model/positions.ts";

import { requireTokens } from "../model/tokens.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import type { Rng } from "../tensor/rng.ts";
import { tf } from "../tensor/tf.ts";

/**
 * The logits of one sequence, as numbers.
 *
 * @returns a row of V logits for each of the T ids
 * @throws InputError for an id outside the vocabulary, PositionError for a position that the
 *   encoding does not define, NotFiniteError.
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const logits = await logitsOf(model, initialize(model.specs, 1), [1, 2, 3]);
 * assert.deepEqual([logits.length, logits[0]?.length], [3, 10]); // (T,V)
 */
export async function logitsOf(
  model: Model,
  params: Params,
  ids: readonly number[],
  { scheme = contiguous, rng }: { scheme?: Scheme; rng?: Rng } = {},
): Promise<number[][]> {
  requireTokens(model, ids);
  const positions = definedPositions(model, scheme, ids.length, rng);
  const logits = tf.tidy(() =>
    tf.squeeze<tf.Tensor2D>(
      forward(model, params, tf.tensor2d([...ids], [1, ids.length], "int32"), tf.tensor1d(positions)),
      [0],
    ),
  );
  try {
    await requireFiniteValues("logits", await logits.data(), () => ({
      model,
      params,
      tokens: ids,
      positions,
    }));
    return (await logits.array()) as number[][];
  } finally {
    logits.dispose();
  }
}
