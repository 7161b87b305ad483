/** Which commit of this project computes. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The commit of the checkout in a folder, and whether files were changed since; "unknown" where the
 * folder is no checkout itself, although it may lie in one.
 *
 * git runs there alone, whatever folder the command is run in and whatever GIT_DIR says: a
 * repository may name programs to run.
 */
export function commitOf(root: string): string {
  if (!existsSync(join(root, ".git"))) return "unknown";
  const env: NodeJS.ProcessEnv = { GIT_CEILING_DIRECTORIES: dirname(root), GIT_OPTIONAL_LOCKS: "0" };
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith("GIT_")) env[name] = value;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "core.fsmonitor=", ...args], {
      cwd: root,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : ", with local changes";
    return git("rev-parse", "--short", "HEAD") + changed;
  } catch {
    return "unknown";
  }
}
