/** Relative biases against loops, at T = 5 and D = 4. */
import { beforeAll, describe, expect, test } from "vitest";
import type { AttentionState } from "../../src/encodings/encoding.ts";
import { contiguous, positionsOf } from "../../src/model/positions.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, livelyParams, smallModel } from "../model/small.ts";

const T = 5;
const H = 2;
const D = 4;
/** One product and one sum of float32 numbers of size 3. */
const ROUNDING = 1e-6;

beforeAll(async () => {
  await startTestEngine();
});

/** b[h,i,j] of a block, and the numbers of its table. */
function biasOf(fields: object, attention: string, positions: Float32Array) {
  const model = smallModel({ kind: "relative", ...fields }, { width: H * D, heads: H, attention });
  const table = livelyParams(model)["h.1.attn.relative.weight"] as tf.Tensor;
  const at = tf.tensor1d(positions);
  const state = {
    layer: 1,
    params: { "relative.weight": table },
    positions: { query: at, key: at },
    scale: 1 / Math.sqrt(D),
    causal: attention === "causal",
  } as unknown as AttentionState; // what this bias looks at
  const bias = tf.tidy(() => model.encoding.bias?.(state).arraySync()) as number[][][];
  const rows = table.arraySync() as number[][];
  return { bias, rows };
}

const attentions = ["causal", "bidirectional"] as const;

describe.each(attentions)("%s", (attention) => {
  test.each([
    { window: "context", inside: true },
    { window: "context", inside: false },
    { window: 2, inside: true },
    { window: 2, inside: false },
  ])("bias[h,i,j] = b[clip(j − i, ±window)], divided by √D where it is inside: %o", ({ window, inside }) => {
    const { bias, rows } = biasOf({ window, inside }, attention, positionsOf(contiguous, T));
    const reach = window === "context" ? 7 : (window as number); // L_max is 8
    expect(rows).toHaveLength(attention === "causal" ? reach + 1 : 2 * reach + 1);
    for (let h = 0; h < H; h++) {
      for (let i = 0; i < T; i++) {
        // A causal table ends at distance 0; what its bias is above the diagonal is masked.
        for (let j = 0; j < (attention === "causal" ? i + 1 : T); j++) {
          const clipped = Math.max(-reach, Math.min(reach, j - i));
          const b = rows[clipped + reach]?.[h] as number;
          const expected = inside ? b / Math.sqrt(D) : b;
          expect(Math.abs((bias[h]?.[i]?.[j] as number) - expected)).toBeLessThan(ROUNDING);
        }
      }
    }
  });
});

test("past the window every distance has the bias of the window's edge", () => {
  const positions = Float32Array.of(0, 3, 4, 90, 5000);
  const { bias, rows } = biasOf({ window: 3, inside: false }, "bidirectional", positions);
  for (let h = 0; h < H; h++) {
    const edges = [rows[6]?.[h] as number, rows[0]?.[h] as number];
    expect(furthest(bias[h]?.[0]?.slice(1), Array(4).fill(edges[0]))).toBeLessThan(ROUNDING);
    expect(furthest(bias[h]?.[4]?.slice(0, 4), Array(4).fill(edges[1]))).toBeLessThan(ROUNDING);
  }
});

test("between two distances, as under interpolated positions, the bias is between theirs", () => {
  const positions = positionsOf({ kind: "interpolated", trained: 2 }, 4); // 0, ½, 1, 1½
  const { bias, rows } = biasOf({ window: 2, inside: false }, "causal", positions);
  for (let h = 0; h < H; h++) {
    const half = ((rows[1]?.[h] as number) + (rows[2]?.[h] as number)) / 2; // distances −1 and 0
    for (const i of [1, 2, 3])
      expect(Math.abs((bias[h]?.[i]?.[i - 1] as number) - half)).toBeLessThan(ROUNDING);
  }
});
