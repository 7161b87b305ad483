// @ts-check
/**
 * Makes a folder, and those above it that are missing.
 *
 * Node's own `recursive` makes the parent again and again where the system refuses a folder as if
 * its parent were missing: below /proc it never ends.
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * @param {string} path
 * @param {number} [mode] of what is made
 * @throws the system's error for the first folder that cannot be made
 */
export function makeFolder(path, mode = 0o777) {
  const missing = [resolve(path)];
  for (let above = dirname(resolve(path)); !isThere(above); above = dirname(above)) missing.push(above);
  for (const folder of missing.reverse()) makeOne(folder, mode);
}

/**
 * Another process may make it at the same time.
 *
 * @param {string} folder
 * @param {number} mode
 */
function makeOne(folder, mode) {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

/** @param {string} path */
const isThere = (path) => path === dirname(path) || statSync(path, { throwIfNoEntry: false }) !== undefined;

/** @param {string} path */
function isFolder(path) {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
