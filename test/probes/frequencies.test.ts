/** The use of rotary frequencies, against norms in loops, and what a model loses without them. */
import { beforeAll, describe, expect, test } from "vitest";
import { keepInto } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { withoutColumns } from "../../src/probes/frequency-ablation.ts";
import { runProbe } from "../../src/probes/run.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { idsTensor, livelyParams, logitsFor, smallModel } from "../model/small.ts";
import { meanOf, someWords, subjectReading, valueAt } from "./scalar-attention.ts";

const contexts = someWords(2, 6);
const SIZES = { contexts: 2, length: 6, ablated: [0.5] };

beforeAll(async () => {
  await startEngine("cpu"); // tiny models, and nothing to compile
});

/** Rows of an activation, by head and position. */
function activation(model: ReturnType<typeof smallModel>, params: Params, tokens: number[], name: string) {
  return tf.tidy(() => {
    const kept: Record<string, tf.Tensor> = {};
    const positions = tf.range(0, tokens.length) as tf.Tensor1D;
    forward(model, params, idsTensor([tokens]), positions, { tap: keepInto(kept, [name]) });
    return (kept[name] as tf.Tensor4D).arraySync()[0] as number[][][];
  });
}

describe.each([
  ["halves", [0, 4, 1, 5, 2, 6, 3, 7]],
  ["interleaved", [0, 1, 2, 3, 4, 5, 6, 7]],
])("rope, %s", (layout, columns) => {
  test("the use of a pair is the mean length of its queries times that of its keys", async () => {
    const model = smallModel({ kind: "rope", layout }, { layers: 1, keyValueHeads: 1 });
    const params = livelyParams(model);
    const rows = await runProbe("frequencies", subjectReading(model, params, contexts), 1, SIZES);
    const length = (x: number[][], pair: number) =>
      meanOf(
        x.map((row) =>
          Math.hypot(
            row[columns[2 * pair] as number] as number,
            row[columns[2 * pair + 1] as number] as number,
          ),
        ),
      );
    for (const head of [0, 1]) {
      const uses = contexts.map((tokens) => {
        const q = activation(model, params, tokens, "blocks.0.attn.q")[head] as number[][];
        const k = activation(model, params, tokens, "blocks.0.attn.k")[0] as number[][]; // one for both heads
        return [0, 1, 2, 3].map((pair) => length(q, pair) * length(k, pair));
      });
      const shares = uses.map((of) => of.map((use) => use / of.reduce((a, b) => a + b)));
      for (const pair of [0, 1, 2, 3]) {
        const at = { layer: 0, head, pair };
        expect(valueAt(rows, "frequency_use", at)).toBeCloseTo(
          meanOf(uses.map((of) => of[pair] as number)),
          4,
        );
        expect(valueAt(rows, "frequency_share", at)).toBeCloseTo(
          meanOf(shares.map((of) => of[pair] as number)),
          5,
        );
        const row = rows.find(({ at: { head: h, pair: p } }) => h === head && p === pair);
        expect(row?.at.omega).toBeCloseTo(10_000 ** (-pair / 4), 9);
      }
      const fast = meanOf(shares.map((of) => (of[0] as number) + (of[1] as number)));
      expect(valueAt(rows, "fast_share", { layer: 0, head })).toBeCloseTo(fast, 5);
    }
  });
});

test("what frequencies are worth is the loss without their columns", async () => {
  const model = smallModel({ kind: "rope" }, { layers: 2 });
  const params = livelyParams(model);
  const rows = await runProbe("frequencies", subjectReading(model, params, contexts), 1, SIZES);
  const lossOf = (given: Params) =>
    contexts.map((tokens) => {
      const [logits = []] = logitsFor(model, given, [tokens]);
      return meanOf(
        logits.map((row, t) => {
          const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
          return Math.log(total) - (row[tokens[t] as number] as number); // the subject's targets are its tokens
        }),
      );
    });
  // the same columns of queries, 16 wide in two heads of 8: half of the pairs are columns 0, 1, 4, 5 of each
  const without = Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (!name.includes("c_attn")) return [name, value];
      const N = value.shape.at(-1) as number;
      const keep = Array.from({ length: N }, (_, n) => (n < 16 && [0, 1, 4, 5].includes(n % 8) ? 0 : 1));
      return [name, tf.mul(value, tf.tensor1d(keep))];
    }),
  );
  const [before, after] = [lossOf(params), lossOf(without)];
  const cost = meanOf(after.map((loss, c) => loss - (before[c] as number)));
  expect(valueAt(rows, "frequency_ablation", { zeroed: "fastest", pairs: 2 })).toBeCloseTo(cost, 4);
  expect(Math.abs(cost)).toBeGreaterThan(1e-3);
  expect(valueAt(rows, "frequency_ablation", { zeroed: "slowest", pairs: 2 })).not.toBeCloseTo(cost, 3);
});

test("without any column attention is that of no queries: even", () => {
  const model = smallModel({ kind: "rope" }, { layers: 1 });
  const params = livelyParams(model);
  const bare = withoutColumns(model, [[0, 1, 2, 3, 4, 5, 6, 7]]);
  const [head = []] = activation(bare, params, contexts[0] as number[], "blocks.0.attn.pattern");
  head.forEach((row, i) => {
    expect(row.slice(0, i + 1).map((weight) => Math.abs(weight - 1 / (i + 1)) < 1e-6)).not.toContain(false);
  });
});

test("a model that turns no pairs is told so", async () => {
  const model = smallModel({ kind: "alibi" }, { layers: 1 });
  const subject = subjectReading(model, livelyParams(model), contexts);
  await expect(runProbe("frequencies", subject, 1, SIZES)).rejects.toThrow(
    /^probe frequencies: the encoding alibi names no pairs .*; ask a model that rotates/,
  );
});
