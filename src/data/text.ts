/**
 * Running text as data to train on: windows of L+1 tokens, each at a place of the text that seed and step alone decide. Validation reads
 * windows that the text alone decides: the same for every seed, encoding and run.
 *
 * The tokens lie in a store, which need not hold them in memory; who makes it is none of this file's concern (`run/text/`).
 */
import { z } from "zod";
import { InputError } from "../errors.ts";
import { createRng } from "../tensor/rng.ts";
import { type Batch, batchOf } from "./batches.ts";
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
  /** What `<unk>` stands for in it: pieces of text, and their characters. */
  readonly unknown?: { readonly pieces: number; readonly characters: number };
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
  /** Different characters of the text; asked for where the stores hold `<unk>`. */
  readonly alphabet?: number;
  readonly fingerprint: string;
}

/** @throws InputError, from `batch` and `validation`, where a split is shorter than a window. */
export function createText(config: TextConfig, text: TokenizedText, seed: number): TextData {
  const { tokenizer, stores, alphabet = 0, fingerprint } = text;
  const opening = config.bos ? tokenizer.bos : undefined;
  const cut = (split: Split, length: number) => windowsOf(stores[split], split, length, opening);
  const ratio = ({ characters, length }: TokenStore) => (length > 0 ? characters / length : 1);
  const spelling = (store: TokenStore) => unknownNats(store, alphabet) / Math.max(1, store.length);
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
    unknownNatsPerToken: { heldout: spelling(stores.heldout), train: spelling(stores.train) },
    validationSeed: 0,
    validationWindows: (split, length) => cut(split, length).grid,
    batch(step, size, length) {
      const rng = createRng(seed, `data/train/${step}`);
      const { places, at } = cut("train", length);
      return at(Array.from({ length: size }, () => rng.integer(places)));
    },
    validation(split, index, size, length) {
      const { grid, places, at } = cut(split, length);
      const starts = Array.from({ length: size }, (_, row) => gridStart(index * size + row, grid, length));
      return at(starts.map((start) => Math.min(start, places - 1)));
    },
  };
}

/**
 * What `<unk>` leaves out of a loss: what it stands for, spelled by a uniform code over the characters of the text and an end. A loss
 * without it would fall with every word that the vocabulary lacks.
 */
function unknownNats({ unknown }: TokenStore, alphabet: number): number {
  return unknown === undefined ? 0 : (unknown.characters + unknown.pieces) * Math.log(alphabet + 1);
}

interface Windows {
  /** Places at which a window can begin. */
  readonly places: number;
  /** Windows side by side that make the whole split. */
  readonly grid: number;
  /** The batch of the windows that begin at these places; with an opening token, that and L tokens of the text. */
  at(starts: readonly number[]): Batch;
}

function windowsOf(store: TokenStore, split: Split, length: number, opening: number | undefined): Windows {
  const count = opening === undefined ? length + 1 : length;
  const places = store.length - count + 1;
  if (places < 1) {
    throw new InputError(
      `data: the ${split} part of the text has ${store.length} tokens, fewer than a window of ${count}; give more text, or ask for shorter contexts`,
    );
  }
  const at = (starts: readonly number[]) => {
    const found = store.windows(starts, count);
    if (opening === undefined) return batchOf(found, starts.length, length);
    const windows = new Int32Array(starts.length * (length + 1)).fill(opening); // (B,L+1)
    for (let row = 0; row < starts.length; row++) {
      windows.set(found.subarray(row * count, (row + 1) * count), row * (length + 1) + 1);
    }
    return batchOf(windows, starts.length, length);
  };
  return { places, grid: Math.floor((places - 1) / length) + 1, at };
}

/**
 * Where window k of a fixed order begins: any first n of them lie evenly over the split, and the first `grid` are all that lie side by side,
 * each once; those that follow lie between them.
 */
function gridStart(k: number, grid: number, length: number): number {
  const round = Math.floor(k / grid);
  const shift = Math.floor(((round * GOLDEN) % 1) * length);
  return ((k * strideOf(grid)) % grid) * length + shift;
}

/** Multiples of it fill the unit interval evenly (Weyl 1916; Knuth, The Art of Computer Programming 3, section 6.4). */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The number nearest to golden · n that has no divisor in common with n, so that its multiples are all places. */
function strideOf(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const golden = Math.round(GOLDEN * n);
  for (let away = 0; away < n; away++) {
    for (const stride of [golden - away, golden + away])
      if (stride > 0 && divisor(stride, n) === 1) return stride;
  }
  return 1;
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
