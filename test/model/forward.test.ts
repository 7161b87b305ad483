/** The model against the scalar loops of `reference.ts`, for every choice of architecture. */
import { beforeAll, describe, expect, test } from "vitest";
import { beyondPolicies } from "../../src/encodings/learned.ts";
import type { Model } from "../../src/model/model.ts";
import { contiguous, positionsOf } from "../../src/model/positions.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { type Reference, referenceLogits, type Vector } from "./reference.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens } from "./small.ts";

/** float32 against doubles: over a hundred or so sums of numbers of size 1 to 10. */
const ROUNDING = 1e-4;
/** One row of a table, and its mixture with the next, in float32. */
const ROW_ROUNDING = 1e-6;

beforeAll(async () => {
  await startTestEngine();
});

type Values = Readonly<Record<string, Vector>>;
type Terms = (values: Values, model: Model) => Pick<Reference, "embed" | "bias">;

const valuesOf = (params: Params): Values =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Array.from(value.dataSync())]));

const rowOf = (flat: Vector, row: number, columns: number): Vector =>
  flat.slice(row * columns, (row + 1) * columns);

/** b[clip(j − i)], one table a layer whose columns are heads; inside, divided by √D. */
const byDistance =
  (window: number, inside: boolean): Terms =>
  (values, { shape: { heads, headWidth, causal } }) => ({
    bias(layer, head, i, j) {
      const distance = Math.max(-window, Math.min(causal ? 0 : window, j - i));
      const b = values[`h.${layer}.attn.relative.weight`]?.[(distance + window) * heads + head] as number;
      return inside ? b / Math.sqrt(headWidth) : b;
    },
  });

const encodings: readonly {
  name: string;
  position: { kind: string; [field: string]: unknown };
  terms: Terms;
}[] = [
  { name: "none", position: { kind: "none" }, terms: () => ({}) },
  {
    name: "learned",
    position: { kind: "learned" },
    terms: (values, { shape }) => ({
      embed: (t) => rowOf(values["wpe.weight"] as Vector, t, shape.width),
    }),
  },
  {
    name: "sinusoidal",
    position: { kind: "sinusoidal" },
    terms: (_values, { shape: { width } }) => ({
      embed: (t) =>
        Array.from({ length: width }, (_, c) => {
          const angle = t / 10_000 ** ((c - (c % 2)) / width);
          return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
        }),
    }),
  },
  {
    name: "relative, inside 1/√D",
    position: { kind: "relative", window: 2, inside: true },
    terms: byDistance(2, true),
  },
  {
    name: "relative, outside 1/√D",
    position: { kind: "relative", window: 2, inside: false },
    terms: byDistance(2, false),
  },
];

const either = [true, false];
const architectures = ["pre", "post"].flatMap((norm) =>
  either.flatMap((bias) =>
    either.flatMap((tied) =>
      [1, 4].flatMap((tokenScale) =>
        ["causal", "bidirectional"].map((attention) => ({ norm, bias, tied, tokenScale, attention })),
      ),
    ),
  ),
);

describe.each(encodings)("$name", ({ position, terms }) => {
  test.each(architectures)(
    "logits equal the scalar loops: $norm-norm, bias $bias, tied $tied, token scale $tokenScale, $attention",
    (fields) => {
      const model = smallModel(position, fields);
      const params = livelyParams(model);
      const values = valuesOf(params);
      const reference: Reference = {
        ...model.shape,
        preNorm: fields.norm === "pre",
        tied: fields.tied,
        tokenScale: fields.tokenScale,
        values,
        ...terms(values, model),
      };
      const tokens = someTokens();
      const expected = tokens.map((context) => referenceLogits(reference, context));
      expect(furthest(logitsFor(model, params, tokens), expected)).toBeLessThan(ROUNDING);
    },
  );
});

describe("learned positions past the table", () => {
  const P = 8; // rows of the table
  const LONG = 12;
  const C = 16;

  /** What is embedded at positions 0 … LONG − 1 under a policy, and the table. */
  function embedded(beyond: string): { got: number[][]; row: (i: number) => Vector } {
    const model = smallModel({ kind: "learned", beyond });
    const params = livelyParams(model);
    const table = valuesOf(params)["wpe.weight"] as Vector;
    const at = tf.tensor1d(positionsOf(contiguous, LONG));
    const got = tf.tidy(() => model.encoding.embed?.(params, at).arraySync()) as number[][];
    at.dispose();
    return { got, row: (i) => rowOf(table, i, C) };
  }

  const formulas: Readonly<Record<string, (t: number, row: (i: number) => Vector) => Vector>> = {
    clamp: (t, row) => row(Math.min(t, P - 1)),
    wrap: (t, row) => row(t % P),
    zero: (t, row) => (t < P ? row(t) : Array(C).fill(0)),
    interpolate(t, row) {
      const at = (t * (P - 1)) / (LONG - 1);
      const [low, part] = [Math.floor(at + 1e-9), at - Math.floor(at + 1e-9)];
      return row(low).map((v, c) => v * (1 - part) + (row(Math.min(low + 1, P - 1))[c] as number) * part);
    },
  };

  test.each(Object.keys(formulas))("%s gives the rows of its formula", (beyond) => {
    const { got, row } = embedded(beyond);
    const formula = formulas[beyond] as (typeof formulas)[string];
    const expected = Array.from({ length: LONG }, (_, t) => formula(t, row));
    expect(furthest(got, expected)).toBeLessThan(ROW_ROUNDING);
  });

  test("untrained leaves the table as it is and gives fresh rows past it, of deviation 1/√C, the same each time", () => {
    const { got, row } = embedded("untrained");
    expect(
      furthest(
        got.slice(0, P),
        Array.from({ length: P }, (_, t) => row(t)),
      ),
    ).toBeLessThan(ROW_ROUNDING);
    const fresh = got.slice(P).flat();
    const deviation = Math.sqrt(fresh.reduce((sum, v) => sum + v * v, 0) / fresh.length);
    // 64 draws estimate a deviation to one part in eleven; this is three of those.
    expect(Math.abs(deviation * Math.sqrt(C) - 1)).toBeLessThan(0.27);
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(embedded("untrained").got).toEqual(got);
  });

  test("throw refuses a context longer than the table, and names the position", () => {
    const model = smallModel({ kind: "learned" });
    expect(() => logitsFor(model, livelyParams(model), someTokens(1, LONG))).toThrow(/position 8 is outside/);
  });

  test("every policy is tested here", () => {
    expect([...Object.keys(formulas), "throw", "untrained"].sort()).toEqual([...beyondPolicies].sort());
  });
});
