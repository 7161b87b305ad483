/** Training under npm: what ends npm, or reaches both as a terminal's Ctrl-C does, saves the state. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { latestStep } from "../../src/node/run/directory.ts";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { sets, TINY } from "./run-command.ts";

vi.setConfig({ testTimeout: 180_000 });

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "npm-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ENDLESS = [...TINY, ...sets("train.steps=1000000", "train.saveEvery=20", "train.evalEvery=20")];

test("each script leaves its shell, so that npm's signals reach the command; Windows' shell has a file for that", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const ours = Object.values<string>(scripts).filter((script) => script.includes("whereabouts.mjs"));
  expect(ours.length).toBeGreaterThan(10);
  expect(ours.filter((script) => !/^exec node scripts\/whereabouts\.mjs \w+$/.test(script))).toEqual([]);
  expect(readFileSync(join(ROOT, "exec.cmd"), "utf8").trim()).toBe("@%*");
});

describe.skipIf(process.platform === "win32")("an end that npm hands on, or cannot", () => {
  test("the command is committed as one that can be run", () => {
    expect(statSync(join(ROOT, "scripts", "whereabouts.mjs")).mode & 0o111).toBe(0o111);
  });

  test.concurrent.each(["SIGTERM", "SIGKILL"] as const)("%s to npm alone", async (signal) => {
    const { npm, directory, ended } = await train(signal);
    npm.kill(signal);
    await expectSaved(directory, ended);
    if (signal === "SIGTERM") expect((await ended)[0]).toBe(130);
  });

  test.concurrent.each(["SIGINT", "SIGHUP"] as const)("%s to all that the terminal runs", async (signal) => {
    const { npm, directory, ended } = await train(signal);
    process.kill(-(npm.pid as number), signal);
    await expectSaved(directory, ended);
  });
});

interface Training {
  readonly npm: ChildProcess;
  readonly directory: string;
  readonly ended: Promise<unknown[]>;
}

/** Starts a training under npm, in a process group of its own, and waits for its first saved step. */
async function train(name: string): Promise<Training> {
  const directory = join(folder, name);
  const args = ["run", "-s", "train", "--", "models/learned.json", "--engine", "cpu", "--out", directory];
  const npm = spawn("npm", [...args, ...ENDLESS], { cwd: ROOT, detached: true, stdio: "ignore" });
  const ended = once(npm, "exit");
  await vi.waitUntil(() => existsSync(directory) && latestStep(directory) !== undefined, {
    timeout: 120_000,
  });
  return { npm, directory, ended };
}

async function expectSaved(directory: string, ended: Promise<unknown>): Promise<void> {
  await ended;
  await vi.waitUntil(() => readRunJson(directory)?.status === "interrupted", { timeout: 60_000 });
  const left = () => readdirSync(directory).filter((file) => /^lock-|\.tmp$/.test(file));
  await vi.waitUntil(() => left().length === 0, { timeout: 30_000 });
}
