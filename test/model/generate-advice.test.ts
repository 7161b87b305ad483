/** What a refusal of generation advises is done, and works. */
import { beforeAll, expect, test } from "vitest";
import type { Scheme } from "../../src/model/positions.ts";
import { likeliest } from "../../src/model/sampling.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { generated } from "./generated.ts";
import { livelyParams, smallModel } from "./small.ts";

beforeAll(async () => {
  await startTestEngine();
});

const learned = smallModel({ kind: "learned" });

const randomized = (range: number): Scheme => ({ kind: "randomized", range });
test.each<[string, Scheme, RegExp]>([
  ["contiguous", { kind: "contiguous" }, /or ask for (\d+) tokens/],
  ["shifted", { kind: "shifted", by: 3 }, /or ask for (\d+) tokens/],
  ["interpolated", { kind: "interpolated", trained: 12 }, /or ask for (\d+) tokens/],
  ["wrapped", { kind: "wrapped", limit: 12 }, /or ask for (\d+) tokens/],
  ["randomized in a range that is defined", randomized(6), /or ask for (\d+) tokens/],
  ["randomized in a range that is not", randomized(64), /give fewer tokens/],
])("the advice works: %s", async (_, scheme, advice) => {
  const asked = (tokens: number, changed: Scheme) =>
    generated(learned, {}, { tokens, choose: likeliest, scheme: changed, rng: createRng(1, "positions") });
  const message = await asked(20, scheme).catch((error: Error) => error.message);
  expect(message).toMatch(advice);
  const tokens = Number(advice.exec(message as string)?.[1] ?? 6);
  const params = livelyParams(learned);
  const rng = createRng(2, "positions"); // whatever the draw
  const done = await generated(learned, params, {
    tokens,
    choose: likeliest,
    scheme: advice.source.includes("fewer") ? randomized(8) : scheme,
    rng,
  });
  expect(done[0]?.length).toBe(tokens);
  disposeTree(params);
});

test("a range that holds positions which are not defined, with those that do", async () => {
  const drawn = { tokens: 5, choose: likeliest, scheme: randomized(64), rng: createRng(1, "positions") };
  await expect(generated(learned, {}, drawn)).rejects.toThrow(
    /^learned: randomized draws 7 of 64 positions, and \[0, 8\) are defined; give a range from 7 to 8$/,
  );
  const params = livelyParams(learned);
  for (const range of [7, 8]) {
    const options = {
      tokens: 5,
      choose: likeliest,
      scheme: randomized(range),
      rng: createRng(1, "positions"),
    };
    expect((await generated(learned, params, options))[0]?.length).toBe(5);
  }
  disposeTree(params);
});
