/** Errors of the system in a set-up: what cannot be written, and what to do about it. */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { isInputError } from "../../../errors.ts";
import { makeFolder } from "../../files/make-folder.mjs";
import { closeToOthers, FOLDER_MODE } from "../../files/ownership.ts";
import { SetupError } from "../../files/progress.ts";
import { systemCause } from "../../files/system-errors.ts";
import { neededBytes } from "./library.ts";
import type { Platform } from "./platforms.ts";

/**
 * What can be known before gigabytes are fetched: the cache and the clone can be written.
 *
 * @throws the system's error for the cache, a SetupError for the clone
 */
export function requireWritable(cache: string, addon: string): void {
  makeFolder(cache, FOLDER_MODE);
  accessSync(cache, constants.W_OK);
  const reason = closeToOthers(cache);
  if (reason !== undefined) {
    throw new SetupError(reason, "set XDG_CACHE_HOME to a folder of your own, on a disk that knows owners");
  }
  let folder = dirname(addon);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const code = systemCause(cause)?.code;
    throw new SetupError(
      `${folder}: this clone may not be written (${code})`,
      "make it writable, or use a clone of your own",
      { cause },
    );
  }
}

/** The error with the engine's name and a remedy; faults of the program stay as they are. */
export function asSetupError(error: unknown, cache: string, platform: Platform): unknown {
  const { engine } = platform;
  if (error instanceof SetupError) return engine === "native" ? error : error.of(engine);
  const options = { cause: error, engine };
  const system = systemCause(error);
  if (system === undefined) {
    if (!isInputError(error)) return error;
    const [reason = "", ...remedy] = error.message.split("; ");
    return new SetupError(reason, remedy.join("; ") || "mend that", options);
  }
  const gigabytes = Math.ceil(neededBytes(platform) / 1e8) / 10;
  const remedy = `make room there and make it writable, or set XDG_CACHE_HOME to a folder that can hold ${gigabytes} GB`;
  if (system.code === "ENOSPC" || system.code === "EDQUOT")
    return new SetupError(`${cache}: the disk is full`, remedy, options);
  return new SetupError(`cannot write: ${system.message}`, remedy, options);
}
