/** Caches of texts that are damaged or cannot be written: made anew, or gone on without. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { textConfig } from "../../../src/data/text.ts";
import { openText } from "../../../src/node/run/data.ts";

const LINE = "The dog bit the man, and the man bit the dog; naïve dogs bite.\n";
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "text-cache-"));
  writeFileSync(at("my.txt"), LINE.repeat(200));
  vi.resetModules();
});
afterEach(() => rmSync(folder, { recursive: true }));

const told: string[] = [];
async function open(cache: string | undefined, opened = openText) {
  told.length = 0;
  const config = textConfig.parse({ kind: "text", path: at("my.txt"), tokenizer: "bpe", vocabSize: 270 });
  const { tokenizer, stores } = await opened(config, { cache, tell: (text) => told.push(text) });
  const all = (split: "train" | "heldout") => [...stores[split].windows([0], stores[split].length)];
  return { tokenizer: JSON.stringify(tokenizer.toJSON()), train: all("train"), heldout: all("heldout") };
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[10] = (bytes[10] as number) ^ 1;
  writeFileSync(path, bytes);
}

/** A tokenizer that reads well, and spells otherwise. */
function swapMerges(path: string): void {
  const json = JSON.parse(readFileSync(path, "utf8"));
  json.model.merges.reverse();
  writeFileSync(path, JSON.stringify(json));
}

/** A module without what another test has told once. */
const fresh = async () => (await import("../../../src/node/run/data.ts")).openText;

describe("what is damaged in the cache is made anew, to the same tokens", () => {
  test.each([
    [
      "a tokenizer that is not JSON",
      "tokenizers",
      (path: string) => truncateSync(join(path, "tokenizer.json"), 40),
    ],
    [
      "a tokenizer that is none",
      "tokenizers",
      (path: string) => writeFileSync(join(path, "tokenizer.json"), '{"model":{"type":"?"}}'),
    ],
    ["a tokenizer of other merges", "tokenizers", (path: string) => swapMerges(join(path, "tokenizer.json"))],
    ["tokens of the same size", "tokens", (path: string) => flipByte(join(path, "train.bin"))],
    ["a token count", "tokens", (path: string) => flipByte(join(path, "tokens.json"))],
    ["hashes that are cut off", "tokens", (path: string) => truncateSync(join(path, "SHA256SUMS"), 20)],
    ["a record that is not JSON", "tokens", (path: string) => writeFileSync(join(path, "tokens.json"), "{")],
    ["tokens that are cut short", "tokens", (path: string) => truncateSync(join(path, "train.bin"), 10)],
    ["tokens that are missing", "tokens", (path: string) => rmSync(join(path, "heldout.bin"))],
  ])("%s", async (_, kind, damage) => {
    const before = await open(at("cache"));
    damage(at("cache", kind, String(readdirSync(at("cache", kind))[0])));
    expect(await open(at("cache"))).toEqual(before);
    expect(told.length).toBeGreaterThan(0);
    expect(await open(at("cache"))).toEqual(before);
    expect(told).toEqual([]);
  });
});

test("what an earlier version left without hashes is made anew, and half-made folders are removed", async () => {
  const before = await open(at("cache"));
  const kinds = ["tokenizers", "tokens"];
  for (const kind of kinds)
    rmSync(at("cache", kind, String(readdirSync(at("cache", kind))[0]), "SHA256SUMS"));
  for (const kind of kinds)
    mkdirSync(at("cache", kind, "x.0123456789abcdef.tmp", "whereabouts-0123456789abcdef"), {
      recursive: true,
    });
  expect(await open(at("cache"))).toEqual(before);
  for (const kind of kinds) expect(readdirSync(at("cache", kind))).toHaveLength(1);
});

describe("without a cache that can be written a text is opened all the same, and that is said once", () => {
  /** A file where the cache's folder, or one of its folders, would be. */
  test.each([[["cache"]], [["cache", "tokenizers"]], [["cache", "tokens"]]])(
    "a file at %j",
    async (names) => {
      const expected = await open(at("whole"));
      mkdirSync(at(...names, ".."), { recursive: true });
      writeFileSync(at(...names), "");
      const opened = await fresh();
      expect(await open(at("cache"), opened)).toEqual(expected);
      const said = told.filter((text) => text.startsWith("data: goes on without the cache, in "));
      expect(said).toEqual([expect.stringContaining(at("cache"))]);
      await open(at("cache"), opened);
      expect(told.filter((text) => text.includes("without the cache"))).toEqual([]);
    },
  );

  test("a user without a home folder", async () => {
    const expected = await open(at("whole"));
    vi.stubEnv("HOME", "");
    vi.stubEnv("XDG_CACHE_HOME", "");
    try {
      expect(await open(undefined, await fresh())).toEqual(expected);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(told.join("\n")).toMatch(
      /without the cache, in .*: cache: this user has no home folder; set HOME/,
    );
  });

  test.runIf(process.getuid?.() !== 0)("a folder that may not be written", async () => {
    mkdirSync(at("cache"));
    chmodSync(at("cache"), 0o555);
    await open(at("cache"), await fresh());
    expect(told.join()).toContain("without the cache");
  });

  test("but a fault of the text is told as such", async () => {
    rmSync(at("my.txt"));
    await expect(open(at("cache"), await fresh())).rejects.toThrow(/my\.txt: does not exist/);
    expect(told).toEqual([]);
  });
});

/** Root of a Linux machine can have a disk of its own. */
const canMount =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

describe.runIf(canMount)("a real disk", () => {
  const disk = () => at("disk");
  beforeEach(() => {
    mkdirSync(disk());
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk()]).status).toBe(0);
  });
  afterEach(() => {
    spawnSync("umount", [disk()]);
  });

  test.each(["full", "full after the lock", "read-only"])("that is %s", async (state) => {
    const expected = await open(at("whole"));
    mkdirSync(join(disk(), "cache"));
    const bytes = { full: 100_000, "full after the lock": 55_000, "read-only": 0 }[state] ?? 0;
    spawnSync("sh", ["-c", `head -c ${bytes} /dev/zero > ${disk()}/fill`]);
    if (state === "read-only") spawnSync("mount", ["-o", "remount,ro", disk()]);
    expect(await open(join(disk(), "cache"), await fresh())).toEqual(expected);
    expect(told.join("\n")).toMatch(/without the cache, in .*(ENOSPC|EROFS)/);
    if (state !== "read-only")
      expect(readdirSync(join(disk(), "cache")).filter((name) => /^lock/.test(name))).toEqual([]);
    expect(existsSync(at("whole"))).toBe(true);
  });
});
