/**
 * Head width, shared heads of keys and values, and the MLP's width: fields of the model, with the
 * defaults of before.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createGenerator } from "../../src/model/generate.ts";
import { likeliest } from "../../src/model/sampling.ts";
import type { Params } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import {
  B,
  furthest,
  gradientSizes,
  livelyParams,
  logitsFor,
  smallModel,
  someTokens,
  T,
  V,
} from "./small.ts";

beforeAll(async () => {
  await startTestEngine();
});

const ROUNDING = 1e-4;
const shapesOf = (fields: object) => {
  const { specs } = smallModel({ kind: "none" }, fields);
  const shape = (name: string) => specs[`h.0.${name}.weight`]?.shape;
  return ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"].map(shape);
};

test("the defaults are C/H, H and 4·C: given in words they make the same parameters", () => {
  expect(shapesOf({})).toEqual([
    [16, 48],
    [16, 16],
    [16, 64],
    [64, 16],
  ]);
  expect(shapesOf({ headWidth: 8, keyValueHeads: 2, mlpWidth: 64 })).toEqual(shapesOf({}));
});

test("H heads of width D, G of them for keys and values: (C,(H+2G)·D), (H·D,C)", () => {
  expect(shapesOf({ heads: 4, headWidth: 6, keyValueHeads: 2, mlpWidth: 40 })).toEqual([
    [16, 48],
    [24, 16],
    [16, 40],
    [40, 16],
  ]);
});

test("a gated MLP has two matrices of the MLP's width before its one after: (C,2M), (M,C)", () => {
  expect(shapesOf({ mlp: "swiglu", mlpWidth: 40 }).slice(2)).toEqual([
    [16, 80],
    [40, 16],
  ]);
});

test.each([
  [{ heads: 3 }, "width", /multiple of model\.heads, or model\.headWidth be given/],
  [{ heads: 4, keyValueHeads: 3 }, "keyValueHeads", /must divide model\.heads/],
])("%o is refused at %s", (fields, path, message) => {
  const found = modelSchema().safeParse({ width: 16, position: { kind: "none" }, ...fields }).error
    ?.issues[0];
  expect([found?.path.join("."), message.test(found?.message ?? "")]).toEqual([path, true]);
});

/** The same model with a head of keys and values of its own for each query head. */
function unshared(params: Params, { H, G, D }: { H: number; G: number; D: number }): Params {
  const spread = (part: tf.Tensor) =>
    tf.concat(
      Array.from({ length: H }, (_, h) => {
        const head = Math.floor((h * G) / H);
        return tf.slice(
          part,
          [...part.shape.slice(0, -1).map(() => 0), head * D],
          [...part.shape.slice(0, -1), D],
        );
      }),
      part.rank - 1,
    );
  return Object.fromEntries(
    Object.entries(params).map(([name, x]) => {
      if (!/attn\.c_attn\.(weight|bias)$/.test(name)) return [name, x];
      const [q, k, v] = tf.split(x, [H * D, G * D, G * D], x.rank - 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return [name, tf.concat([q, spread(k), spread(v)], x.rank - 1)];
    }),
  );
}

const LLAMA = { normKind: "rms", mlp: "swiglu", bias: "qkv", qkNorm: true };
const cases: [title: string, kind: string, more: object][] = [
  ...encodings.map(({ kind }): [string, string, object] => [kind, kind, {}]),
  ["rope, RMSNorm, of queries and keys too, and a gated MLP beside", "rope", LLAMA],
];

describe.each(cases)("with %s positions", (_title, kind, more) => {
  const fields = { heads: 4, headWidth: 6, mlpWidth: 40, tied: false, ...more };
  const shared = smallModel({ kind }, { ...fields, keyValueHeads: 2 });

  test("two heads of keys and values for four of queries give what four equal in pairs give", () => {
    const whole = smallModel({ kind }, fields);
    const params = livelyParams(shared);
    const tokens = someTokens();
    const logits = logitsFor(shared, params, tokens);
    tf.tidy(() => {
      const same = logitsFor(whole, unshared(params, { H: 4, G: 2, D: 6 }), tokens);
      expect(furthest(logits, same)).toBeLessThan(ROUNDING);
    });
    expect([logits.length, logits[0]?.length, logits[0]?.[0]?.length]).toEqual([B, T, V]);
    disposeTree(params);
  });

  test("every parameter gets a gradient, and generation with its cache is that of whole contexts", async () => {
    for (const [name, size] of gradientSizes(shared)) expect([name, size > 0]).toEqual([name, true]);
    const params = livelyParams(shared, 1, 1);
    const generator = createGenerator(shared, params, { slots: 4 });
    let rows = someTokens(2, 3);
    const { maxPositions = 8 } = shared.encoding;
    const tokens = Math.min(5, maxPositions - 3);
    const got: (number | undefined)[][] = [];
    for await (const step of generator.generate(rows, { tokens, choose: likeliest })) got.push([...step]);
    generator.close();
    for (const step of got) {
      const logits = logitsFor(shared, params, rows);
      const wanted = logits.map((row) => likeliest(Float32Array.from(row.at(-1) as number[])));
      expect(step).toEqual(wanted);
      rows = rows.map((row, i) => [...row, wanted[i] as number]);
    }
    disposeTree(params);
  });
});
