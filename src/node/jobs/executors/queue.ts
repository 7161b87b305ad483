/**
 * Which job a process takes next. A process keeps the graphs of what it did last: with the next seed
 * of the same model it compiles nothing.
 */
import { canonicalJson } from "../../run/names.ts";
import type { Job } from "../job.ts";

/** Jobs that wait, for several processes. */
export interface Queue {
  add(job: number): void;
  /**
   * The next job of a process: of the shape of its last one; else of the first shape that no other
   * process is at; else the first of the shape of which most wait.
   */
  take(process: number): number | undefined;
  clear(): void;
}

/**
 * @param shapes of all jobs: those of one shape run the same graphs
 * @param at the shape that each process did last, which queues of the same processes share
 */
export function openQueue(
  shapes: readonly string[],
  at: Map<number, string>,
  jobs: Iterable<number> = [],
): Queue {
  const waiting = [...jobs];
  const shapeOf = (job: number) => shapes[job] as string;
  const choose = (process: number): number | undefined => {
    const own = waiting.find((job) => shapeOf(job) === at.get(process));
    if (own !== undefined) return own;
    const others = new Set([...at].flatMap(([other, shape]) => (other === process ? [] : [shape])));
    return waiting.find((job) => !others.has(shapeOf(job))) ?? firstOfMost(waiting, shapeOf);
  };
  return {
    add: (job) => void waiting.push(job),
    take(process) {
      const job = choose(process);
      if (job === undefined) return undefined;
      waiting.splice(waiting.indexOf(job), 1);
      at.set(process, shapeOf(job));
      return job;
    },
    clear: () => void waiting.splice(0),
  };
}

/** Sharing it saves most time, for what compiling it once more costs. */
function firstOfMost(waiting: readonly number[], shapeOf: (job: number) => string): number | undefined {
  const counts = new Map<string, number>();
  for (const job of waiting) counts.set(shapeOf(job), (counts.get(shapeOf(job)) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return waiting.find((job) => shapeOf(job) === most);
}

/** What a job's graphs follow from: its model, and the data by which its vocabulary is known. */
export function shapeOfJob({ model }: Job): string {
  if ("checkpoint" in model) return model.checkpoint;
  const { model: fields, data, train } = model.preset as Record<string, unknown>;
  const { batch, precision, clip, weightDecay } = (train ?? {}) as Record<string, unknown>; // constants of a step
  return canonicalJson({ fields, data, batch, precision, clip, weightDecay });
}
