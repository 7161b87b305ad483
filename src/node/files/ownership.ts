/** Whose files and folders are: code runs only from those that nobody but this user, or root, can change. */
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { isOurs, isOwner } from "./ours.mjs";

/** Modes of what is made for code to be run from, whatever the umask of the user. */
export const FOLDER_MODE = 0o755;

/**
 * Why a file or folder is not to be trusted, or undefined: another user owns it, or others can
 * write to it. One that is not there is nobody's. Windows tells neither owner nor mode.
 */
export function whyNotOurs(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || isOurs(stats)) return undefined;
  const { uid, mode } = stats;
  return isOwner(uid)
    ? `${path} can be written by other users (mode ${(mode & 0o777).toString(8)})`
    : `${path} belongs to another user (uid ${uid})`;
}

/** The first reason among a folder, files below it, and the folders between. */
export function whyNotOursIn(folder: string, files: readonly string[] = []): string | undefined {
  const paths = new Set([folder]);
  for (const file of files) {
    const parts = file.split(/[\\/]/);
    for (let i = 1; i <= parts.length; i++) paths.add(join(folder, ...parts.slice(0, i)));
  }
  for (const path of paths) {
    const reason = whyNotOurs(path);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Takes from others the right to write to a folder of this user's.
 * @returns why it is still not to be trusted: another user's, or on a disk that knows neither
 *   owners nor modes
 */
export function closeToOthers(folder: string): string | undefined {
  if (whyNotOurs(folder) === undefined) return undefined;
  try {
    chmodSync(folder, statSync(folder).mode & FOLDER_MODE);
  } catch {
    // Another user's: the reason says so.
  }
  return whyNotOurs(folder);
}
