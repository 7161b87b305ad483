/**
 * From a text to its tokens on disk: once for each text and tokenizer, in the user's cache folder.
 *
 *     tokenizers/KEY.json     what was learned from a text, KEY of the text and of data.{tokenizer, vocabSize}
 *     tokens/KEY/             train.bin, heldout.bin, tokens.json; KEY of the text and the tokenizer
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Split } from "../../../data/data.ts";
import type { TextConfig } from "../../../data/text.ts";
import type { TokenStore } from "../../../data/token-store.ts";
import { readTokenizer, type Tokenizer } from "../../../data/tokenizers/index.ts";
import { cacheFolder } from "../../files/cache.ts";
import { writeDirectory, writeFileDurably } from "../../files/durable.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import { cleanStaging } from "../directory.ts";
import { readJson } from "../preset.ts";
import { identifyText } from "./fingerprint.ts";
import { learnTokenizer } from "./learn.ts";
import type { SplitParts } from "./parts.ts";
import { encodeParts, inBlocks, openTokenFile, type TokenCounts, tokenBytes } from "./token-file.ts";
import { showReading, type Watch } from "./watch.ts";

export interface PrepareOptions extends Watch {
  /** The tokenizer of a checkpoint; learned from the text when left out. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Folder of texts and tokens; the user's cache when left out. */
  readonly cache?: string | undefined;
  /** Hears what takes long. */
  readonly tell?: ((text: string) => void) | undefined;
}

export interface PreparedText {
  readonly tokenizer: Tokenizer;
  readonly stores: Readonly<Record<Split, TokenStore>>;
  /** Different characters of the text, where the tokenizer lacks words. */
  readonly alphabet: number;
  readonly fingerprint: string;
}

/** Changes when the same text and tokenizer would give other tokens, or a tokenizer would be learned otherwise. */
const FORMAT = 2;

/** Folder of corpora and tokens in the user's cache, for all clones. */
export function dataCache(environment: NodeJS.ProcessEnv = process.env): string {
  return cacheFolder("data", environment);
}

/**
 * Learns the tokenizer and encodes the text, or finds both done.
 * @throws InputError where the text is not UTF-8, the tokenizer of a checkpoint cannot encode it, or it changes while it is read.
 */
export async function prepareText(
  given: SplitParts,
  config: TextConfig,
  options: PrepareOptions = {},
): Promise<PreparedText> {
  const { cache = dataCache(), tell, signal } = options;
  const { fingerprint, parts } = await identifyText(given, options);
  return withLock(cache, { tell, signal, formerName: "lock" }, async (lock) => {
    const tokenizer =
      options.tokenizer ?? (await learned(join(cache, "tokenizers"), fingerprint, parts, config, options));
    const tokens = await encoded(join(cache, "tokens"), fingerprint, parts, tokenizer, lock, options);
    return { tokenizer, ...tokens, fingerprint };
  });
}

async function learned(
  folder: string,
  fingerprint: string,
  parts: SplitParts,
  config: TextConfig,
  options: PrepareOptions,
): Promise<Tokenizer> {
  const { tell } = options;
  const { tokenizer: kind, vocabSize = 0 } = config;
  const path = join(folder, `${keyOf(fingerprint, kind, String(vocabSize))}.json`);
  const kept = existsSync(path) ? unlessDamaged(path, tell) : undefined;
  if (kept !== undefined) return kept;
  tell?.(`data: learning the tokenizer "${kind}" from the text`);
  const tokenizer = await learnTokenizer(parts, kind, vocabSize, options);
  mkdirSync(folder, { recursive: true });
  await writeFileDurably(path, JSON.stringify(tokenizer.toJSON()));
  return tokenizer;
}

/** What a crash or a disk made of the file is no fault of the user's: it is learned anew. */
function unlessDamaged(path: string, tell: PrepareOptions["tell"]): Tokenizer | undefined {
  try {
    return readTokenizer(readJson(path));
  } catch (error) {
    tell?.(`data: the tokenizer in the cache is damaged (${(error as Error).message})`);
    rmSync(path, { recursive: true, force: true });
    return undefined;
  }
}

const splitNames = ["train", "heldout"] as const;
const many = z.int().min(0);
const counts = z.strictObject({
  tokens: many,
  characters: many,
  unknown: z.strictObject({ pieces: many, characters: many }),
});
const record = z.strictObject({ train: counts, heldout: counts, alphabet: many });
type TokenRecord = z.infer<typeof record>;

async function encoded(
  folder: string,
  fingerprint: string,
  parts: SplitParts,
  tokenizer: Tokenizer,
  lock: Lock,
  options: PrepareOptions,
): Promise<Pick<PreparedText, "stores" | "alphabet">> {
  const path = join(folder, keyOf(fingerprint, JSON.stringify(tokenizer.toJSON())));
  const bytes = tokenBytes(tokenizer.vocabSize);
  let found = recordOf(path, bytes);
  if (found === undefined) {
    options.tell?.("data: encoding the text");
    lock.requireHeld();
    cleanStaging(folder); // the lock is ours
    rmSync(path, { recursive: true, force: true });
    found = await encodeInto(path, parts, tokenizer, options);
  }
  const { alphabet, ...tallies } = found;
  const store = (split: Split) => openTokenFile(join(path, `${split}.bin`), tallies[split], bytes);
  return { stores: { train: store("train"), heldout: store("heldout") }, alphabet };
}

async function encodeInto(
  path: string,
  parts: SplitParts,
  tokenizer: Tokenizer,
  watch: Watch,
): Promise<TokenRecord> {
  const onBytes = showReading(watch, "encoding the text", [...parts.train, ...parts.heldout]);
  const none = (): TokenCounts => ({ tokens: 0, characters: 0, unknown: { pieces: 0, characters: 0 } });
  const made = { train: none(), heldout: none() };
  const alphabet = new Set<string>();
  const file = (split: Split) =>
    inBlocks(
      unlessAborted(encodeParts(parts[split], tokenizer, made[split], alphabet, onBytes), watch.signal),
    );
  const all = () => ({ ...made, alphabet: alphabet.size });
  await writeDirectory(path, {
    "train.bin": file("train"),
    "heldout.bin": file("heldout"),
    "tokens.json": late(() => JSON.stringify(all())),
  });
  return all();
}

/** What is written of a folder, if it is whole. */
function recordOf(path: string, bytes: number): TokenRecord | undefined {
  if (!existsSync(join(path, "tokens.json"))) return undefined;
  const read = record.safeParse(jsonOrNothing(join(path, "tokens.json")));
  if (!read.success) return undefined;
  const whole = splitNames.every((split) => {
    const size = statSync(join(path, `${split}.bin`), { throwIfNoEntry: false })?.size;
    return size === read.data[split].tokens * bytes;
  });
  return whole ? read.data : undefined;
}

function jsonOrNothing(path: string): unknown {
  try {
    return readJson(path);
  } catch {
    return undefined;
  }
}

function* unlessAborted<T>(items: Iterable<T>, signal: AbortSignal | undefined): Generator<T> {
  for (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
}

/** A file whose content is made when it is written. */
function* late(text: () => string): Generator<Uint8Array> {
  yield new TextEncoder().encode(text());
}

function keyOf(...parts: readonly string[]): string {
  const hash = createHash("sha256").update(String(FORMAT));
  for (const part of parts) hash.update("\0").update(part);
  return hash.digest("hex").slice(0, 32);
}
