/** Tokens read several at a call: the guesses are right, and nothing but time hangs on them. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Compiler } from "../../src/engine/compiler.ts";
import { currentCompiler } from "../../src/engine/engine.ts";
import { foresee } from "../../src/model/foresee.ts";
import { type Choose, likeliest, type Sampling, sampler, sampleToken } from "../../src/model/sampling.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { tf } from "../../src/tensor/tf.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { generated, PROMPTS } from "./generated.ts";
import { livelyParams, smallModel } from "./small.ts";

beforeAll(async () => {
  await startTestEngine();
});

const SAMPLINGS: readonly Sampling[] = [
  { temperature: 0 },
  { temperature: 0.7 },
  { temperature: 1, topK: 3 },
  { temperature: 1.5, topP: 0.6 },
  { temperature: 1, topK: 50, topP: 0.9 },
];

test.each(SAMPLINGS)("%o: what is guessed of logits is what is drawn from them", (sampling) => {
  const [rows, V] = [200, 11];
  const rng = createRng(1, "test/foresee");
  const logits = Array.from({ length: rows }, () => Float32Array.from({ length: V }, () => 2 * rng.normal()));
  const streams = logits.map((_, row) => createRng(1, `test/foresee/${row}`));
  const { foresight } = sampler(sampling, streams);
  const uniform = logits.map((_, row) => foresight?.uniforms(row, 1)[0] as number);
  const guesses = tf.tidy(() =>
    Array.from(
      foresee(tf.tensor2d(logits.map((row) => [...row])), tf.tensor1d(uniform), sampling).dataSync(),
    ),
  );
  expect(guesses).toEqual(logits.map((row, i) => sampleToken(row, sampling, streams[i] as never)));
  expect(new Set(guesses).size).toBeGreaterThan(5);
});

describe("generation", () => {
  const model = smallModel({ kind: "forgetting" }, { layers: 1 });
  const tokens = 20;
  const draws = (sampling: Sampling = { temperature: 1 }) =>
    sampler(
      sampling,
      PROMPTS.map((_, row) => createRng(3, `test/rows/${row}`)),
    );

  /** Tokens after prompts of 3, with 16 slots and then 32. */
  async function tokensBy(choose: Choose, stop: readonly number[] = []): Promise<number[][]> {
    const params = livelyParams(model, 1, 1);
    const rows = await generated(model, params, { tokens, choose, stop }, { slots: 16 });
    tf.dispose(params);
    return rows;
  }

  /** The same choices with other foresight, or none: one token a call. */
  function withForesight(choose: Choose, foresight?: Choose["foresight"]): Choose {
    const same = (logits: Float32Array, row: number) => choose(logits, row);
    return foresight ? Object.assign(same, { foresight }) : same;
  }

  test("the tokens of a seed, and where they end, are those of one token a call", async () => {
    const wanted = await tokensBy(withForesight(draws()));
    expect(await tokensBy(draws())).toEqual(wanted);
    const some = { temperature: 1, topK: 5 };
    expect(await tokensBy(draws(some))).toEqual(await tokensBy(withForesight(draws(some))));
    const end = wanted[0]?.[4] as number;
    const upToEnd = (row: number[]) => (row.includes(end) ? row.slice(0, row.indexOf(end) + 1) : row);
    expect(await tokensBy(draws(), [end])).toEqual(wanted.map(upToEnd));
    expect(await tokensBy(likeliest)).toEqual(await tokensBy(withForesight(likeliest)));
  });

  test("what was read of a wrong guess is forgotten", async () => {
    const wrong = { sampling: { temperature: 1 }, uniforms: () => Array(tokens).fill(0.5) };
    expect(await tokensBy(withForesight(draws(), wrong))).toEqual(await tokensBy(withForesight(draws())));
  });

  /** Tokens of each call that read several. */
  async function callsOf(compiler: Compiler, generate: () => Promise<unknown>): Promise<number[]> {
    const turns: number[] = [];
    const { loopGraph } = compiler;
    const graphs = vi.spyOn(compiler, "loopGraph").mockImplementation((...args) => {
      const graph = loopGraph(...args);
      const run: typeof graph.run = (given) => {
        turns.push((given.each as { uniform: tf.Tensor }).uniform.shape[0] as number);
        return graph.run(given);
      };
      return { ...graph, run };
    });
    await generate();
    graphs.mockRestore();
    return turns;
  }

  test("right guesses fill the slots in one call, wherever graphs are compiled", async () => {
    const compiler = currentCompiler();
    if (compiler === undefined) return;
    expect(await callsOf(compiler, () => tokensBy(draws()))).toEqual([13, 6]);
  });

  test("few tokens are read one a call: a graph of several would take longer to make", async () => {
    const compiler = currentCompiler();
    if (compiler === undefined) return;
    const params = livelyParams(model);
    const few = { tokens, choose: likeliest };
    expect(await callsOf(compiler, () => generated(model, params, few, { foreseeFrom: 21 }))).toEqual([]);
    tf.dispose(params);
  });
});
