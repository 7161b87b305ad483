/**
 * A Python with the libraries that results are compared with, in a virtual environment of the
 * user's cache folder.
 *
 * PyTorch from PyPI comes with CUDA: gigabytes, which is why nothing but a command that was asked
 * for fetches it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../src/node/files/cache.ts";
import { lastLine, runCommand } from "../../src/node/files/command.ts";
import { makeFolder } from "../../src/node/files/make-folder.mjs";
import { whyNotOurs } from "../../src/node/files/ownership.ts";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A program of Python that could not do what it was asked. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}

/** The interpreter of the environment, which is made unless it is there whole. */
export async function peerPython(say: (text: string) => void): Promise<string> {
  const key = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = join(cacheFolder("peers"), key);
  const python = join(
    folder,
    process.platform === "win32" ? "Scripts" : "bin",
    process.platform === "win32" ? "python.exe" : "python",
  );
  const whole = join(folder, "installed");
  if (existsSync(whole) && whyNotOurs(folder) === undefined) return python;
  say(`fetches PyTorch and transformers with pip into ${folder}: several gigabytes, once`);
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder, 0o700); // whatever the modes of what pip puts into it
  await mustRun(["python3", "-m", "venv", folder]);
  await mustRun([
    python,
    "-m",
    "pip",
    "install",
    "--quiet",
    "--require-hashes",
    "--disable-pip-version-check",
    "--requirement",
    REQUIREMENTS,
  ]);
  writeFileSync(whole, "");
  return python;
}

/**
 * For PyTorch, whose compiler else keeps its code in a folder of /tmp that anybody can foresee, and
 * runs what lies there.
 */
export function peerEnvironment(): NodeJS.ProcessEnv {
  const { TORCHINDUCTOR_CACHE_DIR = inductorFolder() } = process.env;
  return { ...process.env, TORCHINDUCTOR_CACHE_DIR };
}

function inductorFolder(): string {
  const folder = cacheFolder("inductor");
  try {
    makeFolder(folder, 0o700);
    if (whyNotOurs(folder) === undefined) return folder;
  } catch {
    // It cannot be kept for a later process.
  }
  return mkdtempSync(join(tmpdir(), "whereabouts-inductor-"));
}

/** Runs a command of huggingface.py. */
export const huggingFace = (python: string, ...args: string[]): Promise<void> =>
  mustRun([python, script("huggingface.py"), ...args]);

/** Runs foreign_tokenizers.py. */
export const tokenizersOf = (python: string, ...args: string[]): Promise<void> =>
  mustRun([python, script("foreign_tokenizers.py"), ...args]);

async function mustRun(command: readonly [string, ...string[]]): Promise<void> {
  const { code, output } = await runCommand(command);
  if (code === 0) return;
  throw new PeerError(
    `${command.slice(0, 3).join(" ")} failed: ${lastLine(output)}; mend that, or give a Python that has the libraries with --python`,
  );
}
