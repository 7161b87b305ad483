/**
 * Presets trained and probed in processes side by side.
 *
 * A training step of this size has too little work for two threads: two processes of one thread do more than one process of two.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { InputError } from "../../src/errors.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import type { RunResult } from "../../src/node/run/training.ts";
import type { Preset } from "../../src/train/preset.ts";
import { EXIT_INTERRUPTED } from "../interrupt.ts";
import type { Answer, Job, Order, WorkerOptions } from "./worker.ts";

/** A process takes up to 1 GB. */
const BYTES = 2 * 2 ** 30;

/** How many processes share `threads` threads, and how many threads each of them has. */
export function shareOf(threads: number, presets: number, memory = totalmem()) {
  const workers = Math.max(1, Math.min(threads, presets, Math.floor(memory / BYTES)));
  return { workers, threads: Math.floor(threads / workers) };
}

/**
 * Results in the order of the presets; undefined where the signal came first, and what was in hand is saved.
 *
 * @throws Error when a process fails; it has said why on stderr. The others are stopped.
 */
export async function trainInWorkers(
  presets: readonly Preset[],
  workers: number,
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<DemoResult[] | undefined> {
  const [trainings, probings]: [Job[], Job[]] = [presets.map((preset) => ({ kind: "train", preset })), []];
  const results = new Map<Preset, DemoResult>();
  const children = Array.from({ length: workers }, () => open(options));
  const stop = () => {
    trainings.length = probings.length = 0;
    for (const child of children) if (child.connected) send(child, { kind: "stop" });
  };
  // Probes come after all trainings, the last preset's first: being short, they leave no process without work for long.
  const drain = async (child: ChildProcess) => {
    for (let job = trainings.shift(); job !== undefined; job = trainings.shift()) {
      const { outcome, directory } = (await ask(child, job)) as RunResult;
      if (outcome !== "interrupted") probings.push({ kind: "probe", preset: job.preset, directory });
    }
    for (let job = probings.pop(); job !== undefined && !signal.aborted; job = probings.pop())
      results.set(job.preset, (await ask(child, job)) as DemoResult); // undefined where the signal came
    if (child.connected) child.disconnect();
  };
  signal.addEventListener("abort", stop);
  try {
    await settled(children.map(drain), stop);
  } finally {
    signal.removeEventListener("abort", stop);
    for (const child of children) if (child.connected) child.disconnect();
  }
  return signal.aborted ? undefined : presets.map((preset) => results.get(preset) as DemoResult);
}

const BIN = fileURLToPath(new URL("../whereabouts.mjs", import.meta.url));

/** Its stderr is a pipe, so that it writes lines: bars of two processes would overwrite each other. */
function open(options: WorkerOptions): ChildProcess {
  const child = fork(BIN, ["start", "--worker", JSON.stringify(options)], {
    serialization: "advanced", // results hold NaN and typed arrays
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  child.stderr?.pipe(process.stderr, { end: false });
  return child;
}

const send = (child: ChildProcess, order: Order) => child.send(order, () => {}); // one that has ended is reported by `ask`

/** The answer; undefined where the process was stopped in the middle of probing. */
async function ask(child: ChildProcess, job: Job): Promise<Answer | undefined> {
  const over = new AbortController();
  const ended = async (): Promise<undefined> => {
    const [code, killed] = await once(child, "close", { signal: over.signal });
    if (code === EXIT_INTERRUPTED) return undefined;
    const text = `${job.preset.name}: its process ended with ${killed ?? `exit code ${code}`}, as said above`;
    throw code === 2 ? new InputError(text) : new Error(text);
  };
  send(child, job);
  try {
    return await Promise.race([once(child, "message").then(([answer]) => answer as Answer), ended()]);
  } finally {
    over.abort();
  }
}

/** Waits for all of them; after the first failure the rest is stopped, and waited for. */
async function settled(work: readonly Promise<void>[], stop: () => void): Promise<void> {
  for (const one of work) one.catch(stop);
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
