/** What starts a process of the local executor. */
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "../src/node/jobs/executors/worker-process.ts";

/** @param command that starts it, for messages */
export const workerOf = (command: string): WorkerCommand => ({
  script: fileURLToPath(new URL("worker.mjs", import.meta.url)),
  args: [command],
});
