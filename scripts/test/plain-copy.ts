/** The project at a path that vite can read: it takes `#` and `?` for parts of a URL, and decodes `%`. */
import { constants, copyFileSync, cpSync, linkSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../src/node/files/make-folder.mjs";

/** Folders that no test reads. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "checkpoints", "node_modules"]);

/**
 * The folder to run tests in: the root itself, or a copy in `folder` where its path has such a
 * character. Packages are linked, not copied, where both folders lie on one disk.
 */
export function plainRoot(root: string, folder: string): string {
  if (!/[#%?]/.test(root)) return root;
  const copy = join(folder, "copy");
  for (const name of readdirSync(root)) {
    if (!LEFT_OUT.has(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  linkFolder(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** A second folder of the same files: linked where both lie on one disk, copied elsewhere. */
export function linkFolder(from: string, to: string): void {
  makeFolder(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isSymbolicLink()) cpSync(source, target, { verbatimSymlinks: true });
    else link(source, target);
  }
}

function link(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target, constants.COPYFILE_FICLONE); // another disk
  }
}
