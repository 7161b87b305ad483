/**
 * What the file of a task, a corpus or a probe of the user's own may export, and what is said of
 * one that cannot be used.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sent } from "./children/load-own.ts";
import { corpus, oneRow, probe, task, wrong } from "./own-files.ts";

let folder: string;
let child: ChildProcess;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "own-definitions-"));
  // A process, for the test runner replaces the import of a file by its own.
  child = fork(new URL("children/load-own.ts", import.meta.url), {
    execArgv: ["--import", new URL("../../../scripts/typescript.mjs", import.meta.url).href],
  });
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

async function answerTo(sent: Sent): Promise<string> {
  const answer = once(child, "message");
  child.send(sent);
  return String((await answer)[0]);
}

let files = 0;

/** "loaded", or the error, of a file with this text. */
function outcomeOf(kind: "task" | "corpus" | "probe", text: string): Promise<string> {
  const file = join(folder, `file-${files++}.ts`);
  writeFileSync(file, text);
  return answerTo({ [kind]: file, cache: join(folder, "cache") });
}

test.each(wrong)("%s: %s: an InputError", async (kind, _title, text, message) => {
  const outcome = await outcomeOf(kind, text);
  expect(outcome).toMatch(new RegExp(`^InputError: --${kind}: .*file-\\d+\\.ts`));
  expect(outcome).toMatch(message);
});

test("a number of a probe that is not finite is no fault of the file's: the same error as of a listed probe", async () => {
  expect(await outcomeOf("probe", oneRow("value: NaN"))).toMatch(
    /^NotFiniteError: probe mine: 0\.value is NaN/,
  );
});

test.each([
  ["task", "the default export", task()],
  ["task", "the only export", task().replace("export default", "export const mine =")],
  ["corpus", "the default export", corpus()],
  [
    "corpus",
    "texts one at a time",
    corpus('parts: async () => ({ train: (async function* () { yield "a rose is a rose "; })() })'),
  ],
  ["probe", "the default export", probe()],
] as const)("%s: %s loads", async (kind, _title, text) => {
  expect(await outcomeOf(kind, text)).toBe("loaded");
});

describe("a corpus of one's own is made once for each version of its file", () => {
  const parts = () =>
    `export default { name: "once", licence: "MIT", source: "here", parts() {
      appendFileSync(${JSON.stringify(join(folder, "made"))}, "made\\n");
      return { train: ["a rose is a rose"], heldout: ["is a rose a rose"] }; } };`;
  const file = () => join(folder, "once.ts");
  const made = () => readFileSync(join(folder, "made"), "utf8").split("\n").length - 1;
  const open = () => answerTo({ corpus: file(), cache: join(folder, "cache-once") });

  test("and what is kept says where it comes from", async () => {
    writeFileSync(file(), `import { appendFileSync } from "node:fs"; ${parts()}`);
    expect([await open(), await open()]).toEqual(["loaded", "loaded"]);
    expect(made()).toBe(1);
    const [name = ""] = readdirSync(join(folder, "cache-once", "corpora"));
    expect(name).toMatch(/^once-[0-9a-f]{16}$/);
    const record = JSON.parse(
      readFileSync(join(folder, "cache-once", "corpora", name, "corpus.json"), "utf8"),
    );
    expect(record).toMatchObject({ licence: "MIT", source: "here", train: { files: 1, bytes: 16 } });
  });

  test("what is damaged is made anew", async () => {
    const [name = ""] = readdirSync(join(folder, "cache-once", "corpora"));
    writeFileSync(join(folder, "cache-once", "corpora", name, "train", "00000.txt"), "a rose");
    expect([await open(), made()]).toEqual(["loaded", 2]);
  });
});
