/** Programs that commands run: where, and that none outlives the command. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runCommand } from "../../../src/node/files/command.ts";
import { isAlive } from "../../is-alive.ts";

const TYPESCRIPT = new URL("../../../scripts/typescript.mjs", import.meta.url).href;
const COMMAND = new URL("../../../src/node/files/command.ts", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "command-"));
afterAll(() => rmSync(folder, { recursive: true }));

const python = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!python)("Python imports nothing from the folder that the command is run in", async () => {
  writeFileSync(join(folder, "pip.py"), `open(${JSON.stringify(join(folder, "ran"))}, "w")`);
  const here = process.cwd();
  process.chdir(folder);
  try {
    await runCommand(["python3", "-c", "import pip"]);
    await runCommand(["python3", "-m", "pip", "--version"]);
    expect(existsSync(join(folder, "ran"))).toBe(false);
    writeFileSync(join(folder, "program"), "#!/bin/sh\necho runs\n", { mode: 0o755 });
    expect((await runCommand(["./program"])).output).toBe("runs\n"); // a path of the user's is one from there
  } finally {
    process.chdir(here);
  }
});

describe.skipIf(process.platform === "win32")("a program that runs", () => {
  const startOf = (code: string) => ["--import", TYPESCRIPT, "--input-type=module", "--eval", code];
  const program = `require("fs").writeFileSync("pid", String(process.pid)); setTimeout(() => {}, 60000)`;
  const parent = (listen: string) =>
    `import { runCommand } from ${JSON.stringify(COMMAND)}; ${listen};
     await runCommand([process.execPath, "-e", ${JSON.stringify(program)}], { cwd: ${JSON.stringify(folder)} });`;

  test.each([
    ["SIGINT", "", { code: null, signal: "SIGINT" }],
    ["SIGTERM", "", { code: null, signal: "SIGTERM" }],
    ["SIGHUP", "", { code: null, signal: "SIGHUP" }],
    ["SIGTERM", 'process.on("SIGTERM", () => process.exit(130))', { code: 130, signal: null }],
  ] as const)("ends with a command that %s ends%s", async (signal, listen, expected) => {
    rmSync(join(folder, "pid"), { force: true });
    const child = spawn(process.execPath, startOf(parent(listen)), { stdio: "inherit" });
    const pid = await vi.waitUntil(
      () => existsSync(join(folder, "pid")) && Number(readFileSync(join(folder, "pid"), "utf8")),
      { timeout: 30_000 },
    );
    child.kill(signal);
    const [code, killed] = await once(child, "exit");
    expect({ code, signal: killed }).toEqual(expected);
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  });

  test("ends with a command that a signal ends before it knows of the program", async () => {
    rmSync(join(folder, "pid"), { force: true });
    const script = "echo $$ > pid; kill -TERM $PPID; exec sleep 60";
    const code = `import { runCommand } from ${JSON.stringify(COMMAND)};
      await runCommand(["sh", "-c", ${JSON.stringify(script)}], { cwd: ${JSON.stringify(folder)} });`;
    const child = spawn(process.execPath, startOf(code), { stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
  });

  test("ends when its signal is aborted", async () => {
    const began = performance.now();
    const signal = AbortSignal.timeout(200);
    const { code } = await runCommand([process.execPath, "-e", "setTimeout(() => {}, 60000)"], { signal });
    expect(code).toBeNull();
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
