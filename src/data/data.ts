/** What training and validation take from any data, and what it offers to probes. */
import type { Batch } from "./batches.ts";
import type { Material } from "./material.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** Data to train on: batches of tokens (B,L), and the material that probes may ask for. */
export interface Data<S extends string = string> extends Material {
  readonly kind: string;
  /** Of every random stream below. */
  readonly seed: number;
  readonly tokenizer: Tokenizer;
  /** Whether `<bos>` opens each story, window or task. */
  readonly bos: boolean;
  /** Ids that no masked objective hides or puts in. */
  readonly special: readonly number[];
  /** What can be validated on, the one that training is judged by first. */
  readonly splits: readonly S[];
  /**
   * Mean characters of a token by split, where the tokens are those of a text: nats a token,
   * divided by it, are nats a character.
   */
  readonly charactersPerToken?: Readonly<Record<S, number>>;
  /** What can be asked after a sentence, as texts that follow it; nothing where left out. */
  questionsAfter?(sentence: string): string[];
  /** Nats a token that are to be added before that: what `<unk>` stands for has to be spelled. */
  readonly unknownNatsPerToken?: Readonly<Record<S, number>>;
  /** Of what validation draws beside its batches (what is masked, positions); `seed` when left out. */
  readonly validationSeed?: number;
  /**
   * How many windows of L tokens a split is, where it has an end: validation rows 0 to that many
   * are all of it, each token once.
   */
  validationWindows?(split: S, length: number): number;
  /**
   * Batch `step` of training, (B,L): the same for the same config, seed, step and shape, whatever
   * came before.
   */
  batch(step: number, size: number, length: number): Batch;
  /**
   * Batch `index` of a split, (B,L): no number of training batches moves it. What is generated
   * comes from random streams of its own; of a text it is the same under every seed.
   */
  validation(split: S, index: number, size: number, length: number): Batch;
}

export { type Split, splits } from "./splits.ts";

/** Ids of a tokenizer's special tokens. */
export function specialIds({ bos, mask, pad, unk, special = [] }: Tokenizer): number[] {
  const roles = [bos, mask, pad, unk].filter((id) => id !== undefined);
  return [...roles, ...special.filter((id) => !roles.includes(id))];
}
