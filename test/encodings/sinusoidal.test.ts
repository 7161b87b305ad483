/** The sinusoidal tables against loops in double precision, one number at a time. */
import { beforeAll, expect, test } from "vitest";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { furthest, smallModel } from "../model/small.ts";

/** A float32 angle of up to 40 radians is off by 2e-6, and so is its sine. */
const ROUNDING = 1e-5;
const POSITIONS = [0, 1, 2, 7.5, 40];

beforeAll(async () => {
  await startTestEngine();
});

function tableOf(width: number, fields: object): number[][] {
  const { encoding } = smallModel({ kind: "sinusoidal", ...fields }, { width, heads: 1 });
  return tf.tidy(() => encoding.embed?.({}, tf.tensor1d(POSITIONS)).arraySync()) as number[][];
}

/** PE(p, 2k) = sin(p/base^(2k/C)), PE(p, 2k + 1) = cos(p/base^(2k/C)) (Vaswani et al. 2017, section 3.5). */
function interleaved(position: number, column: number, C: number, base: number): number {
  const angle = position / base ** ((2 * Math.floor(column / 2)) / C);
  return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

/**
 * ⌊C/2⌋ sines, as many cosines, and a zero where C is odd; the frequencies go from 1 to 1/base,
 * both included (tensor2tensor).
 */
function halves(position: number, column: number, C: number, base: number): number {
  const count = Math.floor(C / 2);
  if (column === 2 * count) return 0;
  const step = Math.log(base) / Math.max(count - 1, 1);
  const angle = position * Math.exp(-(column % count) * step);
  return column < count ? Math.sin(angle) : Math.cos(angle);
}

test.each(
  [1, 2, 4, 5, 7].flatMap((C) => [
    { C, layout: "interleaved", formula: interleaved },
    { C, layout: "halves", formula: halves },
  ]),
)("a table of width $C, $layout, equals the loops", ({ C, layout, formula }) => {
  for (const [base, scale] of [
    [10_000, 1],
    [20, 0.15],
  ] as const) {
    const expected = POSITIONS.map((p) =>
      Array.from({ length: C }, (_, column) => scale * formula(p, column, C, base)),
    );
    expect(furthest(tableOf(C, { layout, base, scale }), expected)).toBeLessThan(ROUNDING);
  }
});
