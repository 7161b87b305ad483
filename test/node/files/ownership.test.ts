/** Code runs only out of files and folders that no other user owns or can write. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { peerEnvironment } from "../../../scripts/peers/python.ts";
import { nodeBinary } from "../../../scripts/test/node-binary.ts";
import { closeToOthers, whyNotOursIn } from "../../../src/node/files/ownership.ts";
import { ensureNative } from "../../../src/node/native/setup/index.ts";
import { installPinned, unpackPinned } from "../../../src/node/native/setup/npm.ts";
import { statusOf } from "../../../src/node/native/setup/status.ts";
import { type FakeSetup, makeFakeSetup, pathOf, TOOLS } from "../native/fake-setup.ts";

vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), "ownership-"));
const made: string[] = [folder];
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

const onPosix = process.getuid !== undefined;
const SOMEBODY = 12345;

describe.skipIf(!onPosix)("what others could have put there", () => {
  test.each([
    ["the folder", "", 0o775],
    ["a folder between", "lib", 0o777],
    ["a file", "lib/code.so", 0o646],
  ])("%s that others can write is named", (_, name, mode) => {
    const place = mkdtempSync(join(folder, "place-"));
    mkdirSync(join(place, "lib"), { mode: 0o755 });
    writeFileSync(join(place, "lib", "code.so"), "", { mode: 0o644 });
    expect(whyNotOursIn(place, ["lib/code.so"])).toBeUndefined();
    chmodSync(join(place, name), mode);
    expect(whyNotOursIn(place, ["lib/code.so"])).toBe(
      `${join(place, name)} can be written by other users (mode ${mode.toString(8)})`,
    );
  });

  test("a folder of this user's is closed to them; one of another user stays as it is", () => {
    const place = mkdtempSync(join(folder, "place-"));
    chmodSync(place, 0o777);
    expect(closeToOthers(place)).toBeUndefined();
    expect(statSync(place).mode & 0o777).toBe(0o755);
    if (process.getuid?.() !== 0) return;
    chownSync(place, SOMEBODY, SOMEBODY);
    expect(closeToOthers(place)).toBe(`${place} belongs to another user (uid ${SOMEBODY})`);
  });

  test.runIf(process.getuid?.() === 0)("so is one of another user; what is not there is nobody's", () => {
    const place = mkdtempSync(join(folder, "place-"));
    chownSync(place, SOMEBODY, SOMEBODY);
    expect(whyNotOursIn(place)).toBe(`${place} belongs to another user (uid ${SOMEBODY})`);
    expect(whyNotOursIn(join(place, "nothing"), ["file"])).toBeUndefined();
  });
});

describe.skipIf(TOOLS.python === undefined || TOOLS.compiler === undefined)("the native engine", () => {
  /** A set-up that has ended, with the paths of its library and of the addon in the cache. */
  async function setUp(): Promise<{ setup: FakeSetup; library: string; file: string }> {
    const setup = makeFakeSetup();
    made.push(setup.folder);
    await ensureNative(setup.options);
    const status = statusOf("native", setup.options.tfjsNode);
    if (!status.ready) throw new Error(status.reason);
    const { library, libraryFiles } = status.record;
    return { setup, library, file: join(library, Object.keys(libraryFiles)[0] as string) };
  }

  test("is set up so that nobody else can write it, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      const { library, file } = await setUp();
      for (const path of [library, dirname(file), file]) expect(statSync(path).mode & 0o022, path).toBe(0);
    } finally {
      process.umask(umask);
    }
  });

  test("is set up in a cache that others could write only once they cannot, and in nobody else's", async () => {
    const setup = makeFakeSetup();
    made.push(setup.folder);
    mkdirSync(setup.options.cache);
    chmodSync(setup.options.cache, 0o777);
    if (process.getuid?.() === 0) {
      chownSync(setup.options.cache, SOMEBODY, SOMEBODY);
      await expect(ensureNative(setup.options)).rejects.toThrow(
        /^setup: .* belongs to another user \(uid 12345\); set XDG_CACHE_HOME to a folder of your own/,
      );
      chownSync(setup.options.cache, 0, 0);
    }
    await ensureNative(setup.options);
    expect(statSync(setup.options.cache).mode & 0o022).toBe(0);
  });

  test.each(["library", "file"] as const)(
    "is not started with a %s that others can write; a set-up makes it anew",
    async (what) => {
      const made = await setUp();
      chmodSync(made[what], 0o777);
      const { setup } = made;
      expect(statusOf("native", setup.options.tfjsNode)).toEqual({
        ready: false,
        reason: `${made[what]} can be written by other users (mode 777)`,
      });
      await ensureNative(setup.options);
      expect(statusOf("native", setup.options.tfjsNode).ready).toBe(true);
      expect(statSync(made[what]).mode & 0o022).toBe(0);
    },
  );
});

test.skipIf(!onPosix)("PyTorch's compiler keeps its code in a folder of this user's, or in a new one", () => {
  const cache = mkdtempSync(join(folder, "cache-"));
  vi.stubEnv("XDG_CACHE_HOME", cache);
  vi.stubEnv("TORCHINDUCTOR_CACHE_DIR", undefined);
  const usual = join(cache, "whereabouts", "inductor");
  expect(peerEnvironment().TORCHINDUCTOR_CACHE_DIR).toBe(usual);
  chmodSync(usual, 0o777);
  const other = peerEnvironment().TORCHINDUCTOR_CACHE_DIR as string;
  made.push(other);
  expect(other).not.toBe(usual);
  expect(statSync(other).mode & 0o077).toBe(0);
  vi.stubEnv("TORCHINDUCTOR_CACHE_DIR", "/mine");
  expect(peerEnvironment().TORCHINDUCTOR_CACHE_DIR).toBe("/mine");
});

describe.skipIf(process.platform === "win32")("packages from npm", () => {
  /** An npm that hands out an archive of its own, and leaves a mark where it is asked to install. */
  function fakeNpm(mark: string): void {
    const npm = `case "$1" in pack) for word; do last=$word; done; echo other > "$last/a.tgz";; install) echo > ${mark};; esac`;
    vi.stubEnv("PATH", `${pathOf(folder, { npm })}:${process.env.PATH}`);
  }

  test("are installed only where their hash is the pinned one", async () => {
    const mark = join(folder, "installed");
    fakeNpm(mark);
    const right =
      "sha512-l7H0P/p8ZhDMlWdkzrVm089u2YFbrPuxY3bYBH1F9WJsMOqpe/uAXue/UQ4gwkQyxNyIfCFF2EXbzI99/mz6GA==";
    await expect(installPinned({ "package@1.0.0": "sha512-AAAA" }, folder)).rejects.toThrow(
      /^package@1.0.0: the registry sent an archive of sha512-.{86}==, pinned is sha512-AAAA; use another/,
    );
    expect(statSync(mark, { throwIfNoEntry: false })).toBeUndefined();
    await installPinned({ "package@1.0.0": right }, folder);
    expect(statSync(mark).isFile()).toBe(true);
  });

  test("are unpacked one by one where npm would bring all that a project needs, or none of them is", async () => {
    const place = mkdtempSync(join(folder, "unpacked-"));
    for (const name of ["staging", "package"]) mkdirSync(join(place, name));
    writeFileSync(join(place, "package", "package.json"), '{ "dependencies": { "more": "*" } }');
    execFileSync("tar", ["-czf", join(place, "a.tgz"), "-C", place, "package"]);
    const hash = createHash("sha512")
      .update(readFileSync(join(place, "a.tgz")))
      .digest("base64");
    const npm = `case "$1" in pack) for word; do last=$word; done; cp ${place}/a.tgz "$last/";; *) exit 1;; esac`;
    vi.stubEnv("PATH", `${pathOf(folder, { npm })}:${process.env.PATH}`);
    const modules = join(place, "node_modules");
    const unpack = (pins: Record<string, string>) => unpackPinned(pins, modules, join(place, "staging"));
    const right = { "@some/one@1.0.0": `sha512-${hash}`, "two@2.0.0": `sha512-${hash}` };
    await expect(unpack({ ...right, "three@3.0.0": "sha512-AAAA" })).rejects.toThrow(/^three@3.0.0: /);
    expect(statSync(modules, { throwIfNoEntry: false })).toBeUndefined();
    await unpack(right);
    await unpack(right); // over those that are there
    expect(readdirSync(modules)).toEqual(["@some", "two"]);
    expect(readdirSync(join(modules, "@some", "one"))).toEqual(["package.json"]);
  });

  test("a Node in a folder that others can write is not run, but fetched again", async () => {
    const mark = join(folder, "fetched");
    fakeNpm(mark);
    const name = `node-${process.platform}-${process.arch}`;
    const bin = join(folder, "24.21.0", "node_modules", name, "bin");
    mkdirSync(bin, { recursive: true, mode: 0o755 });
    writeFileSync(join(bin, "node"), `#!/bin/sh\ntouch ${join(folder, "ran")}\n`, { mode: 0o755 });
    chmodSync(join(folder, "24.21.0"), 0o777);
    await expect(nodeBinary("24.21.0@sha512-AAAA", folder)).rejects.toThrow(/pinned is sha512-AAAA/);
    expect(statSync(join(folder, "ran"), { throwIfNoEntry: false })).toBeUndefined();
    await expect(nodeBinary("21.0.0", folder)).rejects.toThrow(/^--node: 21.0.0 is pinned by no hash; give/);
  });
});
