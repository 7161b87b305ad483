/**
 * The addon in the cache: compiled once for a library and its sources, kept with its hash, and
 * loaded before it is kept.
 */
import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { lastLine, runCommand } from "../../files/command.ts";
import type { Lock } from "../../files/lock.ts";
import { FOLDER_MODE, whyNotOurs } from "../../files/ownership.ts";
import { SetupError, type SetupProgress } from "../../files/progress.ts";
import { compileAddon } from "./compile-addon.ts";
import { type Depth, digestOf } from "./integrity.ts";
import { fingerprint, writeSynced } from "./library.ts";
import { OWN_FILES } from "./own-sources.ts";
import type { Platform } from "./platforms.ts";

/** What one installation works with. */
export interface Job {
  readonly platform: Platform;
  readonly cache: string;
  readonly tfjsNode: string;
  readonly staging: string;
  readonly progress: SetupProgress;
  readonly environment: NodeJS.ProcessEnv;
  readonly lock: Lock;
  readonly depth: Depth;
}

/** An addon holds the path of its library, so it belongs to one cache and to one set of sources. */
export async function addonKeyOf(tfjsNode: string, library: string): Promise<string> {
  const sources = ["tfjs_backend.cc", "tfjs_backend.h", "tfjs_binding.cc"].map((name) =>
    join(tfjsNode, "binding", name),
  );
  const texts = await Promise.all([...sources, ...OWN_FILES].map((path) => readFile(path)));
  return fingerprint([library, ...texts]);
}

/** The bytes of the addon, compiled unless it is in the cache as it was put there: its hash is beside it. */
export async function cachedAddon(job: Job, library: string, key: string): Promise<Buffer> {
  const cached = join(job.cache, `addon-${key}.node`);
  const seal = `${cached}.sha256`;
  const found = whyNotOurs(cached) === undefined ? await readFile(cached).catch(() => undefined) : undefined;
  const sealed = await readFile(seal, "utf8").catch(() => undefined);
  if (found !== undefined && sealed === digestOf(found)) return found;
  if (found !== undefined && sealed === undefined && (await whyNotLoading(cached)) === undefined) {
    await writeSynced(seal, digestOf(found)); // an earlier version put it there
    return found;
  }
  await rm(seal, { recursive: true, force: true });
  await rm(cached, { recursive: true, force: true });
  const addon = await readFile(await compiledAddon(job, library));
  job.lock.requireHeld();
  await writeSynced(cached, addon);
  await chmod(cached, FOLDER_MODE);
  await writeSynced(seal, digestOf(addon));
  return addon;
}

async function compiledAddon(job: Job, library: string): Promise<string> {
  const workspace = join(job.staging, "addon");
  await mkdir(workspace);
  const { platform, tfjsNode, environment } = job;
  const addon = await compileAddon({ platform, tfjsNode, library, workspace, environment }, job.progress);
  job.progress.step("checking that it loads");
  const why = await whyNotLoading(addon);
  if (why === undefined) return addon;
  throw new SetupError(
    `the addon was built but does not load: ${why}`,
    "report it with the output of npm run -s doctor",
  );
}

/** Loads the addon in a process of its own, where a crash is only an answer. */
async function whyNotLoading(addon: string): Promise<string | undefined> {
  const { code, signal, output } = await runCommand([
    process.execPath,
    "-e",
    "require(process.argv[1])",
    addon,
  ]);
  return code === 0 ? undefined : (signal ?? lastLine(output, /Error/));
}
