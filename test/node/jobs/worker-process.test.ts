/** A worker that computes and hears nothing: a probe on an engine that never waits. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openWorker } from "../../../src/node/jobs/executors/worker-process.ts";
import { isAlive } from "../../is-alive.ts";

const folder = mkdtempSync(join(tmpdir(), "worker-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROOT = join(import.meta.dirname, "..", "..", "..");
const script = join(folder, "deaf.mjs");
writeFileSync(
  script,
  `process.on("message", () => {
    const event = { kind: "tell", text: String(process.pid) };
    process.send({ kind: "event", event }, () => { for (;;); });
  });\n`,
);
const OPTIONS = { engine: "cpu", threads: 1 } as const;
const PROBE = { kind: "probe", job: {}, directory: folder } as const;

test("a probe that hears no message is not waited for when all is to stop, and is no failure", async () => {
  const worker = openWorker({ script, args: [] }, OPTIONS);
  let pid = 0;
  const answer = await worker.ask("deaf", PROBE, (event) => {
    if (event.kind === "tell") pid = Number(event.text);
    worker.stop();
  });
  expect(answer).toBeUndefined();
  expect(pid).toBeGreaterThan(0);
  expect(isAlive(pid)).toBe(false);
  expect(worker.isAlive()).toBe(false);
});

test("a probe does not outlive a parent that ends at once", async () => {
  const parent = join(folder, "parent.mts");
  const module = pathToFileURL(join(ROOT, "src/node/jobs/executors/worker-process.ts")).href;
  writeFileSync(
    parent,
    `import { openWorker } from ${JSON.stringify(module)};
    const worker = openWorker({ script: ${JSON.stringify(script)}, args: [] }, ${JSON.stringify(OPTIONS)});
    worker.ask("deaf", ${JSON.stringify(PROBE)}, ({ text }: { text: string }) => {
      process.stdout.write(text, () => process.exit(130));
    });\n`,
  );
  const typescript = pathToFileURL(join(ROOT, "scripts/typescript.mjs")).href;
  const { status, stdout } = spawnSync(process.execPath, ["--import", typescript, parent], {
    encoding: "utf8",
  });
  expect(status).toBe(130);
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
});
