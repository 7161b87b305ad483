/** What a command may say of the native engine without loading it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { processIdentity } from "../../../src/node/files/process-identity.mjs";
import { forgetStart, knownStart, noteStart } from "../../../src/node/native/known-start.ts";
import { beginStart } from "../../../src/node/native/setup/failed-starts.ts";
import { readInstallRecord } from "../../../src/node/native/setup/records.ts";
import { addonPath, statusOf } from "../../../src/node/native/setup/status.ts";

const status = statusOf("native");
const skip = !status.ready || processIdentity().boot === undefined;
const record = () =>
  readInstallRecord(dirname(addonPath())) as NonNullable<ReturnType<typeof readInstallRecord>>;
let note: string;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "known-start-"));
  vi.stubEnv("XDG_CACHE_HOME", home);
  note = join(home, "whereabouts", "native", "started-native.json");
  mkdirSync(dirname(note), { recursive: true });
  return () => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  };
});

test.skipIf(skip)("an engine that has started is known, with the threads that are asked for", () => {
  expect(knownStart(1)).toBeUndefined();
  noteStart(record(), "TensorFlow 1 through a test");
  expect(knownStart(3)).toEqual({ name: "native", detail: "TensorFlow 1 through a test", threads: 3 });
  expect(knownStart(undefined)?.threads).toBeGreaterThan(0);
});

test.skipIf(skip)("it is not where another file, boot or start came between, or the note is damaged", () => {
  noteStart({ ...record(), addonSha256: "of another addon" }, "x");
  expect(knownStart(1)).toBeUndefined();
  noteStart(record(), "x");
  expect(knownStart(1)).toBeDefined();
  const text = readFileSync(note, "utf8");
  writeFileSync(note, JSON.stringify({ ...JSON.parse(text), boot: "another" }));
  expect(knownStart(1)).toBeUndefined();
  writeFileSync(note, text.slice(0, 20));
  expect(knownStart(1)).toBeUndefined();
  writeFileSync(note, text);
  const starting = join(dirname(note), "starting-native-of-a-test.json");
  writeFileSync(starting, JSON.stringify({ ...processIdentity(), pid: 2 ** 30 }));
  expect(knownStart(1)).toBeUndefined();
  rmSync(starting);
  expect(knownStart(1)).toBeDefined();
});

test.skipIf(skip)("it is not where code cannot be kept: whoever starts it says so", () => {
  noteStart(record(), "x");
  writeFileSync(join(dirname(dirname(note)), "code"), "a file where the folder should be");
  expect(knownStart(1)).toBeUndefined();
});

test.skipIf(skip)("a start that fails is forgotten, one that is under way changes nothing", () => {
  noteStart(record(), "x");
  const started = beginStart("native");
  expect(knownStart(1)).toBeDefined();
  started();
  forgetStart();
  expect(existsSync(note)).toBe(false);
  expect(knownStart(1)).toBeUndefined();
});
