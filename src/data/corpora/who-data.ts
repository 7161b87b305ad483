/** The world "who" as data to train on. */
import { createRng } from "../../tensor/rng.ts";
import { batchOf } from "../batches.ts";
import { type Data, type Split, specialIds, splits } from "../data.ts";
import type { Pairs, Problems, Windows } from "../material.ts";
import { createWho, type WhoConfig, type WhoWorld } from "./who.ts";
import { orderPair, swapExamples } from "./who-examples.ts";
import { whoProblems } from "./who-problems.ts";
import { type AnsweredBatch, padOf, whoAnswered, whoWindows } from "./who-rows.ts";

/** The corpus "who", whose world probes may question. */
export interface WhoData extends Data<Split> {
  readonly kind: "who";
  readonly world: WhoWorld;
  readonly pairs: Pairs;
  readonly windows: Windows;
  readonly problems: Problems;
  validation(split: Split, index: number, size: number, length: number): AnsweredBatch;
}

/**
 * The world of a config and a seed, and its stories in batches.
 *
 * @example
 * const data = openWho(whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
 * assert.ok(data.tokenizer.decode([...data.batch(0, 1, 12).tokens]).includes("who"));
 */
export function openWho(config: WhoConfig, seed: number): WhoData {
  const world = createWho(config, seed);
  const validation: WhoData["validation"] = (split, index, size, length) =>
    whoAnswered(world, split, createRng(seed, `data/validation/${split}/${index}`), size, length);
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
    validation,
    questionsAfter: (sentence) => questionsAbout(world, sentence),
    pairs: {
      fixed: config.bos ? 1 : 0,
      splits,
      of: (split) => swapExamples(world, split as Split).map(orderPair), // of the splits above
    },
    windows: { split: "heldout", seed, window: (...at) => validation("heldout", ...at) },
    problems: whoProblems(world),
  };
}

/** ". who bites ?" and ". who is bitten ?" for the verb of a sentence, in either voice. */
function questionsAbout(world: WhoWorld, sentence: string): string[] {
  const words = new Set(sentence.split(/\s+/));
  const verb = world.verbs.find(({ active, participle }) => words.has(active) || words.has(participle));
  return verb ? [`. who ${verb.active} ?`, `. who is ${verb.participle} ?`] : [];
}
