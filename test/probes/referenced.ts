/**
 * The scalar reference of a small model with learned positions or none, for metrics written from
 * their definitions.
 */
import type { Model } from "../../src/model/model.ts";
import type { Params } from "../../src/tensor/params.ts";
import type { Reference, Vector } from "../model/reference.ts";
import { V } from "../model/small.ts";

/** A tokenizer of the small models' vocabulary: the last token is `<mask>`. */
export const tokenizer = { kind: "test", vocabSize: V, mask: V - 1 } as never;

export function referenceOf({ config, shape }: Model, params: Params): Reference {
  const values: Record<string, Vector> = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, Array.from(value.dataSync())]),
  );
  const table = values["wpe.weight"];
  const { layers, heads, width, causal } = shape;
  return {
    ...{ layers, heads, width, causal, values },
    ...{ preNorm: config.norm === "pre", tied: config.tied, tokenScale: config.tokenScale },
    ...(table && { embed: (t: number) => table.slice(t * width, (t + 1) * width) }),
  };
}

/** ln of softmax. */
export function logSoftmax(logits: Vector): number[] {
  const most = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return logits.map((logit) => logit - most - Math.log(total));
}
