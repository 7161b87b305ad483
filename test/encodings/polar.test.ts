/** PoPE against the sum of its paper, in doubles. */
import { beforeAll, expect, test } from "vitest";
import type { TransformState } from "../../src/encodings/encoding.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { dot } from "../model/reference.ts";
import { livelyParams } from "../model/small.ts";
import { B, D, H, modelOf, someState } from "./state.ts";

const ROUNDING = 1e-5;

beforeAll(async () => {
  await startTestEngine();
});

const softplus = (x: number) => Math.log1p(Math.exp(x));

test.each(["zero", "uniform"])(
  "q·k = Σ_c softplus(q_c)·softplus(k_c)·cos((j − i)·θ_c + δ_c), δ in [−2π, 0]: %s",
  (phases) => {
    const model = modelOf({ kind: "polar", base: 100, phases }, "causal");
    const positions = [0, 1, 2, 5, 9, 700];
    const { state, numbers } = someState(model, positions);
    const phase = tf.tensor2d([
      [-0.5, -6, 0, 0.7],
      [-3, -9, -1, -2],
    ]);
    const params = { "polar.phase": phase };
    const turned = (["query", "key"] as const).map(
      (side) =>
        model.encoding
          .transform?.(
            state[side === "query" ? "q" : "k"],
            tf.tensor1d(positions),
            params,
            side,
            {} as TransformState,
          )
          .arraySync() as number[][][][],
    );
    const [q, k] = turned as [number[][][][], number[][][][]];
    expect(q[0]?.[0]?.[0]).toHaveLength(2 * D);
    for (let b = 0; b < B; b++)
      for (let h = 0; h < H; h++)
        for (const [i, p] of positions.entries())
          for (const [j, s] of positions.entries()) {
            let wanted = 0;
            for (let c = 0; c < D; c++) {
              const delta = Math.min(
                0,
                Math.max(-2 * Math.PI, (phase.arraySync()[h] as number[])[c] as number),
              );
              const size =
                softplus(numbers.q[b]?.[h]?.[i]?.[c] as number) *
                softplus(numbers.k[b]?.[h]?.[j]?.[c] as number);
              wanted += size * Math.cos((s - p) * 100 ** (-c / D) + delta);
            }
            const found = dot(q[b]?.[h]?.[i] as number[], k[b]?.[h]?.[j] as number[]);
            expect(Math.abs(found - wanted)).toBeLessThan(3 * ROUNDING);
          }
  },
);

test("phases start at 0, or evenly over [−2π, 0]", () => {
  const start = (phases: string) => {
    const model = modelOf({ kind: "polar", phases }, "causal");
    return Array.from((livelyParams(model, 1, 0)["h.0.attn.polar.phase"] as tf.Tensor).dataSync());
  };
  expect(start("zero")).toEqual(new Array(H * D).fill(0));
  const drawn = start("uniform");
  expect(drawn.every((value) => value <= 0 && value >= -2 * Math.PI)).toBe(true);
  expect(Math.min(...drawn)).toBeLessThan(-3);
});
