/** All that the page shows, as it stands in its address. */

export const CHAPTERS = ["order", "length", "position", "compare", "train", "own"] as const;
export type Chapter = (typeof CHAPTERS)[number];

/** What follows both orders: nothing, or a question about who did it or to whom. */
export const ASKS = ["agent", "patient", "nothing"] as const;
export type Ask = (typeof ASKS)[number];

export const ENGINE_CHOICES = ["auto", "wasm", "webgpu", "webgl"] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

export interface PageState {
  readonly chapter: Chapter;
  readonly encoding: string;
  /** The words of the first order: three of the active voice, five of the passive. */
  readonly words: readonly string[];
  /** The second order, as places of the first. */
  readonly order: readonly number[];
  readonly ask: Ask;
  /** Past L_max: what is done there; "" is the first of the model's ways. */
  readonly way: string;
  /** Tokens of a context. */
  readonly length: number;
  /** Block and head whose scores are shown, both from 0. */
  readonly layer: number;
  readonly head: number;
  /** Side by side. */
  readonly encodings: readonly string[];
  /** Of the live training: its seed, and the step that it is to reach. */
  readonly seed: number;
  readonly steps: number;
  /** Of one's own model. */
  readonly first: string;
  readonly second: string;
  /** Running text for its probes; "": the two texts. */
  readonly reading: string;
  readonly probe: string;
  readonly engine: EngineChoice;
}

export const DEFAULTS: PageState = {
  chapter: "order",
  encoding: "rope",
  words: ["dog", "bites", "man"],
  order: [2, 1, 0],
  ask: "agent",
  way: "",
  length: 96,
  layer: 0,
  head: 0,
  encodings: ["none", "learned", "rope", "alibi"],
  seed: 1,
  steps: 0,
  first: "dog bites man . who bites ?",
  second: "man bites dog . who bites ?",
  reading: "",
  probe: "",
  engine: "auto",
};

/** Characters of a text: two that are compared, and one that probes read. */
export const LONGEST_TEXT = 2000;
export const LONGEST_READING = 20_000;

/** Encodings that stand side by side. */
export const FEWEST = 2;
export const MOST = 4;
/** Steps of a live training. */
export const MOST_STEPS = 2000;
