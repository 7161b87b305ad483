/** Selective RoPE against loops over tokens. */
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, smallModel } from "../model/small.ts";
import { B, D, H, type Matrix, modelOf, someState, type Vector } from "./state.ts";

const ROUNDING = 1e-5;

beforeAll(async () => {
  await startTestEngine();
});

const times = (x: Vector, W: Matrix): number[] =>
  (W[0] as Vector).map((_, n) =>
    x.reduce((sum, value, c) => sum + value * ((W[c] as Vector)[n] as number), 0),
  );

test.each([
  { convolution: 4, first: 0 },
  { convolution: 1, first: 0 },
  { convolution: 3, first: 4 },
])("queries and keys turn by Σ_s ω·Σ_c κ_c·φ_{s−c}: %o", ({ convolution, first }) => {
  const model = modelOf({ kind: "selective-rope", base: 100, rank: 3, convolution }, "causal");
  const { state, numbers } = someState(model, [0, 1, 2, 3, 4, 5], first);
  const [down, up, kernel] = ["down", "up", "kernel"].map(
    (name) => numbers.params[`selective-rope.${name}`] as unknown as Matrix,
  ) as [Matrix, Matrix, Matrix];
  const phi = (x: Vector) => {
    const heads = Array.from({ length: H }, (_, h) => {
      const own = x.slice(h * D, (h + 1) * D);
      const length = Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 1e-6));
      return own.map((value) => value / length);
    });
    return times(times(heads.flat(), down), up);
  };
  const angle = (b: number, h: number, t: number, m: number): number => {
    let sum = 0;
    for (let s = 0; s <= t; s++)
      for (let c = 0; c < convolution && c <= s; c++) {
        const n = h * (D / 2) + m;
        const own = phi(numbers.x[b]?.[s - c] as Vector)[n] as number;
        sum += 100 ** ((-2 * m) / D) * ((kernel[convolution - 1 - c] as Vector)[n] as number) * own;
      }
    return sum;
  };
  const { q, x, params, positions } = state;
  const inputs = { layer: 1, x };
  const got = tf.tidy(() =>
    model.encoding.transform?.(q, positions.query, params, "query", inputs).arraySync(),
  );
  const wanted = Array.from({ length: B }, (_, b) =>
    Array.from({ length: H }, (_, h) =>
      (numbers.q[b]?.[h] ?? []).map((row, i) => {
        const at = (c: number) => row[c] as number;
        const pairs = [0, 1].map((m) => {
          const turn = angle(b, h, first + i, m);
          const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
          return [at(m) * cos - at(m + 2) * sin, at(m + 2) * cos + at(m) * sin];
        });
        return [0, 1].flatMap((half) => pairs.map((pair) => pair[half] as number));
      }),
    ),
  );
  expect(furthest(got, wanted)).toBeLessThan(ROUNDING);
});

test("bidirectional attention and odd heads are refused, with what to do", () => {
  expect(() => modelOf({ kind: "selective-rope" }, "bidirectional")).toThrow(InputError);
  expect(() => modelOf({ kind: "selective-rope" }, "bidirectional")).toThrow(/set model\.attention=causal/);
  expect(() => smallModel({ kind: "selective-rope" }, { heads: 2, headWidth: 5 })).toThrow(
    /choose an even width/,
  );
});
