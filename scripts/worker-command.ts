/** What starts a process of the local executor, whichever command asks for it. */
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "../src/node/jobs/executors/worker-process.ts";

export const WORKER: WorkerCommand = {
  script: fileURLToPath(new URL("whereabouts.mjs", import.meta.url)),
  args: ["start", "--worker"],
};
