/**
 * One process of the main job: trains presets and probes what they became, as it is told, one after another.
 *
 * It ends when its parent does: a run in hand is saved first.
 */
import { on } from "node:events";
import type { StartedEngine } from "../../src/engine/index.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import { probeRun } from "../../src/node/jobs/main-job.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { type RunResult, runTraining } from "../../src/node/run/training.ts";
import type { Preset } from "../../src/train/preset.ts";
import { EXIT_INTERRUPTED, SIGNALS } from "../interrupt.ts";
import { trainingProgress } from "../training-progress.ts";
import { versions } from "../versions.ts";

export interface WorkerOptions {
  readonly engine: StartedEngine["name"];
  readonly threads: number;
}

/** What a parent asks for: a training, or the probes of the directory that one has ended in. */
export type Job =
  | { readonly kind: "train"; readonly preset: Preset }
  | { readonly kind: "probe"; readonly preset: Preset; readonly directory: string };

/** What a parent sends. */
export type Order = Job | { readonly kind: "stop" };

export type Answer = RunResult | DemoResult;

export async function serve({ engine: name, threads }: WorkerOptions): Promise<void> {
  let doing: Order["kind"] | undefined;
  const stop = new AbortController();
  const onStop = () => {
    if (doing === "probe") process.exit(EXIT_INTERRUPTED); // nothing of it is to be saved
    stop.abort();
  };
  // Ctrl-C reaches this process too; when to stop, and that once, is for the parent to say.
  for (const signal of SIGNALS) process.on(signal, () => {});
  process.on("message", ({ kind }: Order) => kind === "stop" && onStop());
  process.on("disconnect", onStop);
  const orders = on(process, "message", { close: ["disconnect"] }); // keeps those that come before the engine is there
  const engine = await startEngine(name, { threads });
  for await (const [message] of orders) {
    const order = message as Order; // this process has no other parent than workers.ts
    if (order.kind === "stop") break;
    doing = order.kind;
    process.send?.(
      order.kind === "train" ? await train(order.preset, engine, stop.signal) : await probe(order),
    );
    doing = undefined;
  }
  if (process.connected) process.disconnect();
}

async function train(preset: Preset, engine: StartedEngine, signal: AbortSignal): Promise<RunResult> {
  const progress = trainingProgress(preset.name, preset.train.steps);
  const onWait = (text: string) => say(preset, text); // another npm start may be at the same presets
  const result = await runTraining(preset, {
    engine,
    versions: versions(engine),
    signal,
    onWait,
    ...progress,
  });
  progress.end();
  const { outcome, directory } = result;
  say(preset, `${outcome === "skipped" ? "was trained before" : outcome}: ${directory}`);
  return result;
}

const probe = ({ preset, directory }: Job & { readonly kind: "probe" }): Promise<DemoResult> =>
  probeRun(preset, directory, (question) => say(preset, question));

const say = ({ name }: Preset, text: string) => process.stderr.write(`${name.padEnd(12)} ${text}\n`);
