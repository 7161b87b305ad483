/** What is hashed again of the kept code, in folders without TensorFlow. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let cache: string;
let folder: string;
const path = (name: string) => join(folder, name);
const list = () => path("whole.json");

/** What a process does before it compiles its first graph. */
async function checkInNewProcess(): Promise<typeof import("../../../src/node/native/kept-code.ts")> {
  vi.resetModules(); // a folder is checked once a process
  const kept = await import("../../../src/node/native/kept-code.ts");
  kept.codeFolderFlags(() => cache, []);
  folder = kept.codeFolder() as string;
  kept.checkCode();
  return kept;
}

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "whereabouts-whole-"));
  const { sealCode } = await checkInNewProcess();
  for (const name of ["a", "b"]) writeFileSync(path(name), name.repeat(100));
  sealCode();
});

afterEach(() => rmSync(cache, { recursive: true, force: true }));

const SEAL_OF_OTHERS = createHash("sha256").update("other").digest("hex");

describe.skipIf(process.platform !== "linux")(
  "an entry that was found whole since the machine was started",
  () => {
    test("is not hashed again by a later process", async () => {
      await checkInNewProcess();
      writeFileSync(path("a.sha256"), SEAL_OF_OTHERS); // would have it removed
      await checkInNewProcess();
      expect(readdirSync(folder).sort()).toEqual(["a", "a.sha256", "b", "b.sha256", "whole.json"]);
    });

    test("is, once the machine was started again", async () => {
      await checkInNewProcess();
      writeFileSync(path("a.sha256"), SEAL_OF_OTHERS);
      writeFileSync(
        list(),
        JSON.stringify({ ...JSON.parse(readFileSync(list(), "utf8")), boot: "the last one" }),
      );
      await checkInNewProcess();
      expect(readdirSync(folder).sort()).toEqual(["b", "b.sha256", "whole.json"]);
      expect(Object.keys(JSON.parse(readFileSync(list(), "utf8")).entries)).toEqual(["b"]);
    });

    test("is, once it was written to, with the same size and time or not", async () => {
      await checkInNewProcess();
      const { atime, mtime } = statSync(path("a"));
      writeFileSync(path("a"), "x".repeat(100));
      utimesSync(path("a"), atime, mtime);
      await checkInNewProcess();
      expect([existsSync(path("a")), existsSync(path("b"))]).toEqual([false, true]);
    });

    test("is, where the list is damaged", async () => {
      await checkInNewProcess();
      writeFileSync(path("a.sha256"), SEAL_OF_OTHERS);
      writeFileSync(list(), readFileSync(list()).subarray(0, 40));
      await checkInNewProcess();
      expect([existsSync(path("a")), existsSync(path("b"))]).toEqual([false, true]);
    });

    test("is removed where its checksum is gone, and it is no new one", async () => {
      await checkInNewProcess();
      for (const name of ["a", "b"]) rmSync(path(`${name}.sha256`));
      utimesSync(path("a"), new Date(), new Date(Date.now() - 120_000));
      await checkInNewProcess();
      expect(readdirSync(folder).sort()).toEqual(["b", "whole.json"]);
    });
  },
);
