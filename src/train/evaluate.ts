/** The loss of a model on a split, in nats a token. */
import { compile } from "../engine/compile.ts";
import { identityOf } from "../model/identity.ts";
import type { Model } from "../model/model.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { type BatchTensors, tokenLosses } from "./objective.ts";

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

export interface Evaluator {
  /** Σ weight·NLL / Σ weight over all batches; disposes of the batches. */
  meanLoss(params: Params, batches: Iterable<BatchTensors>): Promise<number>;
  close(): void;
}

/** Compiles the evaluation of a model. Batches are weighted by their tokens, not averaged as windows. */
export function createEvaluator(model: Model): Evaluator {
  const sums = compile(
    ({ params, batch }: Inputs) => ({
      nll: tf.sum(tf.mul(tokenLosses(model, params, batch), batch.weights)),
      weight: tf.sum(batch.weights),
    }),
    { name: `evaluation of ${model.definition.kind}`, of: identityOf(model) },
  );
  return {
    async meanLoss(params, batches) {
      let nll = 0;
      let weight = 0;
      for (const batch of batches) {
        const sum = sums({ params, batch });
        nll += (await sum.nll.data())[0] as number;
        weight += (await sum.weight.data())[0] as number;
        disposeTree({ ...sum, batch });
      }
      return nll / weight;
    },
    close: () => sums.close(),
  };
}
