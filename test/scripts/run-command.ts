/** Runs `whereabouts` in processes of its own, on models small enough to train in a second. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stepName } from "../../src/node/run/directory.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../../scripts/whereabouts.mjs", import.meta.url));

export const LEARNED = fileURLToPath(new URL("../../models/learned.json", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Settles with the first text on stderr, or with the end. */
  readonly firstWords: Promise<unknown>;
}

export const start = (...args: string[]): Running => startIn(ROOT, ...args);

/** @param cwd where it runs */
export function startIn(cwd: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [SCRIPT, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    texts.stderr += text;
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...texts, stderr: ours(texts.stderr) }));
  });
  const firstWords = Promise.race([
    new Promise((resolve) => child.stderr.once("data", resolve)),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  return { child, outcome, firstWords };
}

/** Without TensorFlow's notice, which a user has who turns its oneDNN operations on. */
function ours(stderr: string): string {
  if (!process.env.TF_ENABLE_ONEDNN_OPTS) return stderr;
  return stderr.replace(
    /^(WARNING: All log messages before absl::InitializeLog|I0000 .* oneDNN custom operations are on).*\n/gm,
    "",
  );
}

export const run = (...args: string[]): Promise<Outcome> => start(...args).outcome;

/** `--set` for each assignment. */
export const sets = (...assignments: string[]): string[] => assignments.flatMap((text) => ["--set", text]);

/** One layer, width 16, four contexts a step, six steps with two saves: later assignments win. */
export const TINY = sets(
  "model.width=16",
  "model.layers=1",
  "train.steps=6",
  "train.batch=4",
  "train.saveEvery=3",
  "train.evalEvery=3",
);

/** The bytes of the model that a run saved at a step. */
export function modelBytes(directory: string, step: number): Buffer {
  return readFileSync(join(directory, stepName(step), "model.safetensors"));
}
