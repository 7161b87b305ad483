/**
 * A probe asks one question of one model and answers in rows.
 *
 * Rows of all probes stack into one table: a measurement names its metric, its unit, how many cases
 * it averages and where it was taken. A probe says what it needs, and what each of its metrics
 * means; it never asks what a model was trained on.
 */
import type { z } from "zod";
import type { Data, Material } from "../data/index.ts";
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import type { Model } from "../model/model.ts";
import type { Params } from "../tensor/params.ts";
import type { Rng } from "../tensor/rng.ts";
import type { TrainConfig } from "../train/config.ts";
import type { StepValue } from "./first-reached.ts";
import type { Placing } from "./placing.ts";

/** Where a measurement was taken; a probe fills in what applies, and may add coordinates of its own. */
export interface MeasurementSite {
  readonly layer?: number;
  readonly head?: number;
  /** Tokens in the context. */
  readonly length?: number;
  /** Items of a problem. */
  readonly items?: number;
  /** Where in a problem the item lies that answers, 0 first, 1 last: the middle of a fifth. */
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
  /** What was taken out of the model (`model/ablate.ts`). */
  readonly ablated?: string;
  readonly [coordinate: string]: string | number | undefined;
}

/** One row of the table in which the answers of all probes stand. */
export interface Measurement {
  readonly metric: string;
  /** Finite; null where there is none, such as the length at which a model fails that never does. */
  readonly value: number | null;
  /** "nats", "bits", "accuracy", "ratio", "tokens", ... */
  readonly unit: string;
  /** Cases averaged. */
  readonly n: number;
  readonly se?: StandardError | undefined;
  readonly at: MeasurementSite;
}

/**
 * How sure a value is: the standard error of the mean over its n cases, in its unit; "exact" where
 * the value follows from the parameters alone, so that other cases would not change it; null where
 * it is one number of all cases, such as the length at which a model fails, or of one case. Rows of
 * earlier versions have none.
 */
export type StandardError = number | "exact" | null;

/** What a metric says. Tables, help, glossary and lists are made from it. */
export interface Metric {
  readonly title: string;
  readonly unit: string;
  /** Which way is better; "neither" where a metric describes and does not judge. */
  readonly better: "higher" | "lower" | "neither";
  /** In one sentence. */
  readonly meaning: string;
  /** The value that theory gives for a model that does not know what is asked, and which model that is. */
  readonly null?: { readonly value: number; readonly of: string };
  /** Whether it is 1 where a run succeeds, else 0: over seeds its mean is the probability of success. */
  readonly success?: true;
  /**
   * Where a row without a value lies: past all that was tested, above or below, and how a reader is
   * told so. Left out, such a row says nothing.
   */
  readonly missing?: { readonly lies: "above" | "below"; readonly means: string };
}

/** How a model was trained, and on what. */
export interface Training {
  readonly train: TrainConfig;
  readonly seed: number;
  readonly data: Data;
}

/** What is kept of how a model came to be. */
export interface History {
  /** Steps of its training, ascending; the parameters are the caller's to dispose of. */
  readonly steps: readonly { readonly step: number; load(): Promise<Params> }[];
  /** Validation losses, nats. */
  readonly validation: readonly StepValue[];
}

/** A model, what it is asked about, and how it was trained where that is known. */
export interface Subject {
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  readonly material: Material;
  readonly training?: Training | undefined;
  /** Of a run of which several steps are kept. */
  readonly history?: History | undefined;
  /** Where the tokens of contexts stand; default 0, 1, 2, … */
  readonly placing?: Placing | undefined;
}

/** In the order in which commands list them. */
export const NEEDS = ["pairs", "minimal", "windows", "problems", "training", "history"] as const;
/**
 * What a probe may need besides a model.
 *
 * @useDeclaredType
 */
export type Need = (typeof NEEDS)[number];

/** What a subject has beside its material. */
type OfSubject = "training" | "history";

/** What a probe needs, as a reader of a list is told it. */
export function needsText(
  { needs, needsOneOf = [] }: Pick<Probe, "needs" | "needsOneOf">,
  write: (need: Need) => string = (need) => need,
): string {
  const either = needsOneOf.map(write).join(" or ");
  return [...needs.map(write), ...(either === "" ? [] : [either])].join(" and ") || "nothing but the model";
}

/** A subject that has what a probe needs. */
export type SubjectWith<N extends Need> = Subject & {
  readonly material: Required<{ [K in Exclude<N, OfSubject>]: NonNullable<Material[K]> }>;
} & ("training" extends N ? { readonly training: Training } : unknown) &
  ("history" extends N ? { readonly history: History } : unknown);

/** A probe: one question, what it needs, what its metrics mean, and how it is asked. */
export interface Probe<
  S extends z.ZodObject = z.ZodObject,
  N extends Need = Need,
  M extends string = string,
> {
  readonly name: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  readonly needs: readonly N[];
  /** Beside those, at least one of these. */
  readonly needsOneOf?: readonly Need[];
  readonly metrics: Readonly<Record<M, Metric>>;
  /** Sizes, with their defaults. */
  readonly config: S;
  /**
   * Those of a model from 2²⁴ parameters on, where they are not asked for: what it answers in
   * minutes on two cores.
   */
  readonly large?: Partial<z.output<S>>;
  /** @returns rows of the metrics above, with their units; the caller fills in what `row` leaves out */
  run(subject: SubjectWith<N>, config: z.output<S>, rng: Rng): Promise<Row<M>[]>;
}

/** A measurement whose unit its metric says; without `se` it has none. */
export interface Row<M extends string = string> extends Omit<Measurement, "unit"> {
  readonly metric: M;
}

/**
 * Types a probe: `run` sees what its `needs` and its `config` say, and may return rows of its
 * `metrics` alone.
 *
 * @example
 * const size = defineProbe({
 *   name: "size",
 *   question: "How many parameters?",
 *   needs: [],
 *   metrics: { parameters: { title: "parameters", unit: "numbers", better: "neither", meaning: "Of all tensors." } },
 *   config: z.strictObject({}),
 *   run: async ({ model }) => [{ metric: "parameters", value: countParameters(model.specs), n: 1, at: {} }],
 * });
 * assert.equal(size.metrics.parameters.unit, "numbers");
 */
export function defineProbe<S extends z.ZodObject, N extends Need, M extends string>(
  probe: Probe<S, N, M>,
): Probe<S, N, M> {
  return probe;
}
