/**
 * Generation: the tokens that a loop over whole contexts finds, no tensor left, and what is refused
 * before any work.
 */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { InputError, PositionError } from "../../src/errors.ts";
import { createGenerator, type GenerateOptions, type GeneratorOptions } from "../../src/model/generate.ts";
import type { Model } from "../../src/model/model.ts";
import { positionsOf, type Scheme } from "../../src/model/positions.ts";
import { likeliest, sampleToken } from "../../src/model/sampling.ts";
import type { Params } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { generated, PROMPTS } from "./generated.ts";
import { furthest, livelyParams, logitsFor, smallModel, someTokens, V } from "./small.ts";

beforeAll(async () => {
  await startTestEngine();
});

const ROUNDING = 1e-4;

/** The same by forward passes over whole contexts. */
function byHand(model: Model, params: Params, tokens: number): number[][] {
  let rows = PROMPTS;
  for (let n = 0; n < tokens; n++) {
    const logits = logitsFor(model, params, rows);
    rows = rows.map((row, i) => [...row, likeliest(Float32Array.from(logits[i]?.at(-1) as number[]))]);
  }
  return rows.map((row) => row.slice(3));
}

describe.each(["alibi", "forgetting"])("with %s positions", (kind) => {
  const model = smallModel({ kind }, { tied: false });
  const greedy = { tokens: 14, choose: likeliest };

  test("greedy generation is the argmax of whole contexts, remembered or read anew, past L_max", async () => {
    const params = livelyParams(model, 1, 1); // else they repeat themselves
    const wanted = byHand(model, params, 14);
    expect(new Set(wanted.flat()).size).toBeGreaterThan(2);
    expect(await generated(model, params, greedy)).toEqual(wanted);
    expect(await generated(model, params, greedy, { cached: false })).toEqual(wanted);
    disposeTree(params);
  });

  test("equal seeds draw equal tokens, remembered or read anew; a row is the same alone", async () => {
    const params = livelyParams(model);
    const drawn = (seed: number, setting: GeneratorOptions, prompts = PROMPTS) => {
      const streams = prompts.map((_, row) => createRng(seed, `test/generate/${row}`));
      const choose = (logits: Float32Array, row: number) =>
        sampleToken(logits, { temperature: 1, topK: 5 }, streams[row] as (typeof streams)[number]);
      return generated(model, params, { tokens: 14, choose }, setting, prompts);
    };
    const rows = await drawn(1, {});
    expect(await drawn(1, { cached: false, slots: 32 })).toEqual(rows);
    expect(await drawn(2, {})).not.toEqual(rows);
    expect(await drawn(1, {}, PROMPTS.slice(0, 1))).toEqual(rows.slice(0, 1));
    disposeTree(params);
  });
});

test("a row ends with the first stop token, and all end when the last row does", async () => {
  const model = smallModel({ kind: "none" });
  const params = livelyParams(model);
  const script = [
    [4, 7, 4, 4],
    [1, 2, 3, 7, 5],
  ];
  let calls = 0;
  const choose = (_: Float32Array, row: number) => {
    calls++;
    return script[row]?.shift() ?? 0;
  };
  expect(await generated(model, params, { tokens: 9, choose, stop: [7, 8] })).toEqual([
    [4, 7],
    [1, 2, 3, 7],
  ]);
  expect(calls).toBe(6);
  disposeTree(params);
});

test("between tokens as many tensors are held, and none when generation ends, by its end or by the caller's", async () => {
  const model = smallModel({ kind: "forgetting" });
  const params = livelyParams(model);
  const before = tf.memory().numTensors;
  const generator = createGenerator(model, params, { slots: 4 });
  const held = new Set<number>();
  for await (const _ of generator.generate(PROMPTS, { tokens: 12, choose: likeliest }))
    held.add(tf.memory().numTensors - before);
  expect([...held]).toEqual([6]); // k, v and x of two blocks
  expect(tf.memory().numTensors).toBe(before);
  for await (const _ of generator.generate(PROMPTS, { tokens: 12, choose: likeliest })) break;
  expect(tf.memory().numTensors).toBe(before);
  generator.close();
  disposeTree(params);
});

test.each<Scheme>([
  { kind: "interpolated", trained: 4 },
  { kind: "randomized", range: 40 },
  { kind: "wrapped", limit: 5 },
  { kind: "clamped", limit: 5 },
])("$kind: tokens stand where those of the whole that is asked for stand", async (scheme) => {
  const model = smallModel({ kind: "sinusoidal" });
  const params = livelyParams(model);
  const tokens = someTokens(1, 9)[0] as number[];
  const found: number[][] = [];
  const choose = (logits: Float32Array) => {
    found.push([...logits]);
    return tokens[2 + found.length] ?? 0;
  };
  const rng = createRng(1, "test/positions");
  await generated(model, params, { tokens: 7, choose, scheme, rng }, {}, [tokens.slice(0, 3)]);
  const wanted = logitsFor(model, params, [tokens], scheme)[0] as number[][]; // draws from the same stream
  expect(positionsOf(scheme, 9, createRng(1, "test/positions")).at(-1)).not.toBe(8);
  expect(furthest(found, wanted.slice(2))).toBeLessThan(ROUNDING);
  disposeTree(params);
});

test("a prompt longer than attention reads at a time gives the logits of one read whole", async () => {
  const model = smallModel({ kind: "relative" }, { context: 2048, layers: 1 });
  const params = livelyParams(model);
  const [prompt] = someTokens(1, 1030) as [number[]]; // 2,048 slots, in parts of 512 queries
  const found: Float32Array[] = [];
  const choose = (logits: Float32Array) => {
    found.push(logits);
    return 1;
  };
  await generated(model, params, { tokens: 2, choose }, {}, [prompt]);
  const wanted = logitsFor(model, params, [[...prompt, 1]], undefined, { queries: 4096 })[0] as number[][];
  expect(furthest(found, wanted.slice(-2))).toBeLessThan(ROUNDING);
  disposeTree(params);
});

describe("what is refused, before anything is computed", () => {
  const ask = (model: Model, options: Partial<GenerateOptions>, prompts = PROMPTS) =>
    generated(model, {}, { tokens: 1, choose: likeliest, ...options }, {}, prompts);
  const learned = smallModel({ kind: "learned" });

  test("positions that the encoding does not define, with how many tokens fit", async () => {
    const kernels = vi.spyOn(tf.engine(), "runKernel");
    await expect(ask(learned, { tokens: 7 })).rejects.toThrow(PositionError);
    await expect(ask(learned, { tokens: 7 })).rejects.toThrow(
      /learned: position 8 is outside \[0, 8\); .*model\.position\.beyond; or ask for 6 tokens after this prompt/,
    );
    await expect(ask(learned, {}, someTokens(1, 9))).rejects.toThrow(/position 8 is outside .*beyond$/);
    expect(kernels).not.toHaveBeenCalled();
    kernels.mockRestore();
    const params = livelyParams(learned);
    expect((await generated(learned, params, { tokens: 6, choose: likeliest }))[0]?.length).toBe(6);
    disposeTree(params);
  });

  test("prompts, numbers of tokens and models that make no sense", async () => {
    await expect(ask(learned, {}, [])).rejects.toThrow(InputError);
    await expect(ask(learned, {}, [[]])).rejects.toThrow(/prompts of 0 tokens/);
    await expect(ask(learned, {}, [[1], [1, 2]])).rejects.toThrow(/prompts of 1, 2 tokens/);
    await expect(ask(learned, {}, [[1, V]])).rejects.toThrow(/11 at index 1 is outside/);
    for (const tokens of [0, 1.5, Number.NaN])
      await expect(ask(learned, { tokens })).rejects.toThrow(/is not a number of tokens/);
    const both = smallModel({ kind: "learned" }, { attention: "bidirectional" });
    expect(() => createGenerator(both, {})).toThrow(/bidirectional model says nothing of what comes next/);
  });

  test("logits that are not finite are an error, not token 0", async () => {
    const model = smallModel({ kind: "none" });
    const params = { ...livelyParams(model) };
    const broken = { ...params, "ln_f.bias": tf.fill([16], Number.NaN) };
    await expect(generated(model, broken, { tokens: 1, choose: likeliest })).rejects.toThrow(/not finite/);
    disposeTree({ ...params, broken: broken["ln_f.bias"] });
  });
});
