/** A run of a sweep has the same bits on one thread as on several: it does not depend on what runs beside it. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireDone } from "../../../src/node/jobs/executors/executor.ts";
import { localExecutor } from "../../../src/node/jobs/executors/local.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { nativeStatus } from "../../../src/node/native/setup/status.ts";
import { type TinyRuns, tinyPreset, tinyRuns } from "../run/tiny-run.ts";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
});
afterAll(() => runs.remove());

const command = {
  script: fileURLToPath(new URL("../../../scripts/worker.mjs", import.meta.url)),
  args: ["start"],
};

/** What a run of a batch that is worth two parts saves at its end, on so many threads. */
async function saved(threads: number): Promise<string> {
  const name = String(threads);
  const preset = tinyPreset("model.width=32", "model.context=18", "train.batch=32");
  const executor = localExecutor({ engine: "native", threads, workers: 1, command });
  requireDone(await executor.run([trainingJob(preset, [], { out: runs.at(name) })]));
  return runs.weights(name);
}

test.skipIf(!nativeStatus().ready)(
  "parameters and moments of a run on two threads are those of one",
  async () => expect(await saved(2)).toBe(await saved(1)),
  120_000,
);
