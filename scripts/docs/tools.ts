/**
 * TypeDoc, and the TypeScript that it reads with: it needs one of 6 or before as a library, this
 * project is checked by 7. So they live in a folder of the user's cache, by a lock file of their own.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../src/errors.ts";
import { cacheFolder } from "../../src/node/files/cache.ts";
import { runVisibly } from "../../src/node/files/command.ts";
import { makeFolder } from "../../src/node/files/make-folder.mjs";
import { FOLDER_MODE, whyNotOursIn } from "../../src/node/files/ownership.ts";
import { readRegular } from "../../src/node/files/regular.ts";

const PACKAGE = fileURLToPath(new URL("typedoc", import.meta.url));
const PROGRAM = join("node_modules", "typedoc", "bin", "typedoc");

/**
 * The path of TypeDoc's program; installs it where it is not there yet, with no script of a package.
 *
 * @throws InputError where npm fails
 */
export async function typedocProgram(cache: string = cacheFolder("docs")): Promise<string> {
  const version = createHash("sha256")
    .update(readRegular(join(PACKAGE, "package-lock.json")))
    .digest("hex")
    .slice(0, 12);
  const folder = join(cache, version);
  const program = join(folder, PROGRAM);
  if (existsSync(program) && whyNotOursIn(folder, [PROGRAM]) === undefined) return program;
  process.stderr.write("docs: installs TypeDoc (46 MB) into the cache\n");
  const staging = `${folder}-${process.pid}`; // of two at a time, the first to end stands
  try {
    makeFolder(staging, FOLDER_MODE);
    for (const name of ["package.json", "package-lock.json"])
      copyFileSync(join(PACKAGE, name), join(staging, name));
    const { code } = await runVisibly(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      ...{ cwd: staging, stdio: ["ignore", 2, 2], shell: process.platform === "win32" }, // a batch file there
    });
    if (code !== 0) throw new InputError(`docs: npm ci ends with code ${code}; mend what it says above`);
    rmSync(folder, { recursive: true, force: true });
    await rename(staging, folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return program;
}
