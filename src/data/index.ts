/** The data a model is trained on: one kind a corpus, each opened into the same `Data`. */
import { z } from "zod";
import { createRng } from "../tensor/rng.ts";
import { type Batch, batchOf } from "./batches.ts";
import { createWho, type WhoWorld, whoConfig } from "./corpora/who.ts";
import type { Split } from "./corpora/who-facts.ts";
import { type AnsweredBatch, padOf, whoAnswered, whoWindows } from "./corpora/who-rows.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

export type { Batch } from "./batches.ts";

/** Fields of `data` in a preset, by `kind`. */
export const dataConfig = z.discriminatedUnion("kind", [whoConfig]);

export type DataConfig = z.infer<typeof dataConfig>;

/** What training takes from any corpus. */
export interface Data<S extends string = string> {
  readonly kind: DataConfig["kind"];
  readonly tokenizer: Tokenizer;
  /** Ids that no masked objective hides or puts in. */
  readonly special: readonly number[];
  /** What can be validated on, the one that training is judged by first. */
  readonly splits: readonly S[];
  /** Batch `step` of training, (B,L): the same for the same config, seed, step and shape, whatever came before. */
  batch(step: number, size: number, length: number): Batch;
  /** Batch `index` of a split, (B,L), from random streams of its own: no number of training batches moves it. */
  validation(split: S, index: number, size: number, length: number): Batch;
}

/** The corpus "who", whose world probes may question. */
export interface WhoData extends Data<Split> {
  readonly kind: "who";
  readonly world: WhoWorld;
  validation(split: Split, index: number, size: number, length: number): AnsweredBatch;
}

/** Opens the data of a config; the same config and seed give the same data. */
export function openData(config: DataConfig, seed: number): WhoData {
  const world = createWho(config, seed);
  const { bos, mask, pad } = world.tokenizer;
  return {
    kind: "who",
    tokenizer: world.tokenizer,
    special: [bos, mask, pad].filter((id) => id !== undefined),
    splits: ["heldout", "train"],
    world,
    batch: (step, size, length) => {
      const windows = whoWindows(world, "train", createRng(seed, `data/train/${step}`), size, length);
      return batchOf(windows, size, length, padOf(world));
    },
    validation: (split, index, size, length) =>
      whoAnswered(world, split, createRng(seed, `data/validation/${split}/${index}`), size, length),
  };
}
