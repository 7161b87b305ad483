/** What the page asks its worker, and what comes back. */
import type { PageEngine, StartedPageEngine } from "../engine/page-engines.ts";
import type { Comparison } from "../probes/pair.ts";
import type { Measurement } from "../probes/probe.ts";
import type { OrderAsked } from "./compute/order.ts";
import type { OwnAnswer, OwnProbeAnswer } from "./compute/own.ts";
import type { LossesAnswer, LossesAsked, WaysAnswer } from "./compute/past-limit.ts";
import type { ScoresAnswer } from "./compute/position.ts";
import type { LiveAsked, LivePoint } from "./compute/training.ts";

/** A published model by its encoding; `OWN` is the folder that was dropped. */
export interface OfModel {
  readonly of: string;
}

/** In place of an encoding: the model of the folder that a person dropped. */
export const OWN = "own";

/** Every question, by kind: what is asked and what is answered. */
export interface Questions {
  order: { asked: OfModel & OrderAsked; answer: Comparison };
  ways: { asked: OfModel; answer: WaysAnswer };
  losses: { asked: OfModel & LossesAsked; answer: LossesAnswer };
  scores: { asked: OfModel & { readonly text: string }; answer: ScoresAnswer };
  heads: { asked: OfModel; answer: readonly Measurement[] };
  logits: { asked: OfModel & { readonly ids: readonly number[] }; answer: number[][] };
  probe: { asked: OfModel & { readonly probe: string; readonly text: string }; answer: OwnProbeAnswer };
  folder: { asked: { readonly files: ReadonlyMap<string, Uint8Array> }; answer: OwnAnswer };
}

export type Kind = keyof Questions;
export type Asked<K extends Kind = Kind> = Questions[K]["asked"];
export type Answer<K extends Kind = Kind> = Questions[K]["answer"];

/** From the page to the worker. */
export type ToWorker =
  | {
      readonly type: "start";
      /** The folder of the page, an address with a slash at its end. */
      readonly base: string;
      readonly engines: readonly PageEngine[];
    }
  | { readonly type: "ask"; readonly id: number; readonly kind: Kind; readonly asked: Asked }
  /** Trains up to a step; less than where it stands pauses it. */
  | { readonly type: "train"; readonly asked: LiveAsked; readonly to: number };

/** From the worker to the page. */
export type FromWorker =
  | { readonly type: "started"; readonly engine: StartedPageEngine }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly type: "refusal"; readonly id: number; readonly message: string }
  | { readonly type: "trained"; readonly asked: LiveAsked; readonly point: LivePoint }
  | { readonly type: "untrained"; readonly asked: LiveAsked; readonly message: string };

/** What is known of the published models before one is loaded. */
export interface Catalogue {
  readonly models: readonly {
    readonly encoding: string;
    readonly title: string;
    /** Its folder, from the page's. */
    readonly folder: string;
    /** Of its weights. */
    readonly bytes: number;
  }[];
  /** Words of the world that they were trained on. */
  readonly nouns: readonly string[];
  readonly verbs: readonly { readonly active: string; readonly participle: string }[];
}

/** Answers that were computed when the page was built, by the code that the worker runs. */
export type BuiltAnswers = readonly { readonly kind: Kind; readonly asked: Asked; readonly answer: Answer }[];
