/**
 * Caches, clones and folders that cannot be read or written: doctor tells, auto goes on, a run does
 * without.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { cacheFolder } from "../../../src/node/files/cache.ts";
import { SetupError } from "../../../src/node/files/progress.ts";
import { ensureNative } from "../../../src/node/native/setup/index.ts";
import { LEARNED, TINY } from "../../scripts/run-command.ts";
import { makeFakeSetup } from "./fake-setup.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/whereabouts.mjs", import.meta.url));
const isRoot = process.getuid?.() === 0;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unwritable-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

async function command(
  env: Record<string, string | undefined>,
  args: readonly string[],
  as: readonly string[] = [],
) {
  const node = as.length > 0 ? nodeCopy() : process.execPath;
  const [program = node, ...rest] = [...as, node, SCRIPT, ...args];
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { stdout, stderr, code };
}

describe("the user's cache", () => {
  test("is in XDG_CACHE_HOME, unless that is relative, and else in the home folder", () => {
    expect(cacheFolder("data", { XDG_CACHE_HOME: "/caches" })).toBe("/caches/whereabouts/data");
    for (const given of ["caches", "./caches", "", undefined])
      expect(cacheFolder("data", { XDG_CACHE_HOME: given })).toBe(
        join(homedir(), ".cache", "whereabouts", "data"),
      );
  });

  test.each(["", "relative"])("is nowhere when HOME is %j, which is said", async (home) => {
    vi.stubEnv("HOME", home);
    expect(() => cacheFolder("data", {})).toThrow(InputError);
    expect(() => cacheFolder("data", {})).toThrow(/no home folder; set HOME, or XDG_CACHE_HOME/);
  });

  test("that is a file, or in one, is named by set-up", async () => {
    writeFileSync(join(folder, "file"), "");
    const { options, folder: made } = makeFakeSetup("native", mkdtempSync(join(folder, "fake-")));
    for (const cache of [join(folder, "file"), join(folder, "file", "cache")]) {
      const error = await ensureNative({ ...options, cache }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SetupError);
      expect((error as Error).message).toMatch(
        /^setup: cannot write: E(EXIST|NOTDIR).*file.*or set XDG_CACHE_HOME/,
      );
    }
    rmSync(made, { recursive: true });
  });
});

/**
 * A user that the system does not know, as a container may have one; the parents of the repository
 * must let it in.
 */
const stranger = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
const canBeStranger =
  isRoot && spawnSync(stranger[0] as string, [...stranger.slice(1), "test", "-r", SCRIPT]).status === 0;
/**
 * Node itself may lie in a home folder that only its owner may enter, such as a version that was
 * fetched for tests.
 */
const nodeCopy = () => join(folder, "node");

describe.runIf(canBeStranger)("a user other than the one who set up", () => {
  const own = () => {
    const home = mkdtempSync(join(folder, "home-"));
    chownSync(home, 54321, 54321);
    return home;
  };
  beforeAll(() => {
    spawnSync("chmod", ["755", folder]);
    copyFileSync(process.execPath, nodeCopy());
  });

  test.each(["a home of its own", "no home"])("with %s: doctor tells, and auto trains", async (kind) => {
    const home = own();
    const env = { HOME: kind === "no home" ? undefined : home, XDG_CACHE_HOME: undefined };
    const doctor = await command(env, ["doctor", "--json"], stranger);
    expect(doctor).toMatchObject({ code: 0, stderr: "" });
    const { engines, cache } = JSON.parse(doctor.stdout);
    expect(engines.find(({ name }: { name: string }) => name === "wasm").starts).toBe(true);
    expect(cache).toMatch(kind === "no home" ? /has no home folder; set HOME/ : home);
    const trained = await command(env, ["train", LEARNED, "--out", join(home, "run"), ...TINY], stranger);
    expect({ ...trained, stderr: "" }).toEqual({ code: 0, stdout: `${join(home, "run")}\n`, stderr: "" });
    expect(trained.stderr).not.toMatch(/EACCES: |uv_os_homedir|TypeError/);
  });
});

const canMount = isRoot && spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

/** One disk for one test. */
async function onDisk(options: string, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(folder, "disk-"));
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", disk]).status).toBe(0);
  try {
    await use(disk);
  } finally {
    spawnSync("umount", [disk]);
  }
}

const fill = (disk: string) => spawnSync("sh", ["-c", `cat /dev/zero > ${disk}/fill`]);

describe.runIf(canMount)("a disk that takes nothing more", () => {
  const train = (name: string, env: Record<string, string>) =>
    command(env, ["train", LEARNED, "--engine", "native", "--out", join(folder, name), ...TINY]);

  test.each(["size=1m", "ro"])(
    "under the cache (%s): the run goes on, and says once that no code is kept",
    (options) =>
      onDisk(options, async (disk) => {
        if (options !== "ro") fill(disk);
        const { stderr, code } = await train(`cache-${options}`, { XDG_CACHE_HOME: disk });
        expect({ code, stderr }).toMatchObject({ code: 0 });
        const said = stderr.split("\n").filter((line) => line.includes(disk));
        expect(said).toEqual([expect.stringMatching(/^engine native: compiled code is not kept: /)]);
      }),
  );

  test("under temporary files: the run goes on", () =>
    onDisk("size=1m", async (disk) => {
      fill(disk);
      const { stderr, code } = await train("temporary", { TMPDIR: disk });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(readdirSync(disk)).toEqual(["fill"]);
    }));

  test("under a set-up: its reason is the disk", () =>
    onDisk("size=1m", async (disk) => {
      const { options, folder: made } = makeFakeSetup("native", mkdtempSync(join(folder, "fake-")));
      mkdirSync(join(disk, "cache"));
      fill(disk);
      await expect(ensureNative({ ...options, cache: join(disk, "cache") })).rejects.toThrow(
        /^setup: .*cache: the disk is full; make room there/,
      );
      rmSync(made, { recursive: true });
    }));
});
