/**
 * Activations that probes read: of each context alone, whatever stands beside it, and with what a
 * model's own tap changes.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { openActivations, type Traced } from "../../src/probes/activations.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { livelyParams, smallModel, someTokens } from "../model/small.ts";

beforeAll(async () => {
  await startTestEngine();
});

async function traced(
  subject: Parameters<typeof openActivations>[0],
  names: readonly string[],
  contexts: readonly number[][],
) {
  const reader = openActivations(subject, names);
  const all: Traced[] = [];
  for await (const one of reader.trace(contexts)) all.push(one);
  reader.close();
  return all.sort((a, b) => a.index - b.index);
}

const NAMES = [
  "embed",
  "pos_embed",
  "blocks.0.attn.pattern",
  "blocks.1.attn.bias",
  "blocks.0.attn.rot_q",
  "blocks.1.resid_post",
  "logits",
];

describe.each(["learned", "rope", "alibi", "cope", "deberta"])("%s", (kind) => {
  const model = smallModel({ kind }, { layers: 2 });
  let params: Params;
  beforeAll(() => {
    params = livelyParams(model);
  });
  const contexts = [...(someTokens(3, 6) as number[][]), ...(someTokens(2, 4) as number[][])];

  test("each context's activations are those of the context alone", async () => {
    const together = await traced({ model, params }, NAMES, contexts);
    for (const [i, context] of contexts.entries()) {
      const [alone] = await traced({ model, params }, NAMES, [context]);
      const one = together[i] as Traced;
      expect(one.tokens).toEqual(context);
      expect(Object.keys(one.activations)).toEqual(Object.keys((alone as Traced).activations));
      for (const [name, { shape, values }] of Object.entries((alone as Traced).activations)) {
        expect(one.activations[name]?.shape, name).toEqual(shape);
        const differences = values.map((value, k) =>
          Math.abs(value - (one.activations[name]?.values[k] as number)),
        );
        expect(Math.max(...differences), name).toBeLessThan(1e-4);
      }
    }
  });

  test("shapes are without the batch's axis; what the model lacks is left out", async () => {
    const [one] = (await traced({ model, params }, NAMES, contexts)) as [Traced];
    const { activations } = one;
    expect(activations.embed?.shape).toEqual([6, 16]);
    expect(activations["blocks.0.attn.pattern"]?.shape).toEqual([2, 6, 6]);
    expect(activations.logits?.shape).toEqual([6, model.vocabSize]);
    expect(activations.pos_embed !== undefined).toBe(kind === "learned");
    expect(activations["blocks.0.attn.rot_q"] !== undefined).toBe(kind === "rope");
    expect(activations["blocks.1.attn.bias"] !== undefined).toBe(["alibi", "cope", "deberta"].includes(kind));
  });
});

test("a model's own tap changes the pass before a probe reads it", async () => {
  const model = smallModel({ kind: "learned" }, { layers: 1 });
  const params = livelyParams(model);
  const context = someTokens(1, 5)[0] as number[];
  const still = {
    ...model,
    tap: <T extends tf.Tensor>(name: string, x: T): T => (name === "pos_embed" ? (tf.zerosLike(x) as T) : x),
  };
  const [one] = (await traced({ model: still, params }, ["pos_embed", "logits"], [context])) as [Traced];
  expect([...(one.activations.pos_embed?.values ?? [1])].every((value) => value === 0)).toBe(true);
  const [other] = (await traced({ model, params }, ["logits"], [context])) as [Traced];
  expect(one.activations.logits?.values).not.toEqual(other.activations.logits?.values);
});
