/** Jobs in processes of this machine: own encodings in a worker, one that fails among others, a signal. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InputError } from "../../../src/errors.ts";
import {
  type ExecutorOptions,
  type JobEvent,
  type JobOutcome,
  requireDone,
} from "../../../src/node/jobs/executors/executor.ts";
import { localExecutor } from "../../../src/node/jobs/executors/local.ts";
import { type Job, trainingJob } from "../../../src/node/jobs/job.ts";
import { readRunJson } from "../../../src/node/run/run-json.ts";
import { tinyPreset } from "../run/tiny-run.ts";

vi.setConfig({ testTimeout: 120_000 }); // processes of their own: slow on a busy machine

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jobs-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const command = {
  script: fileURLToPath(new URL("../../../scripts/worker.mjs", import.meta.url)),
  args: ["start"],
};

async function runIn(workers: number, jobs: Job[], options: ExecutorOptions = {}) {
  const events: JobEvent[] = [];
  const onEvent = (event: JobEvent) => {
    events.push(event);
    options.onEvent?.(event);
  };
  const executor = localExecutor({ engine: "cpu", threads: 1, workers, command });
  const outcomes = await executor.run(jobs, { ...options, onEvent });
  return { outcomes, events };
}

const job = (name: string, ...changes: string[]) =>
  trainingJob(tinyPreset(`name=${name}`, ...changes), ["coverage"], { out: at(name) });

const kinds = (outcomes: readonly JobOutcome[]) => outcomes.map(({ kind }) => kind);

function resultOf(outcome: JobOutcome | undefined) {
  if (outcome?.kind !== "done") throw new Error(`the job is ${outcome?.kind}, not done`);
  return outcome.result;
}

const saved = (name: string) => JSON.parse(readFileSync(at(name, "probes", "coverage.json"), "utf8"));

const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");

/** A probe of one's own, with a size. */
const COUNT = `import { countParameters, defineProbe, z } from "whereabouts";
export default defineProbe({ name: "count", question: "How many parameters?", needs: [],
  metrics: { parameters: { title: "parameters", unit: "numbers", better: "neither", meaning: "Of the whole model." } },
  config: z.strictObject({ factor: z.int().min(1).max(9).default(1) }),
  run: async ({ model }, { factor }) => [
    { metric: "parameters", value: factor * countParameters(model.specs), n: 1, at: {} }] });
`;

test("of three jobs the second fails: the others end, their results saved as returned, and the failure is told", async () => {
  const jobs = [job("first"), job("second", "train.learningRate=1e30", "train.warmup=0"), job("third")];
  const { outcomes, events } = await runIn(1, jobs); // one process, followed by another after the failure
  expect(kinds(outcomes)).toEqual(["done", "failed", "done"]);
  for (const [i, name] of [
    [0, "first"],
    [2, "third"],
  ] as const) {
    expect(resultOf(outcomes[i]).directory).toBe(at(name));
    expect(resultOf(outcomes[i]).measurements).toEqual({ coverage: saved(name) });
    expect(readRunJson(at(name))?.status).toBe("finished");
    const mine = events.filter((event) => event.job === i).map(({ kind }) => kind);
    expect([...new Set(mine)]).toEqual(["start", "validation", "trained", "probe", "done"]);
  }
  expect(() => requireDone(outcomes)).toThrow(/^second: its process ended with exit code 1, as said above$/);
  const { error } = outcomes[1] as JobOutcome & { kind: "failed" };
  expect((error.cause as Error).message).toMatch(/^train: the loss is .*lower train\.learningRate/);
});

test("a job of an own encoding and an own probe runs in a worker, and is refused once a file has changed", async () => {
  const path = at("mine.ts");
  const text = `import { defineEncoding, tf, z } from "whereabouts";
export default defineEncoding({
  kind: "mine", title: "Mine", source: "here", relative: true, config: z.strictObject({}),
  create: () => ({ bias: ({ positions: { query, key } }) =>
    tf.expandDims(tf.neg(tf.abs(tf.sub(tf.expandDims(query, 1), tf.expandDims(key, 0)))), 0) }),
});
`;
  writeFileSync(path, text);
  const sha256 = sha256Of(text);
  const probe = { path: at("count.ts"), sha256: sha256Of(COUNT) };
  writeFileSync(probe.path, COUNT);
  const preset = { ...tinyPreset("name=mine"), model: { ...tinyPreset().model, position: { kind: "mine" } } };
  const mine: Job = {
    name: "mine",
    model: { preset, out: at("mine") },
    own: { encoding: { path, sha256 } },
    probes: [
      { name: "order", config: { examples: 8, shuffledContexts: 2 } },
      { name: "count", file: probe, config: { factor: 2 } },
    ],
    seed: 1,
  };
  const { outcomes } = await runIn(1, [JSON.parse(JSON.stringify(mine))]);
  const { measurements, parameters } = resultOf(outcomes[0]);
  expect(measurements.order?.length).toBeGreaterThan(0);
  expect(measurements.count).toEqual([
    { metric: "parameters", value: 2 * parameters, unit: "numbers", n: 1, se: null, at: {} },
  ]);
  expect(readRunJson(at("mine"))?.encoding).toEqual({ path, sha256 });
  writeFileSync(path, text.replace("tf.neg(", "tf.mul(2, "));
  writeFileSync(probe.path, COUNT.replace("factor *", "factor +"));
  const other = { ...mine, name: "other", probes: mine.probes.slice(0, 1) };
  const changed = (await runIn(2, [mine, other])).outcomes;
  for (const [i, named] of [
    [0, "mine: .*count"],
    [1, "other: .*mine"],
  ] as const) {
    expect(changed[i]).toMatchObject({ kind: "failed", error: expect.any(InputError) });
    expect(((changed[i] as JobOutcome & { kind: "failed" }).error.cause as Error).message).toMatch(
      new RegExp(
        `^job ${named}\\.ts has changed since the job was made \\(sha256 [0-9a-f]{8}, now [0-9a-f]{8}\\)`,
      ),
    );
  }
});

test("a signal saves what is in hand and begins nothing; the same jobs go on to their ends", async () => {
  const long = ["train.steps=80", "train.saveEvery=40", "train.evalEvery=10", "train.evalBatches=1"];
  const jobs = [job("one", ...long), job("two", ...long), job("three")];
  const stop = new AbortController();
  const onEvent = (event: JobEvent) => event.kind === "validation" && stop.abort();
  const { outcomes, events } = await runIn(2, jobs, { signal: stop.signal, onEvent });
  expect(kinds(outcomes)).toEqual(["interrupted", "interrupted", "interrupted"]);
  expect(requireDone(outcomes)).toBeUndefined();
  expect(readRunJson(at("one"))?.status).toBe("interrupted");
  expect(events.some((event) => event.job === 2)).toBe(false);
  const again = await runIn(1, jobs);
  expect(kinds(again.outcomes)).toEqual(["done", "done", "done"]);
  const starts = again.events.flatMap((event) => (event.kind === "start" ? [event.step] : []));
  expect(Math.max(...starts)).toBeGreaterThan(0);
  const none = await runIn(2, jobs, { signal: AbortSignal.abort() });
  expect(kinds(none.outcomes)).toEqual(["interrupted", "interrupted", "interrupted"]);
});

test("with stopAtFailure the first failure interrupts the others, and is the one that is told", async () => {
  mkdirSync(at("theirs"));
  writeFileSync(at("theirs", "thesis.tex"), "mine");
  const jobs = [job("theirs"), job("other", "train.steps=100000", "train.evalEvery=50000")];
  const { outcomes } = await runIn(2, jobs, { stopAtFailure: true });
  expect(kinds(outcomes)).toEqual(["failed", "interrupted"]);
  expect(() => requireDone(outcomes)).toThrow(InputError); // exit code 2 of its process
});
