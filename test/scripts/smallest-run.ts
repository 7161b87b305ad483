/** A run of the smallest world, and `whereabouts probe` of it: what the tests of probes share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { LEARNED, type Outcome, run, sets, TINY } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

/** Four nouns and one verb: a few dozen questions in all, so that a probe takes a moment. */
const SMALL_WORLD = sets("data.nouns=4", "data.verbs=1", "model.context=16");

/** Two sentences of that world, of the same words. */
export const PAIR = ["--pair", "dog bites man", "man bites dog"];

/** Trains one before the tests of a file, and removes it after them. */
export function smallestRun() {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  const trained = join(folder, "run");
  beforeAll(async () => {
    const args = ["train", LEARNED, "--out", trained, "--engine", "cpu", ...TINY, ...SMALL_WORLD];
    const { code, stderr } = await runInside(...args);
    expect(code, stderr).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const words = (args: readonly string[]) => ["probe", trained, "--engine", "wasm", ...args];
  return {
    folder,
    trained,
    /** `probe` of it, in the test's process. */
    probe: (...args: string[]) => runInside(...words(args)),
    /** The same in a process of its own. */
    probeAlone: (...args: string[]) => run(...words(args)),
  };
}

/** The JSON that a command printed. */
export function parsed<T>({ code, stdout, stderr }: Outcome): T {
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}
