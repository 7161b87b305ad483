/**
 * Running text as data to train on: windows of L+1 tokens, each at a place of the text that seed and step alone decide.
 *
 * The tokens lie in a store, which need not hold them in memory; who makes it is none of this file's concern (`run/text/`).
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { createRng, type Rng } from "../tensor/rng.ts";
import { batchOf } from "./batches.ts";
import { type Data, type Split, specialIds, splits } from "./data.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** Texts that are fetched where they are missing. */
export const corpora = ["shakespeare"] as const;

/** Tokenizers that learn how many tokens they are told to. */
const sized: ReadonlySet<string> = new Set(["words", "bpe"]);

/** Fields of `data` for running text. */
export const textConfig = z
  .strictObject({
    kind: z.literal("text"),
    /** A known text. */
    corpus: z.enum(corpora).optional(),
    /** A text file or a folder of them, UTF-8; given, it comes before `corpus`. */
    path: z.string().min(1).optional(),
    tokenizer: z.enum(["characters", "words", "bpe", "gpt2"]).default("characters"),
    /** Tokens that "words" and "bpe" learn, 1024 when left out; the others follow from the text. */
    vocabSize: z.int().min(258).max(65_536).optional(),
    /** Open each window with `<bos>`. */
    bos: z.boolean().default(false),
  })
  .refine(({ corpus, path }) => corpus !== undefined || path !== undefined, {
    error: 'needs a text: "corpus", such as "shakespeare", or "path", a file or folder',
  })
  .refine(({ tokenizer, vocabSize }) => vocabSize === undefined || sized.has(tokenizer), {
    path: ["vocabSize"],
    error: 'only the tokenizers "words" and "bpe" have a size',
  })
  .transform(
    ({ kind, tokenizer, bos, corpus, path, vocabSize = 1024 }): TextConfig => ({
      kind,
      ...(path === undefined ? { corpus } : { path }),
      tokenizer,
      ...(sized.has(tokenizer) ? { vocabSize } : {}),
      bos,
    }),
  );

/** A parsed config: it has a corpus or a path, and a size where the tokenizer has one. */
export interface TextConfig {
  readonly kind: "text";
  readonly corpus?: (typeof corpora)[number] | undefined;
  readonly path?: string;
  readonly tokenizer: "characters" | "words" | "bpe" | "gpt2";
  readonly vocabSize?: number;
  readonly bos: boolean;
}

/** The tokens of one split, wherever they are. */
export interface TokenStore {
  /** Tokens in all. */
  readonly length: number;
  /** Unicode characters that they stand for. */
  readonly characters: number;
  /** Windows of `count` tokens from each start, one after another, (starts·count). */
  windows(starts: readonly number[], count: number): Int32Array;
}

export interface TextData extends Data<Split> {
  readonly kind: "text";
  /** The corpus or the path. */
  readonly source: string;
  /** SHA-256 of what the tokens were made of. */
  readonly fingerprint: string;
}

interface TokenizedText {
  readonly tokenizer: Tokenizer;
  readonly stores: Readonly<Record<Split, TokenStore>>;
  readonly fingerprint: string;
}

/** @throws InputError, from `batch` and `validation`, where a split is shorter than a window. */
export function createText(config: TextConfig, text: TokenizedText, seed: number): TextData {
  const { tokenizer, stores, fingerprint } = text;
  const opening = config.bos ? tokenizer.bos : undefined;
  const rows = (split: Split, rng: Rng, size: number, length: number) => {
    const windows = randomWindows(stores[split], split, rng, size, length, opening);
    return batchOf(windows, size, length);
  };
  const ratio = ({ characters, length }: TokenStore) => (length > 0 ? characters / length : 1);
  return {
    kind: "text",
    seed,
    source: config.path ?? config.corpus ?? "text",
    fingerprint,
    tokenizer,
    bos: config.bos,
    special: specialIds(tokenizer),
    splits,
    charactersPerToken: { heldout: ratio(stores.heldout), train: ratio(stores.train) },
    batch: (step, size, length) => rows("train", createRng(seed, `data/train/${step}`), size, length),
    validation: (split, index, size, length) =>
      rows(split, createRng(seed, `data/validation/${split}/${index}`), size, length),
  };
}

/** Windows at places drawn evenly, (B,L+1); with `opening`, that token and L of the text. */
function randomWindows(
  store: TokenStore,
  split: Split,
  rng: Rng,
  batch: number,
  length: number,
  opening: number | undefined,
): Int32Array {
  const count = opening === undefined ? length + 1 : length;
  const places = store.length - count + 1;
  if (places < 1) {
    throw new InputError(
      `data: the ${split} part of the text has ${store.length} tokens, fewer than a window of ${count}; give more text, or ask for shorter contexts`,
    );
  }
  const found = store.windows(
    Array.from({ length: batch }, () => rng.integer(places)),
    count,
  );
  if (opening === undefined) return found;
  const windows = new Int32Array(batch * (length + 1)).fill(opening); // (B,L+1)
  for (let row = 0; row < batch; row++) {
    windows.set(found.subarray(row * count, (row + 1) * count), row * (length + 1) + 1);
  }
  return windows;
}

/** A store in memory. */
export function memoryStore(tokens: Int32Array, characters: number): TokenStore {
  return {
    length: tokens.length,
    characters,
    windows(starts, count) {
      const windows = new Int32Array(starts.length * count);
      starts.forEach((start, row) => {
        windows.set(tokens.subarray(start, start + count), row * count);
      });
      return windows;
    },
  };
}
