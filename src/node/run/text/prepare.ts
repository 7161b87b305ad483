/**
 * From a text to its tokens on disk: once for each text and tokenizer, in the user's cache folder.
 *
 *     tokenizers/KEY/     tokenizer.json: what was learned from a text, KEY of the text and of data.{tokenizer, vocabSize}
 *     tokens/KEY/         train.bin, heldout.bin, tokens.json; KEY of the text and the tokenizer
 *
 * Each folder names the hashes of its files, which are checked before they are used: another token would be trained on in silence.
 */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import type { Split } from "../../../data/data.ts";
import type { TextConfig } from "../../../data/text.ts";
import type { TokenStore } from "../../../data/token-store.ts";
import { readTokenizer, type Tokenizer } from "../../../data/tokenizers/index.ts";
import { isInputError } from "../../../errors.ts";
import { cacheFolder } from "../../files/cache.ts";
import { writeDirectory } from "../../files/durable.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import { DamagedError, type Sums, verifySums } from "../../files/sums.ts";
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
      options.tokenizer ??
      (await learned(join(cache, "tokenizers"), fingerprint, parts, config, lock, options));
    const tokens = await encoded(join(cache, "tokens"), fingerprint, parts, tokenizer, lock, options);
    return { tokenizer, ...tokens, fingerprint };
  });
}

async function learned(
  folder: string,
  fingerprint: string,
  parts: SplitParts,
  config: TextConfig,
  lock: Lock,
  options: PrepareOptions,
): Promise<Tokenizer> {
  const { tell } = options;
  const { tokenizer: kind, vocabSize = 0 } = config;
  const path = join(folder, keyOf(fingerprint, kind, String(vocabSize)));
  const kept = await unlessDamaged(path, ["tokenizer.json"], tell, (sums) =>
    readTokenizer(readJson(join(path, "tokenizer.json"), sums.get("tokenizer.json"))),
  );
  if (kept !== undefined) return kept;
  tell?.(`data: learning the tokenizer "${kind}" from the text`);
  const tokenizer = await learnTokenizer(parts, kind, vocabSize, options);
  makeRoom(folder, path, lock);
  await writeDirectory(path, { "tokenizer.json": JSON.stringify(tokenizer.toJSON()) }, { sums: true });
  return tokenizer;
}

/** What a crash or a disk made of a folder is no fault of the user's: it is made anew. So is one that names no hashes. */
async function unlessDamaged<T>(
  path: string,
  files: readonly string[],
  tell: PrepareOptions["tell"],
  read: (sums: Sums) => T,
): Promise<T | undefined> {
  try {
    const sums = await verifySums(path, files);
    return sums === undefined ? undefined : read(sums);
  } catch (error) {
    if (!isInputError(error)) throw error;
    const problem = error instanceof DamagedError ? error.what : error.message;
    tell?.(`data: what is in the cache is damaged, and made anew (${problem})`);
    return undefined;
  }
}

/** Only this process writes here, and nothing of its name is there: what crashes left is removed. */
function makeRoom(folder: string, path: string, lock: Lock): void {
  lock.requireHeld();
  cleanStaging(folder);
  rmSync(path, { recursive: true, force: true });
}

const TOKEN_FILES = ["train.bin", "heldout.bin", "tokens.json"];
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
  let found = await unlessDamaged(path, TOKEN_FILES, options.tell, (sums) => recordOf(path, sums));
  if (found === undefined) {
    options.tell?.("data: encoding the text");
    makeRoom(folder, path, lock);
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
  const files = {
    "train.bin": file("train"),
    "heldout.bin": file("heldout"),
    "tokens.json": late(() => JSON.stringify(all())),
  };
  await writeDirectory(path, files, { sums: true });
  return all();
}

function recordOf(path: string, sums: Sums): TokenRecord {
  const where = join(path, "tokens.json");
  return parseConfig(record, readJson(where, sums.get("tokens.json")), where);
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
