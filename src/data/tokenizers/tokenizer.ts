/**
 * What every tokenizer does: text to ids and back, and a JSON form that is a Hugging Face
 * `tokenizer.json`.
 */

/** Spellings of the tokens that are no words of any text. */
export const specialTokens = { bos: "<bos>", mask: "<mask>", pad: "<pad>" } as const;

/** Spelling of what stands for words that a vocabulary lacks. */
export const unknownToken = "<unk>";

/** From text to token ids in [0, vocabSize), and back. */
export interface Tokenizer {
  readonly kind: string;
  /** Ids are whole numbers in [0, vocabSize). */
  readonly vocabSize: number;
  /** Opens a story or a document; set when the vocabulary holds it, whether or not the data uses it. */
  readonly bos?: number;
  /** Stands for a hidden token under the masked objective. */
  readonly mask?: number;
  /** Fills rows that one story leaves open; always of weight 0. */
  readonly pad?: number;
  /** Stands for what the vocabulary lacks; without it, such text is an error. */
  readonly unk?: number;
  /** Ends a text, where the files of a tokenizer from elsewhere say so. */
  readonly eos?: number;
  /** Comes before every text, where the files of a tokenizer from elsewhere say so. */
  readonly opening?: number;
  /** What comes before `opening`, where more than one token opens a text. */
  readonly preface?: readonly number[];
  /**
   * Comes after every text, where the files say so: a masked model reads it behind what it is asked,
   * as `[SEP]`. A causal model is asked what comes next, and is not given it.
   */
  readonly closing?: readonly number[];
  /** Further ids that are no words of any text: special tokens of other roles, rows without a token. */
  readonly special?: readonly number[];
  /** @throws InputError when the text holds something that the vocabulary lacks. */
  encode(text: string): number[];
  /** What of a text becomes `unk`, piece by piece; there where `unk` is. */
  unknown?(text: string): string[];
  /** @throws InputError when an id is outside the vocabulary. */
  decode(ids: readonly number[]): string;
  /** The text of one token. @throws InputError when `id` is outside the vocabulary. */
  token(id: number): string;
  /** A Hugging Face `tokenizer.json`, as plain data that `readTokenizer` takes back. */
  toJSON(): unknown;
  /** The `tokenizer_config.json` that came beside it, as plain data. */
  readonly settings?: object;
}
