/** What a model loses without some of its rotary pairs: their columns of every query and key are zero. */
import type { Model } from "../model/model.ts";
import { bothTaps, type Tap } from "../model/taps.ts";
import { type Mean, mean, meanWithError } from "../tensor/numbers.ts";
import { tf } from "../tensor/tf.ts";
import { type ContextLosses, openLongContexts } from "./long-context.ts";
import type { SubjectWith } from "./probe.ts";

/** The model whose queries and keys are zero in these columns, by layer, of every head, before they are turned. */
export function withoutColumns(model: Model, columns: readonly (readonly number[])[]): Model {
  const D = model.shape.headWidth;
  const keep = columns.map((own) => Array.from({ length: D }, (_, column) => (own.includes(column) ? 0 : 1)));
  const tap: Tap = (name, activation) => {
    const [, layer] = /^blocks\.(\d+)\.attn\.[qk]$/.exec(name) ?? [];
    return layer === undefined
      ? activation
      : tf.mul(activation, tf.tensor1d(keep[Number(layer)] as number[]));
  };
  return { ...model, tap: bothTaps(model.tap, tap) };
}

/** How much more each context costs, in nats a token, without the columns of each entry. */
export async function costsWithout(
  subject: SubjectWith<"windows">,
  { contexts, length }: { readonly contexts: number; readonly length: number },
  columns: readonly (readonly (readonly number[])[])[],
): Promise<Mean[]> {
  const lossesOf = async (model: Model) => {
    const reader = openLongContexts({ ...subject, model }, subject.material.windows);
    const read = (await reader.contextLosses(length, contexts)).slice(0, contexts).map(meanLoss);
    reader.close();
    return read;
  };
  const whole = await lossesOf(subject.model);
  const costs: Mean[] = [];
  for (const some of columns) {
    const without = await lossesOf(withoutColumns(subject.model, some));
    const differences = without.map((loss, c) => loss - (whole[c] as number));
    costs.push(meanWithError(differences.filter((difference) => !Number.isNaN(difference))));
  }
  return costs;
}

/** NaN where no target counts. */
function meanLoss({ nll, weights }: ContextLosses): number {
  const total = mean([...weights]) * weights.length;
  return total === 0
    ? Number.NaN
    : nll.reduce((sum, loss, i) => sum + loss * (weights[i] as number), 0) / total;
}
