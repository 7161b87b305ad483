/** The processes that the bench times: each loads what its own case needs, and no other part of the bench. */
import { fileURLToPath } from "node:url";
import { asProcess } from "../as-process.ts";
import type { WorkerCase } from "./cases.ts";
import type { ImportCase } from "./import-worker.ts";
import type { ProbeCase } from "./probe-worker.ts";
import type { SweepCase } from "./sweep-worker.ts";

/** What a process is told to do. */
type BenchCase = WorkerCase | ProbeCase | SweepCase | ImportCase;

const SCRIPT = fileURLToPath(new URL("process.mjs", import.meta.url));

/** @returns program and arguments of a process that does it */
export const processOf = (one: BenchCase): [string, ...string[]] => [
  process.execPath,
  SCRIPT,
  JSON.stringify(one),
];

/** @param one JSON of a case, as `processOf` gives it */
export const work = (one: string): Promise<void> =>
  asProcess("whereabouts bench", () => done(JSON.parse(one) as BenchCase));

async function done(one: BenchCase): Promise<void> {
  if ("import" in one) return (await import("./import-worker.ts")).importOnce(one);
  if ("sweep" in one) return (await import("./sweep-worker.ts")).sweepOnce(one);
  if ("probe" in one) return (await import("./probe-worker.ts")).probeOnce(one);
  return (await import("./worker.ts")).serve(one);
}
