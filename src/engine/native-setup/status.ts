/** What of the native engines is installed: read from two small records, so that asking costs nothing. */
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readRegularText } from "../../files/regular.ts";
import { ownSourcesKey } from "./own-sources.ts";
import { whyNotOursIn } from "./ownership.ts";
import { TENSORFLOW_VERSION } from "./platforms.ts";
import type { NativeEngine } from "./progress.ts";

/** Names of files below one folder, each with its size in bytes. */
export type FileSizes = Readonly<Record<string, number>>;

/** Written beside the addon in a clone when its set-up has ended. */
export interface InstallRecord {
  readonly tensorflow: string;
  /** Folder of the libraries, in the user's cache. */
  readonly library: string;
  readonly libraryFiles: FileSizes;
  /** Hash of what the addon was built from. */
  readonly addonKey: string;
  /** Hash of our own part of it. */
  readonly ownSources: string;
  readonly addonBytes: number;
}

/** Whether an engine can be loaded, or why not. */
export type NativeStatus =
  | { readonly ready: true; readonly record: InstallRecord; readonly addon: string }
  | { readonly ready: false; readonly reason: string };

/** Name of the record, both in the cache and in a clone. */
export const RECORD_NAME = "whereabouts.json";

/** A folder of the user's cache, for all clones: "native" holds the libraries. */
export function cacheFolder(part = "native", environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "whereabouts", part);
}

/** Folder of the installed tfjs-node package. */
export function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-node/package.json"));
}

/** Where an engine has its addon: native where tfjs-node looks for it, native-gpu beside that. */
export function addonPath(tfjsNode: string = packageFolder(), engine: NativeEngine = "native"): string {
  return join(tfjsNode, "lib", engine === "native" ? "napi-v8" : "napi-v8-gpu", "tfjs_binding.node");
}

/** Whether every file is there with its recorded size. A truncated library would end the process with SIGBUS. */
export function isWhole(folder: string, files: FileSizes): boolean {
  return Object.entries(files).every(
    ([name, bytes]) => statSync(join(folder, name), { throwIfNoEntry: false })?.size === bytes,
  );
}

/** Whether the native engine is installed whole in this clone. */
export const nativeStatus = (tfjsNode?: string): NativeStatus => statusOf("native", tfjsNode);

/** Whether an engine is installed whole in this clone. */
export function statusOf(engine: NativeEngine, tfjsNode: string = packageFolder()): NativeStatus {
  const addon = addonPath(tfjsNode, engine);
  const record = readRecord<InstallRecord>(dirname(addon));
  if (record === undefined) return { ready: false, reason: "is not set up in this clone" };
  if (record.tensorflow !== TENSORFLOW_VERSION) {
    return {
      ready: false,
      reason: `has TensorFlow ${record.tensorflow} where ${TENSORFLOW_VERSION} is expected`,
    };
  }
  if (!isWhole(record.library, record.libraryFiles)) {
    return { ready: false, reason: `the library in ${record.library} is missing or not whole` };
  }
  const strange = whyNotOursIn(record.library, Object.keys(record.libraryFiles));
  if (strange !== undefined) return { ready: false, reason: strange };
  if (!isWhole(dirname(addon), { "tfjs_binding.node": record.addonBytes })) {
    return { ready: false, reason: `the addon ${addon} is missing or not whole` };
  }
  if (record.ownSources !== ownSourcesKey()) {
    return { ready: false, reason: "was built by another version of whereabouts" };
  }
  return { ready: true, record, addon };
}

/** The record in a folder, or undefined when there is none that can be read. */
export function readRecord<T>(folder: string): T | undefined {
  try {
    return JSON.parse(readRegularText(join(folder, RECORD_NAME))) as T; // only set-up writes it, renamed whole
  } catch {
    return undefined;
  }
}
