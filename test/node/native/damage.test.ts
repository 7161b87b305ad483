/** An engine whose files were damaged after it was set up: found out before it is loaded, and mended by the next set-up. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { beginStart, hasFailedStart } from "../../../src/node/native/setup/failed-starts.ts";
import { ensureNative, statusOf } from "../../../src/node/native/setup/index.ts";
import { addonPath } from "../../../src/node/native/setup/status.ts";
import { type FakeSetup, fakePip, makeFakeSetup, pathOf, TOOLS, writePackage } from "./fake-setup.ts";

const skip = !TOOLS.python || !TOOLS.compiler;
let fake: FakeSetup;
let options: FakeSetup["options"];
let library: string;

beforeAll(async () => {
  if (skip) return;
  fake = makeFakeSetup();
  // No index is asked: pip is a script, so that a test sees what is fetched again.
  const environment = {
    ...fake.offline,
    PATH: `${pathOf(fake.folder, { python3: fakePip(fake) })}:${process.env.PATH}`,
  };
  options = { ...fake.options, environment };
  library = join(options.cache, "tensorflow-2.21.0-linux-fake");
  await ensureNative(options);
});
afterAll(() => {
  if (!skip) rmSync(fake.folder, { recursive: true, force: true });
});

/** Where starts put down their files is the user's cache, so each test has one of its own. */
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "damage-"));
  vi.stubEnv("XDG_CACHE_HOME", home);
  return () => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  };
});

const status = (depth?: "quick" | "full") => statusOf("native", options.tfjsNode, depth);

/** Other bytes of the same number; `quietly` leaves the time of the last change as it was. */
function flip(path: string, quietly = false): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(path, bytes);
  const later = new Date(mtime.getTime() + 60_000);
  if (quietly) utimesSync(path, atime, mtime);
  else utimesSync(path, later, later);
}

function becomeFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

async function expectMended(more: { thorough?: boolean } = {}): Promise<void> {
  await ensureNative({ ...options, ...more });
  expect(status("full")).toMatchObject({ ready: true, unmarked: false });
}

describe.skipIf(skip)("the library", () => {
  const file = () => join(library, "libfake_cc.so.2");

  test("with other bytes of the same number is seen at once, and fetched again", async () => {
    flip(file());
    const reason = expect.stringMatching(
      /the library in .* is missing or not whole: libfake_cc.so.2 has other bytes/,
    );
    expect(status()).toEqual({ ready: false, reason });
    await expectMended();
  });

  test("with other bytes and the same time is found by a thorough set-up", async () => {
    flip(file(), true);
    expect(status("quick").ready).toBe(true);
    expect(status("full").ready).toBe(false);
    await ensureNative(options); // looks at sizes and times
    expect(status("full").ready).toBe(false);
    await expectMended({ thorough: true });
  });

  test("with other bytes and the same time is found after a start that ended the process", async () => {
    flip(file(), true);
    const ended = beginStart("native");
    expect(status().ready).toBe(true); // a start under way has not failed
    const starts = join(process.env.XDG_CACHE_HOME as string, "whereabouts", "native");
    const [name] = readdirSync(starts);
    const start = JSON.parse(readFileSync(join(starts, String(name)), "utf8"));
    writeFileSync(join(starts, String(name)), JSON.stringify({ ...start, processStart: "1" }));
    expect(hasFailedStart("native")).toBe(true);
    expect(status().ready).toBe(false);
    await expectMended();
    expect(hasFailedStart("native")).toBe(false);
    ended();
  });

  test("that was copied with new times is whole, and its hashes are taken once", () => {
    const later = new Date(Date.now() + 120_000);
    utimesSync(file(), later, later);
    expect(status().ready).toBe(true);
    const record = JSON.parse(readFileSync(join(library, "whereabouts.json"), "utf8"));
    expect(record.marks["libfake_cc.so.2"].mtimeMs).toBe(statSync(file()).mtimeMs);
  });

  test.each([
    ["missing", (path: string) => rmSync(path)],
    ["has 0 of", (path: string) => truncateSync(path)],
    ["is not a file", becomeFolder],
  ])("whose file %s is fetched again", async (reason, damage) => {
    damage(file());
    expect(status()).toMatchObject({ ready: false, reason: expect.stringContaining(reason) });
    await expectMended();
  });

  test.each(["", "null", '{"wheelSha256":1}', "[".repeat(1000)])(
    "whose record is %j is fetched again",
    async (text) => {
      writeFileSync(join(library, "whereabouts.json"), text);
      expect(status("full")).toMatchObject({ ready: true, unmarked: true });
      await expectMended({ thorough: true });
    },
  );
});

describe.skipIf(skip)("the addon", () => {
  const inClone = () => addonPath(options.tfjsNode);
  const inCache = () => {
    const name = readdirSync(options.cache).find((file) => /^addon-[0-9a-f]+\.node$/.test(file));
    return join(options.cache, String(name));
  };

  test.each([false, true])(
    "with other bytes in the clone is seen at once (time kept: %j)",
    async (quietly) => {
      flip(inClone(), quietly);
      expect(status("quick")).toMatchObject({ ready: false, reason: expect.stringContaining("other bytes") });
      await expectMended();
    },
  );

  test.each([
    ["cut short", (path: string) => truncateSync(path, 100)],
    ["with other bytes", (path: string) => flip(path, true)],
    ["that is a folder", becomeFolder],
  ])("%s in the cache is compiled anew for the next clone", async (_, damage) => {
    damage(inCache());
    const tfjsNode = join(fake.folder, `clone ${Math.random()}`);
    writePackage(tfjsNode);
    await ensureNative({ ...options, tfjsNode });
    expect(readFileSync(addonPath(tfjsNode)).equals(readFileSync(inCache()))).toBe(true);
    expect(statusOf("native", tfjsNode, "full").ready).toBe(true);
  });

  test("that an earlier version left in the cache without a hash is loaded before it is taken", async () => {
    for (const damage of [() => {}, (path: string) => truncateSync(path, 100)]) {
      rmSync(`${inCache()}.sha256`);
      damage(inCache());
      const tfjsNode = join(fake.folder, `clone ${Math.random()}`);
      writePackage(tfjsNode);
      await ensureNative({ ...options, tfjsNode });
      expect(statSync(addonPath(tfjsNode)).size).toBeGreaterThan(1000);
      expect(statSync(`${inCache()}.sha256`).size).toBe(64);
    }
  });
});

test.skipIf(skip)(
  "an engine that an earlier version set up is ready, and a thorough set-up takes its hashes",
  async () => {
    const copy = join(fake.folder, "earlier");
    cpSync(options.tfjsNode, copy, { recursive: true });
    for (const [folder, field] of [
      [library, "marks"],
      [join(copy, "lib", "napi-v8"), "addonSha256"],
    ] as const) {
      const { [field]: _, ...record } = JSON.parse(readFileSync(join(folder, "whereabouts.json"), "utf8"));
      writeFileSync(join(folder, "whereabouts.json"), JSON.stringify(record));
    }
    expect(statusOf("native", copy)).toMatchObject({ ready: true, unmarked: true });
    await ensureNative({ ...options, tfjsNode: copy });
    expect(statusOf("native", copy)).toMatchObject({ ready: true, unmarked: true });
    await ensureNative({ ...options, tfjsNode: copy, thorough: true });
    expect(statusOf("native", copy, "full")).toMatchObject({ ready: true, unmarked: false });
  },
);
