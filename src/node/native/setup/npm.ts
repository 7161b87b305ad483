/** Installs npm packages that are pinned by their hash and are in no lock file: few users want them. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "../../../errors.ts";
import { type Outcome, runCommand, runVisibly } from "../../files/command.ts";
import { makeFolder } from "../../files/make-folder.mjs";
import { FOLDER_MODE } from "../../files/ownership.ts";
import { SetupError } from "../../files/progress.ts";

/** `name@version` → the integrity that the registry gives for its archive, `sha512-` and base64. */
export type NpmPins = Readonly<Record<string, string>>;

/**
 * Downloads each archive, compares its hash, and installs what was compared. No script of a package is run.
 *
 * @param folder whose node_modules gets them
 * @throws InputError where npm fails, or an archive is not what was pinned; nothing is installed then.
 */
export async function installPinned(pins: NpmPins, folder: string): Promise<void> {
  const staging = mkdtempSync(join(tmpdir(), "whereabouts-npm-"));
  try {
    const archives: string[] = [];
    for (const [spec, integrity] of Object.entries(pins))
      archives.push(await pinnedArchive(spec, integrity, staging));
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
    // Without --no-save npm would make them dependencies of everyone.
    await npm(["install", "--no-save", ...quiet, "--prefix", folder, ...archives], folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * As `installPinned`, without npm, which installs all that a project depends on, or is developed
 * with, beside what it is asked for: each archive becomes a folder of `modules`.
 *
 * @param staging a folder on the same file system, which the caller removes
 * @throws InputError where npm fails, or an archive is not what was pinned; nothing is installed then.
 * @throws SetupError where tar fails
 */
export async function unpackPinned(pins: NpmPins, modules: string, staging: string): Promise<void> {
  const made = join(staging, "node_modules");
  const names: string[] = [];
  for (const [spec, integrity] of Object.entries(pins)) {
    const archive = await pinnedArchive(spec, integrity, staging);
    const name = spec.slice(0, spec.lastIndexOf("@"));
    const target = join(made, name);
    makeFolder(target, FOLDER_MODE);
    const unpack = ["tar", "-xzf", archive, "-C", target, "--strip-components=1", "--no-same-owner"] as const;
    const { code, output } = await runCommand(unpack);
    if (code !== 0) throw new SetupError(`${spec} cannot be unpacked: ${output.trim()}`, "install tar");
    names.push(name);
  }
  for (const name of names) {
    const target = join(modules, name);
    makeFolder(dirname(target), FOLDER_MODE);
    rmSync(target, { recursive: true, force: true }); // parts of one that was damaged
    renameSync(join(made, name), target);
  }
}

/**
 * Downloads the archive of a package.
 *
 * @param staging a folder that gets it, in a folder of its own
 * @returns its path
 * @throws InputError where npm fails, or the archive is not what was pinned
 */
export async function pinnedArchive(spec: string, integrity: string, staging: string): Promise<string> {
  const folder = mkdtempSync(join(staging, "archive-"));
  await npm(["pack", spec, "--silent", "--ignore-scripts", "--pack-destination", folder], folder);
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (name === undefined) throw new InputError(`${spec}: npm pack left no archive; see what it says above`);
  const path = join(folder, name);
  const found = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
  if (found === integrity) return path;
  throw new InputError(
    `${spec}: the registry sent an archive of ${found}, pinned is ${integrity}; use another registry`,
  );
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { code, output }: Outcome = await runVisibly(["npm", ...args], {
    cwd,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32", // npm is a batch file there
  });
  if (code === 0) return;
  const why = output || (code === null ? "npm was ended by a signal" : `npm ended with code ${code}`);
  throw new InputError(`npm ${args[0]}: ${why}; mend that and run the command again`);
}
