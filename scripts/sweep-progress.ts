/**
 * One line for a sweep on stderr: runs done of all, failures, time left; and a line for each run
 * that ends.
 */
import { duration } from "../src/figures/format.ts";
import type { JobEvent } from "../src/node/jobs/executors/executor.ts";
import type { PlannedRun } from "../src/node/jobs/sweep/plan.ts";
import { nameOf } from "../src/node/jobs/sweep/run-sweep.ts";
import { oneLine } from "../src/printable.ts";

/** Lines: two processes work at once, and what they say would break a bar. */
export function sweepProgress(
  runs: readonly PlannedRun[],
  stream: NodeJS.WriteStream = process.stderr,
): (event: JobEvent) => void {
  const began = performance.now();
  const counts = { trained: 0, skipped: 0, probed: 0, failed: 0 };
  const failures = new Set<number>();
  const say = (job: number, text: string) => {
    const { trained, skipped, probed, failed } = counts;
    const done = [`${trained + skipped} of ${runs.length} trained`, `${probed} probed`];
    if (failed > 0) done.unshift(`${failed} FAILED`);
    const run = runs[job];
    stream.write(
      `${oneLine(`[${done.join(", ")}${timeLeft(began, counts, runs.length)}] ${run ? nameOf(run) : ""}: ${text}`)}\n`,
    );
  };
  return ({ job, ...event }) => {
    if (event.kind === "trained") {
      counts[event.outcome === "skipped" ? "skipped" : "trained"]++;
      say(job, event.outcome === "skipped" ? "was trained before" : event.outcome);
    }
    if (event.kind === "done") {
      counts.probed++;
      failures.delete(job); // it was tried once more
      counts.failed = failures.size;
      say(job, "probed");
    }
    if (event.kind === "failed") {
      counts.failed = failures.add(job).size;
      say(job, `failed: ${event.error.message}`);
    }
    if (event.kind === "tell") say(job, event.text);
  };
}

/** By the runs that were trained in this command; nothing before the first. */
function timeLeft(
  began: number,
  counts: { trained: number; skipped: number; failed: number },
  all: number,
): string {
  const { trained, skipped, failed } = counts;
  const left = all - trained - skipped - failed;
  if (trained === 0 || left <= 0) return "";
  return `, ${duration((((performance.now() - began) / 1000) * left) / trained)} left`;
}
