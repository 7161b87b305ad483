/** What a process of the local executor does, and what it says where it fails. */
import { serve, type WorkerOptions } from "../src/node/jobs/executors/worker.ts";
import { asProcess } from "./as-process.ts";

/**
 * @param command that its parent runs, for messages
 * @param options JSON of `WorkerOptions`
 */
export const work = (command: string, options: string): Promise<void> =>
  asProcess(`whereabouts ${command}`, () => serve(JSON.parse(options) as WorkerOptions));
