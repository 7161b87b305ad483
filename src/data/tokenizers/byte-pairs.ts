/**
 * Byte-level byte-pair encoding (Radford et al. 2019, section 2.2): a text's pieces, as bytes,
 * merged pair by pair. Every text can be encoded, since all 256 bytes are tokens.
 *
 * Saved as a Hugging Face `tokenizer.json` of model type BPE with ByteLevel pre-tokenizer and
 * decoder. Special tokens are entries of the vocabulary and no "added tokens", so that no text ever
 * becomes one.
 */
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { byteCharacters, bytesOf } from "./bytes.ts";
import { type Merge, mergePiece } from "./merge.ts";
import { ownText, piecesOf } from "./pieces.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { createVocabulary, requireWellFormed, tokensOf, vocabJson } from "./vocabulary.ts";

/**
 * What a byte-level BPE is: its tokens, spelled, by id, and the pairs that merge, in the order in
 * which they do.
 */
export interface BytePairs {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** Pieces whose ids are remembered, and how long they are at most; most of a text is few and short words. */
const mostRemembered = 2 ** 16;
const longestRemembered = 64;

const absent = z.null().optional();
const byteLevel = z.looseObject({ type: z.literal("ByteLevel") });

/** The part of Hugging Face's format that this tokenizer follows. */
export const bytePairJson = z.strictObject({
  version: z.literal("1.0"),
  truncation: absent,
  padding: absent,
  added_tokens: z.array(z.never()).optional(),
  normalizer: absent,
  pre_tokenizer: z.strictObject({
    type: z.literal("ByteLevel"),
    add_prefix_space: z.literal(false),
    trim_offsets: z.boolean(),
    use_regex: z.literal(true),
  }),
  post_processor: absent,
  decoder: byteLevel,
  model: z.strictObject({
    type: z.literal("BPE"),
    dropout: absent,
    unk_token: absent,
    continuing_subword_prefix: absent,
    end_of_word_suffix: absent,
    fuse_unk: z.literal(false),
    byte_fallback: z.literal(false),
    ignore_merges: z.literal(false),
    vocab: z.record(z.string(), z.int().min(0)),
    merges: z.array(z.tuple([z.string(), z.string()])),
  }),
});

/** The tokens and merges of a parsed `tokenizer.json`. */
export function bytePairsOf({ model }: z.infer<typeof bytePairJson>): BytePairs {
  return { tokens: tokensOf(model.vocab), merges: model.merges };
}

/**
 * @throws InputError when a byte is no token, a merge or its result is none, or a token occurs twice.
 */
export function bytePairTokenizer({ tokens, merges }: BytePairs): Tokenizer {
  const vocabulary = createVocabulary(tokens);
  const { ids, special, token } = vocabulary;
  const idOf = (spelling: string): number => {
    const id = ids.get(spelling);
    if (id !== undefined) return id;
    throw new InputError(
      `tokenizer: "${spelling}" is not in model.vocab; every byte and every merge has to be`,
    );
  };
  const byteIds = byteCharacters.map(idOf); // (256)
  const found = new Map<number, Merge>();
  const key = (left: number, right: number) => left * tokens.length + right;
  merges.forEach(([left, right], rank) => {
    const pair = key(idOf(left), idOf(right));
    if (found.has(pair))
      throw new InputError(`tokenizer: "${left}" and "${right}" merge twice; list it once`);
    found.set(pair, { rank, id: idOf(left + right) });
  });
  const bytes = tokens.map((spelling, id) => spellingBytes(spelling, id, special));
  const remembered = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const known = remembered.get(piece);
    if (known !== undefined) return known;
    const start = Array.from(utf8.encode(piece), (byte) => byteIds[byte] as number);
    const merged = mergePiece(start, (left, right) => found.get(key(left, right)));
    if (piece.length > longestRemembered) return merged;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(ownText(piece), merged);
    return merged;
  };
  const bytesAt = (id: number) => {
    token(id); // refuses ids outside the vocabulary
    return bytes[id] as readonly number[];
  };
  const decode = (list: readonly number[]) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(list.flatMap(bytesAt)));
  return {
    kind: "bpe",
    vocabSize: tokens.length,
    ...special,
    encode: (text) => piecesOf(requireWellFormed(text)).flatMap(encodePiece),
    decode,
    token: (id) => decode([id]),
    toJSON: () => toJson({ tokens, merges }),
  };
}

const utf8 = new TextEncoder();

/** Special tokens are their own text; others spell bytes. */
function spellingBytes(spelling: string, id: number, special: object): readonly number[] {
  if (Object.values(special).includes(id)) return [...utf8.encode(spelling)];
  const bytes = bytesOf(spelling);
  if (bytes !== undefined) return bytes;
  throw new InputError(`tokenizer: token ${id}, "${spelling}", spells no bytes; write them as GPT-2 does`);
}

function toJson({ tokens, merges }: BytePairs): z.infer<typeof bytePairJson> {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabJson(tokens),
      merges: merges.map(([left, right]) => [left, right]),
    },
  };
}
