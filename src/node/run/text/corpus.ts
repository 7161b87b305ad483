/**
 * A corpus of the user's own on disk: its texts, made once for each version of the file that defines it.
 *
 *     corpora/NAME-HASH/train/00000.txt …   heldout/00000.txt …   corpus.json, written last: all before it is whole
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { CorpusDefinition, Texts } from "../../../data/corpora/corpus.ts";
import { InputError } from "../../../errors.ts";
import { ensureFolder, indentedJson, writeFileDurably } from "../../files/durable.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import type { OwnFile } from "../own/index.ts";
import { readJson } from "../preset.ts";
import { type SplitParts, splitParts, wholeFiles } from "./parts.ts";

const splits = ["train", "heldout"] as const;

const size = z.object({ files: z.int().min(0), bytes: z.int().min(0) });
const record = z.object({
  name: z.string(),
  licence: z.string(),
  source: z.string(),
  /** SHA-256 of the file that defines it. */
  definition: z.string(),
  train: size,
  /** Absent where a tenth of `train` is held out. */
  heldout: size.optional(),
});
type CorpusRecord = z.infer<typeof record>;

/**
 * The files of the corpus, made unless they are there whole.
 *
 * @param tell hears that they are made, and of the licence
 * @throws InputError where the definition gives no text, or what is no text
 */
export async function ownCorpusParts(
  own: OwnFile<CorpusDefinition>,
  cache: string,
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<SplitParts> {
  const folder = join(cache, "corpora", `${own.definition.name}-${own.sha256.slice(0, 16)}`);
  let found = await recordOf(folder);
  if (found === undefined) {
    found = await withLock(cache, { tell, signal, formerName: "lock" }, async (lock) => {
      return (await recordOf(folder)) ?? make(own, folder, lock, tell, signal);
    });
  }
  const train = join(folder, "train");
  if (found.heldout === undefined) return splitParts(train, signal);
  return { train: await wholeFiles(train), heldout: await wholeFiles(join(folder, "heldout")) };
}

async function make(
  { definition, path, sha256 }: OwnFile<CorpusDefinition>,
  folder: string,
  lock: Lock,
  tell: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<CorpusRecord> {
  const { name, licence, source } = definition;
  tell(`data: making the corpus "${name}" (${source}; licence: ${licence})`);
  rmSync(folder, { recursive: true, force: true }); // not whole: the lock is ours
  const parts = await definition.parts();
  const write = (split: (typeof splits)[number], texts: Texts) =>
    writeTexts(join(folder, split), texts, lock, signal);
  const train = await write("train", parts.train);
  const heldout = parts.heldout === undefined ? undefined : await write("heldout", parts.heldout);
  for (const [split, written] of Object.entries({ train, ...(heldout && { heldout }) })) {
    if (written.bytes === 0)
      throw new InputError(`--corpus: ${path}: parts: ${split} holds no text; give at least one`);
  }
  const made = { name, licence, source, definition: sha256, train, ...(heldout && { heldout }) };
  await writeFileDurably(join(folder, "corpus.json"), indentedJson(made));
  return made;
}

async function writeTexts(folder: string, texts: Texts, lock: Lock, signal: AbortSignal | undefined) {
  const written = { files: 0, bytes: 0 };
  ensureFolder(folder);
  for await (const text of texts) {
    signal?.throwIfAborted();
    lock.requireHeld();
    const bytes = new TextEncoder().encode(text);
    await writeFileDurably(join(folder, `${String(written.files).padStart(5, "0")}.txt`), bytes);
    written.files++;
    written.bytes += bytes.length;
  }
  return written;
}

/** What is there, if it is whole. */
async function recordOf(folder: string): Promise<CorpusRecord | undefined> {
  const path = join(folder, "corpus.json");
  if (!existsSync(path)) return undefined;
  const read = record.safeParse(jsonOrNothing(path));
  if (!read.success) return undefined;
  for (const split of splits) {
    const wanted = read.data[split];
    if (wanted === undefined) continue;
    if (!existsSync(join(folder, split))) return undefined;
    const files = await wholeFiles(join(folder, split));
    const bytes = files.reduce((sum, { end }) => sum + end, 0);
    if (files.length !== wanted.files || bytes !== wanted.bytes) return undefined;
  }
  return read.data;
}

function jsonOrNothing(path: string): unknown {
  try {
    return readJson(path);
  } catch {
    return undefined;
  }
}
