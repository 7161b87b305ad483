/**
 * One loading of a Hugging Face folder and the first logits, in a process of its own, so that its
 * time counts from the process's start and its peak of memory is its own. The last line on stdout is
 * an `ImportOutcome`.
 */
import { startEngine } from "../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { countParameters } from "../../src/tensor/params.ts";
import { printJson } from "../print.ts";

/** What the worker is told. */
export interface ImportCase {
  readonly import: string;
}

export interface ImportOutcome {
  /** From the process's start. */
  readonly readyMs: number;
  readonly loadedMs: number;
  readonly logitsMs: number;
  /** Resident when the libraries were there, before the model. */
  readonly readyRssMB: number;
  readonly peakRssMB: number;
  readonly weightsMB: number;
  /** Of the last token. */
  readonly logits: readonly number[];
}

const TOKENS = 64;

export async function importOnce({ import: folder }: ImportCase): Promise<void> {
  await startEngine("native");
  const [readyMs, readyRssMB] = [performance.now(), process.memoryUsage().rss / 1e6];
  const { model, params } = await loadCheckpoint(folder);
  const loadedMs = performance.now();
  const T = Math.min(TOKENS, model.shape.context);
  const logits = await logitsOf(
    model,
    params,
    Array.from({ length: T }, (_, i) => i % model.vocabSize),
  );
  const outcome: ImportOutcome = {
    ...{ readyMs, loadedMs, logitsMs: performance.now(), readyRssMB },
    peakRssMB: (process.resourceUsage().maxRSS * 1024) / 1e6,
    weightsMB: (4 * countParameters(model.specs)) / 1e6,
    logits: logits.at(-1) as number[],
  };
  printJson("bench", outcome);
}
