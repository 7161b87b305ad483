/**
 * Damaged folders of models, ours and Hugging Face's: loaded or refused in one line, quickly, and
 * with no tensor left behind.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isInputError } from "../../../src/errors.ts";
import { startEngine } from "../../../src/node/native/engines.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { fieldMutation, MUTANTS_TIMEOUT, type Mutation, mutants, mutation } from "./mutations.ts";
import { saveModel } from "./training-saved.ts";

const GOLDENS = join(import.meta.dirname, "..", "..", "goldens", "huggingface");
/** A mutant that takes longer hangs: a sound one takes some ten milliseconds. */
const SLOWEST_MS = 2000;
const COUNT = mutants(60);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mutants-"));
  await startEngine("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const cases = [
  ...["gpt2", "bert", "gpt-neox", "bloom"].map((name) => ({ name, file: "config.json" })),
  { name: "gpt2-sharded", file: "model.safetensors.index.json" },
  { name: "gpt2", file: "model.safetensors" },
  { name: "ours", file: "config.json" },
  { name: "ours", file: "tokenizer.json" },
];

test.each(cases)(
  `of ${COUNT} mutants of $file of $name each is loaded or refused in one line`,
  async ({ name, file }) => {
    const copy = join(folder, `${name}-${file}`);
    const source = name === "ours" ? (await saveModel(folder, "ours-saved")).path : join(GOLDENS, name);
    cpSync(source, copy, { recursive: true });
    rmSync(join(folder, "ours-saved"), { recursive: true, force: true });
    const valid = new Uint8Array(readFileSync(join(copy, file)));
    const kinds = file.endsWith(".json")
      ? [mutation(valid.length, 0), fieldMutation]
      : [mutation(valid.length)];
    const before = tf.memory().numTensors;
    const outcomes = { loaded: 0, refused: 0 };
    const load = async (mutations: readonly Mutation[]) => {
      writeFileSync(
        join(copy, file),
        mutations.reduce<Uint8Array>((bytes, mutate) => mutate(bytes), valid),
      );
      const began = performance.now();
      try {
        tf.dispose(Object.values((await loadCheckpoint(copy)).params));
        outcomes.loaded += 1;
      } catch (error) {
        if (!isInputError(error) || (error as Error).message.includes("\n")) throw error;
        outcomes.refused += 1;
      }
      expect(performance.now() - began).toBeLessThan(SLOWEST_MS);
      expect(tf.memory().numTensors).toBe(before);
    };
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 3 }), load), {
      seed: 3,
      numRuns: COUNT,
      endOnFailure: true,
    });
    expect(outcomes.refused).toBeGreaterThan(COUNT / 10);
    expect(readdirSync(copy).length).toBeGreaterThan(1);
  },
  MUTANTS_TIMEOUT,
);
