/**
 * Resumes a run of made-up steps and saves one after the other until it is killed. Argument: the
 * run directory.
 */
import { createHash } from "node:crypto";
import { encodeSafetensors } from "../../../../src/formats/safetensors.ts";
import { acquireLock } from "../../../../src/node/files/lock.ts";
import { cleanStaging, latestStep, writeStep } from "../../../../src/node/run/directory.ts";
import { appendLog, rewindLog } from "../../../../src/node/run/log.ts";

const dir = String(process.argv[2]);
await acquireLock(dir);
cleanStaging(dir);
const saved = latestStep(dir)?.step ?? -1;
await rewindLog(dir, saved);
process.stdout.write("ready\n");
for (let step = saved + 1; ; step += 1) {
  const data = Float32Array.from({ length: 20_000 }, (_, i) => i + step);
  const model = encodeSafetensors({ weight: { shape: [data.length], dtype: "F32", data } });
  const sha256 = createHash("sha256").update(model).digest("hex");
  appendLog(dir, { step, split: "train", loss: 1 / (step + 1), sha256 });
  await writeStep(dir, step, {
    "config.json": JSON.stringify({ step, sha256 }),
    "model.safetensors": [model.subarray(0, 1000), model.subarray(1000)],
    "state.json": JSON.stringify({ step }),
  });
}
