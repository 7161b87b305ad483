/** The world "who" as data to train on. */
import { createRng } from "../../tensor/rng.ts";
import { batchOf } from "../batches.ts";
import { type Data, type Split, specialIds, splits } from "../data.ts";
import { createWho, type WhoConfig, type WhoWorld } from "./who.ts";
import { type AnsweredBatch, padOf, whoAnswered, whoWindows } from "./who-rows.ts";

/** The corpus "who", whose world probes may question. */
export interface WhoData extends Data<Split> {
  readonly kind: "who";
  readonly world: WhoWorld;
  validation(split: Split, index: number, size: number, length: number): AnsweredBatch;
}

/** The world of a config and a seed, and its stories in batches. */
export function openWho(config: WhoConfig, seed: number): WhoData {
  const world = createWho(config, seed);
  return {
    kind: "who",
    seed,
    tokenizer: world.tokenizer,
    bos: config.bos,
    special: specialIds(world.tokenizer),
    splits,
    world,
    batch: (step, size, length) => {
      const windows = whoWindows(world, "train", createRng(seed, `data/train/${step}`), size, length);
      return batchOf(windows, size, length, padOf(world));
    },
    validation: (split, index, size, length) =>
      whoAnswered(world, split, createRng(seed, `data/validation/${split}/${index}`), size, length),
  };
}
