/** What the bench times: sizes, cases, and what a worker is told. */
import type { NativeEngine } from "../../src/node/files/progress.ts";

/** A model and its batch. */
export interface Size {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly context: number;
  readonly batch: number;
}

export interface Case extends Size {
  readonly engine: NativeEngine;
  readonly encoding: string;
  readonly threads: number;
  readonly precision: "float32" | "bfloat16";
}

/** What is timed. */
export type Phase = "step" | "evaluation" | "generation";

export interface WorkerCase extends Case {
  readonly phase?: Phase;
  readonly cached?: boolean;
}

/**
 * What contestants took in turn, A B A B: the times of each turn, and the peak of memory, in the
 * order of the contestants.
 */
export interface Turns {
  readonly ms: readonly (readonly (readonly number[])[])[];
  /** Of processors, a step of each turn; nothing where a contestant does not tell it. */
  readonly cpuMs: readonly (readonly number[])[];
  readonly peakRssMB: readonly number[];
}
