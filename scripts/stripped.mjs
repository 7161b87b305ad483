// @ts-check
/**
 * Keeps what `typescript-hooks.mjs` makes of the project's own TypeScript, for the next process:
 * nearly half of a command's start goes into making it.
 *
 *     node_modules/.whereabouts/FILE.js    one a source file, so that they stay as many
 *         // SHA-256 of version and source, SHA-256 of the code that follows
 *         code
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
import { join } from "node:path";
import { makeFolder } from "../src/node/files/make-folder.mjs";
import { isOurs } from "../src/node/files/ours.mjs";

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
   * @param {string} name of the source file, below the project's folder
   * @param {string} source
   * @param {() => string} make
   */
  return (name, source, make) => {
    if (!isTrusted) return make();
    const path = join(folder, `${name.replace(/[\\/]/g, "~")}.js`);
    const key = sha256(`${version}\n${source}`);
    const kept = read(path, key);
    if (kept !== undefined) return kept;
    const code = make();
    write(path, `// ${key} ${sha256(code)}\n${code}`);
    return code;
  };
}

/** @param {string} folder */
function isFolderTrusted(folder) {
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
 */
function read(path, key) {
  let file;
  try {
    file = openSync(path, "r");
    if (!isOurs(fstatSync(file))) return undefined;
    const [head, sum, code] = parts(readFileSync(file, "utf8"));
    return head === key && sum === sha256(code) ? code : undefined;
  } catch {
    return undefined; // not kept yet
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * @param {string} text
 * @returns {[string, string, string]} key, sum, code
 */
function parts(text) {
  const [, key = "", sum = "", code = ""] = /^\/\/ (\w{64}) (\w{64})\n([\s\S]*)$/.exec(text) ?? [];
  return [key, sum, code];
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  const staged = `${path}.${randomUUID()}`;
  try {
    writeFileSync(staged, text, { mode: 0o644, flag: "wx" });
    renameSync(staged, path);
  } catch {
    rmSync(staged, { force: true }); // a full disk, or another user's folder: made anew next time
  }
}
