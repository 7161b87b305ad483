/**
 * Running text as data to train on: windows of L+1 tokens, each at a place of the text that seed
 * and step alone decide. Validation reads windows that the text alone decides: the same for every
 * seed, encoding and run.
 *
 * The tokens lie in a store, which need not hold them in memory; who makes it is none of this
 * file's concern (`run/text/`).
 */
import { z } from "zod";
import { createRng } from "../tensor/rng.ts";
import { listedCorpora } from "./corpora/listed.ts";
import { type Data, type Split, specialIds, splits } from "./data.ts";
import { cutWindows, spreadOver, type TokenStore } from "./token-store.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

/** Texts that are fetched where they are missing. */
export const corpora: readonly string[] = Object.keys(listedCorpora);

/** Tokenizers that learn how many tokens they are told to. */
const sized: ReadonlySet<string> = new Set(["words", "bpe"]);

/** Fields of `data` for running text. @param known the names that `data.corpus` may have */
export function textSchema(known: readonly string[] = corpora) {
  return z
    .strictObject({
      kind: z.literal("text"),
      /** A known text. */
      corpus: z
        .enum(known, {
          error: () =>
            `unknown corpus; known: ${known.map((name) => `"${name}"`).join("|")}; one of your own is given by --corpus FILE`,
        })
        .optional(),
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
}

export const textConfig = textSchema();

/** A parsed config: it has a corpus or a path, and a size where the tokenizer has one. */
export interface TextConfig {
  readonly kind: "text";
  readonly corpus?: string | undefined;
  readonly path?: string;
  readonly tokenizer: "characters" | "words" | "bpe" | "gpt2";
  readonly vocabSize?: number;
  readonly bos: boolean;
}

/** A text in two splits, as windows of its tokens. */
export interface TextData extends Data<Split> {
  readonly kind: "text";
  /** The corpus or the path. */
  readonly source: string;
  /** SHA-256 of what the tokens were made of. */
  readonly fingerprint: string;
}

/** A text as tokens of two splits. */
export interface TokenizedText {
  readonly tokenizer: Tokenizer;
  readonly stores: Readonly<Record<Split, TokenStore>>;
  /** Different characters of the text; asked for where the stores hold `<unk>`. */
  readonly alphabet?: number;
  readonly fingerprint: string;
}

/**
 * @throws InputError, from `batch` and `validation`, where a split is shorter than a window.
 *
 * @example
 * const tokenizer = charactersTokenizer(characterVocabulary("a rose"));
 * const store = (text: string) => memoryStore(Int32Array.from(tokenizer.encode(text)), text.length);
 * const stores = { train: store("a rose a rose a rose"), heldout: store("rose a rose") };
 * const config = { kind: "text", tokenizer: "characters", bos: false } as const;
 * const data = createText(config, { tokenizer, stores, fingerprint: "" }, 1);
 * assert.equal(data.batch(0, 2, 8).tokens.length, 16); // (B,L) = (2,8)
 */
export function createText(config: TextConfig, text: TokenizedText, seed: number): TextData {
  const { tokenizer, stores, alphabet = 0, fingerprint } = text;
  const opening = config.bos ? tokenizer.bos : undefined;
  const cut = (split: Split, length: number) => cutWindows(stores[split], split, length, opening);
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
    validation: (split, index, size, length) => spreadOver(cut(split, length), index, size, length),
    windows: {
      split: "heldout",
      seed: 0,
      window: (index, size, length) => spreadOver(cut("heldout", length), index, size, length),
    },
  };
}

/**
 * What `<unk>` leaves out of a loss: what it stands for, spelled by a uniform code over the
 * characters of the text and an end. A loss without it would fall with every word that the
 * vocabulary lacks.
 */
function unknownNats({ unknown }: TokenStore, alphabet: number): number {
  return unknown === undefined ? 0 : (unknown.characters + unknown.pieces) * Math.log(alphabet + 1);
}
