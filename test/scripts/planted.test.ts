/**
 * A planted difference is found and a planted tie is called a tie, from the command line to the
 * sentence on the page: runs whose logs hold losses that were put there.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startEngine } from "../../src/node/native/engines.ts";
import { logPath } from "../../src/node/run/log.ts";
import { runTraining } from "../../src/node/run/training.ts";
import { parsePreset } from "../../src/train/preset.ts";
import { runInside } from "./run-inside.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "planted-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a seed does to all its runs, in nats: far more than the difference that is planted. */
const SHARED = [0.4, -0.3, 0.1, -0.2];
/** What is left between two runs of a seed. */
const OWN = [0.002, -0.001, 0.0015, -0.0005];
const SHIFTS = { first: 0, second: 0.2, twin: 0 };

beforeAll(async () => {
  const engine = await startEngine("cpu");
  const path = join(folder, "text.txt");
  writeFileSync(path, "dog bites man. ".repeat(60));
  for (const [k, [name, shift]] of Object.entries(SHIFTS).entries()) {
    for (const [seed, shared] of SHARED.entries()) {
      const model = { layers: 1, heads: 1, width: 4, context: 6, position: { kind: "none" } };
      const train = { steps: 3, batch: 2, warmup: 1, saveEvery: 1, evalBatches: 1 };
      const preset = parsePreset({ name, seed, model, train, data: { kind: "text", path } }, name);
      const out = join(folder, "runs", `${name}-${seed}`);
      await runTraining(preset, { out, engine, versions: {} });
      const loss = 2 + shared + shift + (OWN[(seed + k) % OWN.length] as number);
      writeFileSync(logPath(out), "");
      appendFileSync(logPath(out), `${JSON.stringify({ step: 3, split: "validation", loss })}\n`);
    }
  }
});

test("second is worse by 0.2, twin is the same within 0.05: in the table, in the words and on the page", async () => {
  const page = join(folder, "page.html");
  const { code, stdout, stderr } = await runInside(
    ...["compare", join(folder, "runs"), "--metric", "validation_at_step", "--engine", "cpu"],
    ...["--against", "first", "--equivalence", "0.05", "--page", page],
  );
  expect(code, stderr).toBe(0);
  const words = stdout.replaceAll(/\s+/g, " ");
  expect(words).toMatch(
    /Against first: second is worse by 0\.(199|200|201); twin is the same within 0\.05\./,
  );
  expect(stdout).toMatch(/^second .*\bworse$/m);
  expect(stdout).toMatch(/^twin .*\bthe same within 0\.05$/m);
  expect(readFileSync(page, "utf8").replaceAll(/<[^>]*>/g, "")).toMatch(
    /Against first: second is worse by 0\.(199|200|201); twin is the same within 0\.05\./,
  );
});
