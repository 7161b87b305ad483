/**
 * A probe asks one question of one trained model and answers in rows.
 *
 * Rows of all probes stack into one table: a measurement names its metric, its unit, how many cases it averages and where
 * it was taken.
 */
import type { z } from "zod";
import type { AnyData } from "../data/index.ts";
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import type { Model } from "../model/config.ts";
import type { Params } from "../tensor/params.ts";
import type { Rng } from "../tensor/rng.ts";
import type { TrainConfig } from "../train/config.ts";
import type { Placing } from "./placing.ts";

/** Where a measurement was taken; a probe fills in what applies. */
export interface MeasurementSite {
  readonly layer?: number;
  readonly head?: number;
  /** Tokens in the context. */
  readonly length?: number;
  /** Items of a task's input. */
  readonly items?: number;
  /** Where in a task's input the item lies that answers, 0 first, 1 last: the middle of a fifth. */
  readonly depth?: number;
  /** Index of the predicted token, from 0. */
  readonly position?: number;
  /** The policy for positions past L_max; "contiguous" where the encoding defines them all. */
  readonly beyond?: string;
  /** A split or kind of example, such as "heldout" or "train". */
  readonly split?: string;
  /** Share of token pairs whose order a shuffle inverts, the middle of a stratum (Kendall 1938). */
  readonly inverted?: number;
  /** A parameter's name in the checkpoint, and the first and last of some of its rows. */
  readonly parameter?: string;
  readonly from?: number;
  readonly to?: number;
}

export interface Measurement {
  readonly metric: string;
  /** Finite; null where there is none, such as the length at which a model fails that never does. */
  readonly value: number | null;
  /** "nats", "bits", "accuracy", "ratio", "tokens", ... */
  readonly unit: string;
  /** Cases averaged. */
  readonly n: number;
  readonly at: MeasurementSite;
}

/** A trained model and the data that it was trained on. */
export interface Subject {
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  readonly data: AnyData;
  /** How it was trained; default: as the schema of `train` has it. */
  readonly training?: { readonly train: TrainConfig; readonly seed: number };
  /** Where the tokens of contexts stand; default 0, 1, 2, … */
  readonly placing?: Placing;
}

export interface Probe<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  /** Kinds of data that it can ask about. */
  readonly data: readonly AnyData["kind"][];
  /** Sizes, with their defaults. */
  readonly config: S;
  run(subject: Subject, config: z.output<S>, rng: Rng): Promise<Measurement[]>;
}

/** Types a probe: `run` sees the fields of its own `config`. */
export function defineProbe<S extends z.ZodObject>(probe: Probe<S>): Probe<S> {
  return probe;
}
