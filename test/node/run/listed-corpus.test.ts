/** A corpus is listed by an entry of the manifest and a line: here one of rhymes, from a wheel made here. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { type ListedCorpus, listedCorpus } from "../../../src/node/run/text/listed-corpus.ts";
import { fetchedCorpora } from "../../../src/node/run/text/manifest.ts";
import { makeZip } from "../files/zip.ts";
import { pathOf } from "../native/fake-setup.ts";

const folder = mkdtempSync(join(tmpdir(), "listed-corpus-"));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
const WHEEL = makeZip({
  "rhymes/verse/jack.md": "# Jack and Jill\n",
  "rhymes/verse/mary.md": "# Mary, Mary\n",
  "rhymes/verse/humpty.md": "# Humpty Dumpty\n",
  "rhymes/__init__.py": "nothing",
});

/** The text: files of training by name, then those held out. */
const TEXT = "Humpty Dumpty\nJack and Jill\nMary, Mary\n";
const ENTRY = {
  name: "rhymes",
  source: "Mother Goose",
  licence: "public domain",
  bytes: TEXT.length,
  sha256: sha256(TEXT),
  package: { requirement: "rhymes==1.0", sha256: sha256(WHEEL), bytes: WHEEL.length },
  files: "^rhymes/verse/\\w+\\.md$",
  heldout: ["mary"],
};
const plain = (text: string) => text.replace(/^# /, "");

/** The entry as the manifest's reader takes it, with its line. */
function listed(change: object = {}): ListedCorpus {
  const [entry] = fetchedCorpora({ corpora: [{ ...ENTRY, ...change }] }, "manifest");
  if (entry === undefined) throw new Error("no entry");
  return { ...entry, plain };
}

/** A cache folder, and a pip in front of all others that hands out the wheel, or has none. */
function cacheWith(name: string, wheel = true): string {
  const cache = join(folder, name);
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(folder, "rhymes-1.0-py3-none-any.whl"), WHEEL);
  const copy = `for word; do case "$word" in --dest=*) cp ${folder}/*.whl "\${word#--dest=}";; esac; done`;
  const pip3 = wheel ? copy : '[ "$1" != download ]';
  vi.stubEnv("PATH", `${pathOf(folder, { pip3, python3: "exit 1" })}:${process.env.PATH}`);
  return cache;
}

const onUnix = test.skipIf(process.platform === "win32"); // a script stands for pip

onUnix("it is fetched once, made plain and split by name; a damaged one is fetched again", async () => {
  const cache = cacheWith("whole");
  mkdirSync(join(cache, "rhymes.tmp")); // of a process that was killed
  const said: string[] = [];
  const tell = (text: string) => void said.push(text);
  const { train, heldout } = await listedCorpus(listed(), cache, tell);
  expect(train.map(({ path }) => basename(path))).toEqual(["humpty.txt", "jack.txt"]);
  expect(heldout.map(({ path }) => readFileSync(path, "utf8"))).toEqual(["Mary, Mary\n"]);
  expect(said).toEqual([expect.stringMatching(/^data: downloading the corpus "rhymes" \(rhymes==1\.0, /)]);
  expect(readdirSync(cache)).toEqual(["rhymes"]);

  cacheWith("whole", false);
  expect((await listedCorpus(listed(), cache, tell)).train).toEqual(train);
  expect(said).toHaveLength(1);
  writeFileSync(join(cache, "rhymes", "train", "jack.txt"), "Jack and J");
  const failed = listedCorpus(listed(), cache, tell);
  await expect(failed).rejects.toThrow(InputError);
  await expect(failed).rejects.toThrow(/then run npm run -s data -- rhymes$/);
  cacheWith("whole");
  await listedCorpus(listed(), cache, tell);
  expect(readFileSync(join(cache, "rhymes", "train", "jack.txt"), "utf8")).toBe("Jack and Jill\n");
});

onUnix("a text that is not the manifest's is refused, with both hashes", async () => {
  const other = "0".repeat(64);
  await expect(listedCorpus(listed({ sha256: other }), cacheWith("other"), () => {})).rejects.toThrow(
    `has SHA-256 ${ENTRY.sha256}, expected ${other}`,
  );
});

test.each<[object, RegExp]>([
  [{ package: { ...ENTRY.package, requirement: "rhymes" } }, /^manifest: corpora/],
  [{ package: { ...ENTRY.package, sha256: "ab" } }, /^manifest: corpora/],
  [{ name: "../rhymes" }, /^manifest: corpora/],
  [{ heldout: [] }, /^manifest: corpora/],
])("an entry with %j is refused", (change, message) => {
  expect(() => listed(change)).toThrow(message);
});
