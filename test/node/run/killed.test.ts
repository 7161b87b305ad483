import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanStaging, listSteps } from "../../../src/node/run/directory.ts";
import { readLog, rewindLog } from "../../../src/node/run/log.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "killed-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a writer killed 20 times, at any instant, leaves whole steps only, and a log without gaps or duplicates", async () => {
  const runs = [join(folder, "a"), join(folder, "b")];
  const halfWritten = (await Promise.all(runs.map((dir) => killRepeatedly(dir, 10)))).flat();
  expect(halfWritten.length).toBe(20);
  expect(halfWritten.some((names) => names.length > 0)).toBe(true); // else the kills fell beside the writing
  for (const dir of runs) await expectWhole(dir);
}, 120_000); // 20 processes start one after the other: slow on a busy machine

/** Starts a writer and kills it, again and again; returns what each kill left unfinished. */
async function killRepeatedly(dir: string, times: number): Promise<string[][]> {
  const left: string[][] = [];
  for (let i = 0; i < times; i += 1) {
    const writer = startWriter(dir);
    await once(writer.stdout as NodeJS.ReadableStream, "data");
    await pause(Math.random() * 40); // the instant is to differ from run to run; every outcome must hold
    writer.kill("SIGKILL");
    await once(writer, "exit");
    left.push(readdirSync(dir).filter((name) => name.endsWith(".tmp")));
    await expectWhole(dir);
  }
  return left;
}

function startWriter(dir: string): ChildProcess {
  const script = fileURLToPath(new URL("children/write-steps.ts", import.meta.url));
  return spawn(
    process.execPath,
    ["--import", new URL("../../../scripts/typescript.mjs", import.meta.url).href, script, dir],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
}

async function expectWhole(dir: string): Promise<void> {
  const steps = listSteps(dir);
  const folders = readdirSync(dir).filter((name) => /^step-\d+$/.test(name));
  expect(steps.map(({ step }) => step)).toEqual(Array.from(folders, (_, i) => i)); // complete, without a gap
  const log = readLog(dir).filter(({ step }) => step < steps.length);
  expect(log.map(({ step }) => step)).toEqual(steps.map(({ step }) => step));
  for (const { step, path } of steps.slice(-3)) {
    const model = join(path, "model.safetensors");
    const sha256 = createHash("sha256").update(readFileSync(model)).digest("hex");
    expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toEqual({ step, sha256 });
    expect(JSON.parse(readFileSync(join(path, "state.json"), "utf8"))).toEqual({ step });
    expect((await readSafetensors(model)).tensors.weight?.data[0]).toBe(step);
  }
}

test("what a kill left unfinished is removed, and the log rewound to the last whole step", async () => {
  const dir = join(folder, "a");
  cleanStaging(dir);
  expect(readdirSync(dir).filter((name) => /\.tmp$/.test(name) && !/^lock-/.test(name))).toEqual([]);
  const last = listSteps(dir).length - 1;
  await rewindLog(dir, last);
  expect(readLog(dir).at(-1)?.step ?? -1).toBe(last);
});
