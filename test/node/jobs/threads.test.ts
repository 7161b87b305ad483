/** A run of a sweep has the same bits on one thread as on several: it does not depend on what runs beside it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireDone } from "../../../src/node/jobs/executors/executor.ts";
import { localExecutor } from "../../../src/node/jobs/executors/local.ts";
import { trainingJob } from "../../../src/node/jobs/job.ts";
import { nativeStatus } from "../../../src/node/native/setup/status.ts";
import { latestStep } from "../../../src/node/run/directory.ts";
import { tinyPreset } from "../run/tiny-run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const script = fileURLToPath(new URL("../../../scripts/worker.mjs", import.meta.url));

/** What a run of a batch that is worth two parts saves, on so many threads. */
async function saved(threads: number): Promise<Record<string, Buffer>> {
  const sizes = [
    "model.width=32",
    "model.context=18",
    "train.batch=32",
    "train.steps=5",
    "train.saveEvery=5",
  ];
  const job = trainingJob(tinyPreset(...sizes), [], { out: join(folder, String(threads)) });
  const command = { script, args: ["start"] };
  const executor = localExecutor({ engine: "native", threads, workers: 1, command });
  const [done] = requireDone(await executor.run([job])) ?? [];
  const { path } = latestStep(done?.directory as string) as { path: string };
  const files = readdirSync(path).filter((name) => name.endsWith(".safetensors"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(path, name))]));
}

test.skipIf(!nativeStatus().ready)(
  "parameters and moments of a run on two threads are those of one",
  async () => {
    const [one, two] = [await saved(1), await saved(2)];
    expect(Object.keys(one).length).toBeGreaterThan(0);
    expect(two).toEqual(one);
  },
  120_000,
);
