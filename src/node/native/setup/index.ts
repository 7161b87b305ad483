/**
 * Sets up the native engine, or native-gpu beside it: the TensorFlow library and the addon in the
 * user's cache, once for all clones, then the addon in this clone.
 *
 * Everything is made in a folder with a temporary name, checked, synced and renamed, so a set-up
 * that is interrupted at any moment leaves nothing that a later one would take for whole.
 */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../files/cache.ts";
import { withLock } from "../../files/lock.ts";
import { makeFolder } from "../../files/make-folder.mjs";
import { type NativeEngine, type SetupProgress, silent } from "../../files/progress.ts";
import { addonKeyOf, cachedAddon, type Job } from "./cached-addon.ts";
import { forgetFailedStarts, hasFailedStart } from "./failed-starts.ts";
import { digestOf, marksOf } from "./integrity.ts";
import {
  fetchLibrary,
  installedLibrary,
  libraryFolder,
  removeLeftovers,
  STAGING_PREFIX,
  writeSynced,
} from "./library.ts";
import { platformFor } from "./machine.ts";
import { ownSourcesKey } from "./own-sources.ts";
import { type Platform, TENSORFLOW_VERSION } from "./platforms.ts";
import { type InstallRecord, RECORD_NAME, replaceRecord } from "./records.ts";
import { addonPath, statusOf } from "./status.ts";
import { fetchTfjsNode, isFetched, packageFolder } from "./tfjs-node.ts";
import { asSetupError, requireWritable } from "./writable.ts";

export { type NativeEngine, SetupError, type SetupProgress } from "../../files/progress.ts";
export { type NativeStatus, nativeStatus, statusOf } from "./status.ts";

/** What a set-up works with; tests give their own. */
export interface SetupOptions {
  /** Which engine to set up, native by default; a platform that is given has its own. */
  readonly engine?: NativeEngine;
  readonly progress?: SetupProgress;
  readonly platform?: Platform;
  readonly cache?: string;
  readonly tfjsNode?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Looks at every byte of what is there. */
  readonly thorough?: boolean;
  /** Ends waiting for another set-up. */
  readonly signal?: AbortSignal;
}

/**
 * Installs an engine in this clone unless it is there and whole.
 *
 * @throws SetupError with the reason and the remedy in one message.
 */
export async function ensureNative(options: SetupOptions = {}): Promise<void> {
  const tfjsNode = options.tfjsNode ?? packageFolder();
  const engine = options.platform?.engine ?? options.engine ?? "native";
  const { progress = silent, thorough = false, signal } = options;
  const depth = thorough || hasFailedStart(engine) ? "full" : "quick";
  const isReady = () => {
    const status = statusOf(engine, tfjsNode, depth);
    return status.ready && !(thorough && status.unmarked);
  };
  if (isReady()) return;
  const platform = options.platform ?? platformFor(engine);
  const environment = { ...(options.environment ?? process.env) };
  const cache = cacheOf(options, platform);
  try {
    requireWritable(cache, addonPath(tfjsNode, engine));
    await withLock(
      cache,
      { tell: (text) => progress.step(text), signal, formerName: "lock" },
      async (lock) => {
        if (isReady()) return; // the set-up that we waited for was of this clone
        await removeLeftovers(cache);
        const staging = join(cache, `${STAGING_PREFIX}${randomUUID()}`);
        await mkdir(staging, { mode: 0o700 }); // what is compiled in it is run
        const job = { platform, cache, tfjsNode, staging, progress, environment, lock, depth } as const;
        try {
          if (!isFetched(tfjsNode)) await fetchTfjsNode(tfjsNode, staging, progress);
          await untilInterrupted(staging, () => install(job));
          forgetFailedStarts(engine);
        } catch (error) {
          lock.requireHeld(); // else the owner after us has removed what we staged: that is the reason
          throw error;
        } finally {
          await rm(staging, { recursive: true, force: true });
        }
      },
    );
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    throw asSetupError(error, cache, platform);
  }
}

function cacheOf({ cache }: SetupOptions, platform: Platform): string {
  try {
    return cache ?? cacheFolder();
  } catch (error) {
    throw asSetupError(error, "", platform);
  }
}

async function install(job: Job): Promise<void> {
  const { platform, cache, tfjsNode, staging, progress, environment, lock, depth } = job;
  const library = libraryFolder(cache, platform);
  const found = installedLibrary(cache, platform, depth);
  const made = found ?? (await fetchLibrary(cache, platform, staging, progress, environment, lock));
  lock.requireHeld();
  // What an earlier version set up is taken as it is: that it loads is all that can be known of it.
  if (made.marks === undefined)
    replaceRecord(library, { ...made, marks: marksOf(library, Object.keys(made.files)) });
  const addonKey = await addonKeyOf(tfjsNode, library);
  const addon = await cachedAddon(job, library, addonKey);
  const target = addonPath(tfjsNode, platform.engine);
  lock.requireHeld();
  makeFolder(dirname(target));
  await writeSynced(target, addon);
  const record: InstallRecord = {
    tensorflow: TENSORFLOW_VERSION,
    library,
    libraryFiles: made.files,
    addonKey,
    ownSources: ownSourcesKey(),
    addonBytes: addon.length,
    addonSha256: digestOf(addon),
  };
  await writeSynced(join(dirname(target), RECORD_NAME), JSON.stringify(record, null, 2));
}

/** A signal ends the process at once; what was staged goes with it. */
async function untilInterrupted(staging: string, work: () => Promise<void>): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = (signal: NodeJS.Signals) => {
    rmSync(staging, { recursive: true, force: true, maxRetries: 3 });
    process.exit(signal === "SIGINT" ? 130 : 1);
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    await work();
  } finally {
    for (const signal of signals) process.removeListener(signal, stop);
  }
}
