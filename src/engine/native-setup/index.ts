/**
 * Sets up the native engine, or native-gpu beside it: the TensorFlow library and the addon in the user's cache, once for
 * all clones, then the addon in this clone.
 *
 * Everything is made in a folder with a temporary name, checked, synced and renamed, so a set-up that is interrupted
 * at any moment leaves nothing that a later one would take for whole.
 */
import { randomUUID } from "node:crypto";
import { constants, existsSync, rmSync } from "node:fs";
import { access, chmod, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Lock, withLock } from "../../files/lock.ts";
import { lastLine, runCommand } from "./command.ts";
import { compileAddon } from "./compile.ts";
import {
  fetchLibrary,
  fingerprint,
  installedLibrary,
  libraryFolder,
  neededBytes,
  removeLeftovers,
  STAGING_PREFIX,
  writeSynced,
} from "./library.ts";
import { platformFor } from "./machine.ts";
import { OWN_SOURCES, ownSourcesKey } from "./own-sources.ts";
import { FOLDER_MODE, whyNotOurs } from "./ownership.ts";
import { type Platform, TENSORFLOW_VERSION } from "./platforms.ts";
import { type NativeEngine, SetupError, type SetupProgress, silent } from "./progress.ts";
import {
  addonPath,
  cacheFolder,
  type InstallRecord,
  packageFolder,
  RECORD_NAME,
  statusOf,
} from "./status.ts";

export { type NativeEngine, SetupError, type SetupProgress } from "./progress.ts";
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
  const isReady = () => statusOf(engine, tfjsNode).ready;
  if (isReady()) return;
  const progress = options.progress ?? silent;
  const platform = options.platform ?? platformFor(engine);
  const cache = options.cache ?? cacheFolder();
  await writable(cache, platform);
  const { signal } = options;
  await withLock(cache, { tell: (text) => progress.step(text), signal, formerName: "lock" }, async (lock) => {
    if (isReady()) return; // the set-up that we waited for was of this clone
    await removeLeftovers(cache);
    const staging = join(cache, `${STAGING_PREFIX}${randomUUID()}`);
    await mkdir(staging, { mode: 0o700 }); // what is compiled in it is run
    const environment = { ...(options.environment ?? process.env) };
    try {
      await untilInterrupted(staging, () =>
        install({ platform, cache, tfjsNode, staging, progress, environment, lock }),
      );
    } catch (error) {
      lock.requireHeld(); // else the owner after us has removed what we staged: that is the reason
      throw asSetupError(error, cache, platform);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}

interface Job {
  readonly platform: Platform;
  readonly cache: string;
  readonly tfjsNode: string;
  readonly staging: string;
  readonly progress: SetupProgress;
  readonly environment: NodeJS.ProcessEnv;
  readonly lock: Lock;
}

async function install(job: Job): Promise<void> {
  const { platform, cache, tfjsNode, staging, progress, environment } = job;
  const libraryFiles =
    installedLibrary(cache, platform) ??
    (await fetchLibrary(cache, platform, staging, progress, environment));
  const library = libraryFolder(cache, platform);
  const addonKey = await addonKeyOf(tfjsNode, library);
  const addon = await readFile(await cachedAddon(job, library, addonKey));
  const target = addonPath(tfjsNode, platform.engine);
  job.lock.requireHeld();
  await mkdir(dirname(target), { recursive: true });
  await writeSynced(target, addon);
  const record: InstallRecord = {
    tensorflow: TENSORFLOW_VERSION,
    library,
    libraryFiles,
    addonKey,
    ownSources: ownSourcesKey(),
    addonBytes: addon.length,
  };
  await writeSynced(join(dirname(target), RECORD_NAME), JSON.stringify(record, null, 2));
}

/** An addon holds the path of its library, so it belongs to one cache and to one set of sources. */
async function addonKeyOf(tfjsNode: string, library: string): Promise<string> {
  const sources = ["tfjs_backend.cc", "tfjs_backend.h", "tfjs_binding.cc"].map((name) =>
    join(tfjsNode, "binding", name),
  );
  const texts = await Promise.all([...sources, ...OWN_SOURCES].map((path) => readFile(path)));
  return fingerprint([library, ...texts]);
}

async function cachedAddon(job: Job, library: string, key: string): Promise<string> {
  const cached = join(job.cache, `addon-${key}.node`);
  if (existsSync(cached) && whyNotOurs(cached) === undefined) return cached;
  const workspace = join(job.staging, "addon");
  await mkdir(workspace);
  const { platform, tfjsNode, environment } = job;
  const addon = await compileAddon({ platform, tfjsNode, library, workspace, environment }, job.progress);
  job.progress.step("checking that it loads");
  await checkLoads(addon);
  await chmod(addon, FOLDER_MODE);
  await rename(addon, cached);
  return cached;
}

/** Loads the addon in a process of its own, where a crash is only an answer. */
async function checkLoads(addon: string): Promise<void> {
  const { code, signal, output } = await runCommand([
    process.execPath,
    "-e",
    "require(process.argv[1])",
    addon,
  ]);
  if (code === 0) return;
  const why = signal ?? lastLine(output, /Error/);
  throw new SetupError(
    `the addon was built but does not load: ${why}`,
    "report it with the output of npm run -s doctor",
  );
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

async function writable(cache: string, platform: Platform): Promise<void> {
  try {
    await mkdir(cache, { recursive: true, mode: FOLDER_MODE });
    await access(cache, constants.W_OK);
  } catch (error) {
    throw asSetupError(error, cache, platform);
  }
}

function asSetupError(error: unknown, cache: string, platform: Platform): unknown {
  const { engine } = platform;
  if (error instanceof SetupError) return engine === "native" ? error : error.of(engine);
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const gigabytes = Math.ceil(neededBytes(platform) / 1e8) / 10;
  const remedy = `make room there and make it writable, or set XDG_CACHE_HOME to a folder that can hold ${gigabytes} GB`;
  const options = { cause: error, engine };
  if (code === "ENOSPC" || code === "EDQUOT")
    return new SetupError(`${cache}: the disk is full`, remedy, options);
  if (code === "EACCES" || code === "EROFS" || code === "EPERM" || code === "ENOTDIR") {
    return new SetupError(`cannot write: ${(error as Error).message}`, remedy, options);
  }
  return error;
}
