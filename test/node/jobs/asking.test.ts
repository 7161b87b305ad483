/**
 * Which probes are asked of a model that is not ours, what is kept of them, and what is left out in
 * words.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { InputError } from "../../../src/errors.ts";
import { type AskAllOptions, askAll, type Conditions } from "../../../src/node/jobs/asking.ts";
import { defineProbe, type Need, type Probe, type Subject } from "../../../src/probes/probe.ts";
import { smallModel } from "../../model/small.ts";

let folder: string;
let model: string;
const asked: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "asking-"));
  model = join(folder, "theirs");
  mkdirSync(model);
  writeFileSync(join(model, "model.safetensors"), "weights");
});
beforeEach(() => {
  asked.length = 0;
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const probe = (name: string, run?: () => Promise<void>, needs: Need[] = []) =>
  defineProbe({
    ...{ name, question: "?", needs, config: z.strictObject({ size: z.int().default(1) }) },
    metrics: { [name]: { title: name, unit: "bits", better: "neither", meaning: "It." } },
    async run(_subject, { size }, rng) {
      asked.push(name);
      await run?.();
      return [{ metric: name, value: size + rng.uniform(), n: 1, at: {} }];
    },
  }) as unknown as Probe;
const fails = probe("fails", () =>
  Promise.reject(new InputError("probe fails: has no such part; give another")),
);

const ask = (probes: Probe[], conditions: Partial<Conditions> = {}, options: Partial<AskAllOptions> = {}) => {
  const subject = { model: smallModel({ kind: "none" }), material: {} } as unknown as Subject;
  const one = { checkpoint: { path: model, kind: "huggingface" as const }, subject: async () => subject };
  return askAll([one], { seed: 1, engine: "cpu", ...conditions }, { probes, named: false, ...options });
};

test("of somebody's folder nothing is written there; the same question is answered from the cache, another is asked", async () => {
  const [first, second] = [await ask([probe("a")]), await ask([probe("a")])];
  expect(second.answers[0]?.rows).toEqual(first.answers[0]?.rows);
  expect(asked).toEqual(["a"]);
  expect(readdirSync(model)).toEqual(["model.safetensors"]);
  const text = join(folder, "text.txt");
  writeFileSync(text, "one");
  const others: Partial<Conditions>[] = [
    { seed: 2 },
    { engine: "wasm" },
    { sizes: { a: { size: 2 } } },
    { scheme: { kind: "shifted", by: 1 } },
    { changes: ["model.position.beyond=clamp"] },
    { ablate: ["pos"] },
    { files: { text } },
    { probeFiles: { a: { sha256: "0".repeat(64) } } },
    { fresh: true },
  ];
  for (const conditions of others) await ask([probe("a")], conditions);
  expect(asked).toHaveLength(1 + others.length);
  writeFileSync(text, "two");
  await ask([probe("a")], { files: { text } });
  expect(asked).toHaveLength(2 + others.length); // another text
  for (const conditions of others.slice(0, 6)) await ask([probe("a")], conditions);
  expect(asked).toHaveLength(2 + others.length);
  writeFileSync(join(model, "model.safetensors"), "other weights");
  await ask([probe("a")]);
  expect(asked).toHaveLength(3 + others.length);
});

test("what lacks its material, cannot be asked or has no time is left out in words, and the others are asked", async () => {
  const slow = probe("slow");
  const all = [probe("b", undefined, ["pairs"]), fails, slow, probe("late")];
  const { answers, leftOut } = await ask(all, {}, { seconds: 0 });
  expect(answers.map(({ probe: { name } }) => name)).toEqual(["slow"]);
  expect(leftOut).toEqual([
    expect.stringMatching(/^probe b: needs pairs \(.*--pairs FILE\)$/),
    "probe fails: has no such part; give another",
    expect.stringMatching(
      /^probe late: was not begun after .*; ask again, and it goes on from there, or give --minutes$/,
    ),
  ]);
  expect((await ask(all, {}, { seconds: 0 })).answers.map(({ probe: { name } }) => name)).toEqual([
    "slow",
    "late",
  ]); // it goes on
});

test("one that was named and cannot be asked is an error after the answers of the others, and so is the lack of all", async () => {
  const { answers, leftOut, refused } = await ask([fails, probe("after")], {}, { named: true });
  expect(answers.map(({ probe: { name } }) => name)).toEqual(["after"]);
  expect(refused).toBeInstanceOf(InputError);
  expect(leftOut).toEqual([refused?.message]);
  await expect(ask([fails], {}, { named: true })).rejects.toThrow("has no such part");
  await expect(ask([fails])).rejects.toThrow(/no probe fits this model; give --pairs/);
});

test("a cache that cannot be written is told, and the probe is asked again", async () => {
  writeFileSync(join(folder, "file"), "");
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "file"));
  const told: string[] = [];
  const onEvent: AskAllOptions["onEvent"] = (event) => event.kind === "unkept" && told.push(event.reason);
  for (let i = 0; i < 2; i++) expect((await ask([probe("c")], {}, { onEvent })).answers).toHaveLength(1);
  expect(asked).toEqual(["c", "c"]);
  expect(told[0]).toMatch(/^the results could not be saved: .*file/);
});
