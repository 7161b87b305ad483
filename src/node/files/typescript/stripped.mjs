// @ts-check
/**
 * Keeps what is made of the project's own TypeScript, for the next process: nearly half of a
 * command's start goes into making it.
 *
 *     node_modules/.whereabouts/FILE.js    one a source file, so that they stay as many
 *         code
 *         // SHA-256 of version and source, SHA-256 of the code above
 *
 * They lie among the packages, for whoever can put code there can put it into a package too. They
 * are read only where nobody but this user, or root, could have written them. Where they cannot be
 * written, each process makes its own.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../make-folder.mjs";
import { isOurs } from "../ours.mjs";

/** @param {string} text */
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/**
 * @param {string} folder where code is kept
 * @param {string} version of what makes it
 * @returns code of a source: kept code, or what `make` makes, which is then kept
 */
export function keeping(folder, version) {
  const isTrusted = isFolderTrusted(folder);
  /**
   * @param {string} name of the file that keeps it, below the folder
   * @param {string} source
   * @param {() => string} make
   */
  return (name, source, make) => {
    if (!isTrusted) return make();
    const path = join(folder, name);
    const key = sha256(`${version}\n${source}`);
    const kept = readKept(path, key);
    if (kept !== undefined) return kept;
    const code = make();
    writeKept(path, key, code);
    return code;
  };
}

/**
 * Makes it where it is missing.
 *
 * @param {string} folder
 */
export function isFolderTrusted(folder) {
  try {
    makeFolder(folder, 0o755);
    return isOurs(statSync(folder));
  } catch {
    return false; // nobody has made it, and this user may not
  }
}

/**
 * @param {string} path
 * @param {string} key
 * @returns undefined where it is not kept, or not under this key
 */
export function readKept(path, key) {
  let file;
  try {
    file = openSync(path, "r");
    if (!isOurs(fstatSync(file))) return undefined;
    const [code, head, sum] = parts(readFileSync(file, "utf8"));
    return head === key && sum === sha256(code) ? code : undefined;
  } catch {
    return undefined; // not kept yet
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * @param {string} text
 * @returns {[string, string, string]} code, key, sum
 */
function parts(text) {
  const [, code = "", key = "", sum = ""] = /^([\s\S]*)\n\/\/ (\w*) (\w{64})\n$/.exec(text) ?? [];
  return [code, key, sum];
}

/**
 * @param {string} path
 * @param {string} key
 * @param {string} code
 */
export function writeKept(path, key, code) {
  const staged = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path), 0o755);
    writeFileSync(staged, `${code}\n// ${key} ${sha256(code)}\n`, { mode: 0o644, flag: "wx" });
    renameSync(staged, path);
  } catch {
    rmSync(staged, { force: true }); // a full disk, or another user's folder: made anew next time
  }
}
