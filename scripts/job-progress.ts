/**
 * Draws the progress of jobs side by side on stderr: a line for each event, for bars of two would
 * overwrite each other.
 */
import type { JobEvent } from "../src/node/jobs/executors/executor.ts";
import { oneLine } from "../src/printable.ts";
import type { Preset } from "../src/train/preset.ts";
import { trainingProgress } from "./training-progress.ts";

/** Hears the events of jobs that train these presets, in their order. */
export function jobProgress(presets: readonly Preset[]): (event: JobEvent) => void {
  const shown = presets.map(({ name, train }) => ({
    say: (text: string) => process.stderr.write(`${name.padEnd(12)} ${oneLine(text)}\n`),
    training: trainingProgress(name, train.steps, lines),
    works: new Map<string, (done: number) => void>(),
  }));
  return (event) => {
    const job = shown[event.job];
    if (job !== undefined) show(event, job);
  };
}

/** As a file would be: lines, and no bars. */
const lines = { isTTY: false, write: (text: string) => process.stderr.write(text) } as NodeJS.WriteStream;

interface Shown {
  readonly say: (text: string) => void;
  readonly training: ReturnType<typeof trainingProgress>;
  readonly works: Map<string, (done: number) => void>;
}

function show(event: JobEvent, { say, training, works }: Shown): void {
  if (event.kind === "start") training.onStart(event);
  if (event.kind === "validation") training.onValidation(event.step, event.losses, event.perCharacter);
  if (event.kind === "tell") say(event.text);
  if (event.kind === "work") {
    const { work, total, unit, done } = event;
    const tell = works.get(work) ?? training.onPrepareWork(work, total, unit);
    works.set(work, tell);
    tell(done);
  }
  if (event.kind === "trained")
    say(`${event.outcome === "skipped" ? "was trained before" : event.outcome}: ${event.directory}`);
  if (event.kind === "probe")
    say(`probe ${event.probe}: ${event.question}${event.saved ? " (answered before)" : ""}`);
}
