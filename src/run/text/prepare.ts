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
import type { Split } from "../../data/data.ts";
import type { TextConfig, TokenStore } from "../../data/text.ts";
import { readTokenizer, type Tokenizer } from "../../data/tokenizers/index.ts";
import { cacheFolder } from "../../engine/native-setup/status.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import { cleanStaging } from "../directory.ts";
import { writeDirectory, writeFileDurably } from "../durable.ts";
import { readJson } from "../preset.ts";
import { learnTokenizer } from "./learn.ts";
import { fingerprintOf, type SplitParts } from "./parts.ts";
import { encodeParts, openTokenFile, type Tally, tokenBytes } from "./token-file.ts";

export interface PrepareOptions {
  /** The tokenizer of a checkpoint; learned from the text when left out. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Folder of texts and tokens; the user's cache when left out. */
  readonly cache?: string | undefined;
  /** Hears what takes long. */
  readonly tell?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedText {
  readonly tokenizer: Tokenizer;
  readonly stores: Readonly<Record<Split, TokenStore>>;
  readonly fingerprint: string;
}

/** Changes when the same text and tokenizer would give other tokens, or a tokenizer would be learned otherwise. */
const FORMAT = 1;

/** Folder of corpora and tokens in the user's cache, for all clones. */
export function dataCache(environment: NodeJS.ProcessEnv = process.env): string {
  return cacheFolder("data", environment);
}

/**
 * Learns the tokenizer and encodes the text, or finds both done.
 * @throws InputError where the text is not UTF-8 or the tokenizer of a checkpoint cannot encode it.
 */
export async function prepareText(
  parts: SplitParts,
  config: TextConfig,
  options: PrepareOptions = {},
): Promise<PreparedText> {
  const { cache = dataCache(), tell, signal } = options;
  const fingerprint = await fingerprintOf(parts);
  return withLock(cache, { tell, signal, formerName: "lock" }, async (lock) => {
    const tokenizer =
      options.tokenizer ?? (await learned(join(cache, "tokenizers"), fingerprint, parts, config, options));
    const stores = await encoded(join(cache, "tokens"), fingerprint, parts, tokenizer, lock, options);
    return { tokenizer, stores, fingerprint };
  });
}

async function learned(
  folder: string,
  fingerprint: string,
  parts: SplitParts,
  config: TextConfig,
  { tell, signal }: PrepareOptions,
): Promise<Tokenizer> {
  const { tokenizer: kind, vocabSize = 0 } = config;
  const path = join(folder, `${keyOf(fingerprint, kind, String(vocabSize))}.json`);
  const kept = existsSync(path) ? unlessDamaged(path, tell) : undefined;
  if (kept !== undefined) return kept;
  tell?.(`data: learning the tokenizer "${kind}" from the text`);
  const tokenizer = await learnTokenizer(parts, kind, vocabSize, signal);
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
const tally = z.strictObject({ tokens: z.int().min(0), characters: z.int().min(0) });
const record = z.strictObject({ train: tally, heldout: tally });

async function encoded(
  folder: string,
  fingerprint: string,
  parts: SplitParts,
  tokenizer: Tokenizer,
  lock: Lock,
  { tell, signal }: PrepareOptions,
): Promise<PreparedText["stores"]> {
  const path = join(folder, keyOf(fingerprint, JSON.stringify(tokenizer.toJSON())));
  const bytes = tokenBytes(tokenizer.vocabSize);
  let found = recordOf(path, bytes);
  if (found === undefined) {
    tell?.("data: encoding the text");
    lock.requireHeld();
    cleanStaging(folder); // the lock is ours
    rmSync(path, { recursive: true, force: true });
    const made = { train: { tokens: 0, characters: 0 }, heldout: { tokens: 0, characters: 0 } };
    await writeDirectory(path, {
      "train.bin": unlessAborted(encodeParts(parts.train, tokenizer, made.train), signal),
      "heldout.bin": unlessAborted(encodeParts(parts.heldout, tokenizer, made.heldout), signal),
      "tokens.json": late(() => JSON.stringify(made)),
    });
    found = made;
  }
  const store = (split: Split) =>
    openTokenFile(join(path, `${split}.bin`), (found as Record<Split, Tally>)[split], bytes);
  return { train: store("train"), heldout: store("heldout") };
}

/** What is written of a folder, if it is whole. */
function recordOf(path: string, bytes: number): Record<Split, Tally> | undefined {
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
