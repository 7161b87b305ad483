/**
 * Sinks, temperatures and gates against test/goldens/attention-fields.json, which test/goldens/make.py
 * made of gpt-oss's code in transformers and of formulas in float64: what a head has mixed, of given
 * queries, keys and values.
 */
import { beforeAll, expect, test } from "vitest";
import { contiguous, positionsOf } from "../../src/model/positions.ts";
import type { Tap } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import { tf } from "../../src/tensor/tf.ts";
import { GOLDEN, golden, type Nest } from "../encodings/calls.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, idsTensor, livelyParams, smallModel, someTokens } from "./small.ts";

interface Golden {
  readonly peer: string;
  readonly context: number;
  /** q, k and v (B,H,T,D), and what comes into the block, (B,T,C). */
  readonly state: Readonly<Record<"q" | "k" | "v" | "x", Nest>>;
  readonly cases: readonly {
    readonly title: string;
    readonly model: object;
    /** By their names in the block's attention. */
    readonly params: Readonly<Record<string, Nest>>;
    readonly z: Nest;
  }[];
}

const { peer, context, state, cases } = golden<Golden>("attention-fields");
const tensorOf = (values: Nest) => tf.tensor(values as number[], undefined, "float32"); // tf infers the rank

beforeAll(async () => {
  await startTestEngine();
});

test.each(cases)(`$title, of ${peer}`, ({ model: fields, params, z }) => {
  const model = smallModel({ kind: "none" }, { layers: 1, heads: 2, width: 8, context, ...fields });
  const found = tf.tidy(() => {
    const own = Object.entries(params).map(([name, values]) => {
      const full = `h.0.attn.${name}`.replace("attn.../", "");
      expect(model.specs[full]?.shape).toBeDefined();
      return [full, tensorOf(values)] as const;
    });
    const given: Readonly<Record<string, tf.Tensor>> = {
      "blocks.0.resid_pre": tensorOf(state.x),
      "blocks.0.attn.q": tensorOf(state.q),
      "blocks.0.attn.k": tensorOf(state.k),
      "blocks.0.attn.v": tensorOf(state.v),
    };
    let mixed: tf.Tensor | undefined;
    const tap: Tap = (name, activation) => {
      if (name === "blocks.0.attn.z") mixed = activation;
      return (given[name] ?? activation) as typeof activation; // of the same shape
    };
    const positions = tf.tensor1d(positionsOf(contiguous, 6));
    forward(
      model,
      { ...livelyParams(model), ...Object.fromEntries(own) },
      idsTensor(someTokens()),
      positions,
      {
        tap,
      },
    );
    return (mixed as tf.Tensor).arraySync();
  });
  expect(furthest(found, z)).toBeLessThan(GOLDEN);
});
