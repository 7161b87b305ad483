/**
 * Commands in a clone without its packages: one installs them, the other waits for it. The npm here
 * is made up.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isAlive } from "../is-alive.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");
let clone: string;

/** Says that it was called, and after a while installs what is needed here. */
const NPM = `
  const { appendFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
  writeFileSync("npm.pid", String(process.pid));
  appendFileSync("installs.txt", "one ");
  rmSync("node_modules", { recursive: true, force: true });
  setTimeout(() => {
    mkdirSync("node_modules");
    for (const name of readdirSync(${JSON.stringify(MODULES)}).filter((name) => name[0] !== "."))
      symlinkSync(${JSON.stringify(MODULES)} + "/" + name, "node_modules/" + name);
    writeFileSync("node_modules/.package-lock.json", '{"packages":{"node_modules/nothing":{"version":"1"}}}');
  }, 1500);`;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "clone-"));
  mkdirSync(join(clone, "npm"), { recursive: true });
  for (const folder of [
    "scripts",
    join("src", "node", "files"),
    join("src", "node", "files", "typescript"),
  ]) {
    mkdirSync(join(clone, folder), { recursive: true });
    for (const name of readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".mjs")))
      cpSync(join(ROOT, folder, name), join(clone, folder, name));
  }
  writeFileSync(join(clone, "package.json"), '{"type":"module"}');
  writeFileSync(join(clone, "package-lock.json"), '{"packages":{"node_modules/nothing":{"version":"1"}}}');
  writeFileSync(join(clone, "scripts", "main.ts"), 'const line: string = "main runs"; console.log(line);');
  writeFileSync(join(clone, "npm", "package.json"), "{}");
  writeFileSync(join(clone, "npm", "npm-cli.js"), NPM);
});
afterEach(() => rmSync(clone, { recursive: true }));

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

function command(more: NodeJS.ProcessEnv = {}): {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
} {
  const env = { ...process.env, npm_execpath: join(clone, "npm", "npm-cli.js"), ...more };
  const child = spawn(process.execPath, [join(clone, "scripts", "whereabouts.mjs")], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const outcome = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { child, outcome: outcome.then(([stdout, stderr, [code]]) => ({ stdout, stderr, code })) };
}

const installs = () => readFileSync(join(clone, "installs.txt"), "utf8");
function npmPid(): Promise<number> {
  const file = join(clone, "npm.pid");
  const read = () => existsSync(file) && Number(readFileSync(file, "utf8"));
  return vi.waitUntil(read, { timeout: 30_000 }) as Promise<number>; // 0 and false are waited for
}
const locks = () => readdirSync(clone).filter((name) => name.startsWith("lock-"));

test("of three at once one installs; the others say for whom they wait, and all run", async () => {
  const all = await Promise.all([command(), command(), command()].map(({ outcome }) => outcome));
  expect(all.map(({ stdout }) => stdout)).toEqual(Array(3).fill("main runs\n"));
  expect(installs()).toBe("one ");
  const waited = all.filter(({ stderr }) =>
    /^whereabouts: waiting for the npm ci of pid \d+ on \S+$/m.test(stderr),
  );
  expect(waited).toHaveLength(2);
  expect(locks()).toEqual([]);
});

test("one that was killed with its npm holds nobody up, and neither does what an earlier version left", async () => {
  const first = command();
  const npm = await npmPid();
  first.child.kill("SIGKILL");
  process.kill(npm, "SIGKILL");
  await first.outcome;
  writeFileSync(join(clone, "npm-ci.tmp"), String(first.child.pid));
  const { stdout, stderr } = await command().outcome;
  expect(stdout).toBe("main runs\n");
  expect(stderr).not.toMatch(/waiting/);
  expect(readdirSync(clone).filter((name) => /^lock-|\.tmp$/.test(name))).toEqual([]);
});

test("one that was killed alone leaves npm at work: the next command waits for it, and starts no other", async () => {
  const first = command();
  const npm = await npmPid();
  await vi.waitUntil(() => locks().some((name) => name.startsWith(`lock-${npm}-`)), { timeout: 30_000 });
  first.child.kill("SIGKILL");
  const { stdout, stderr } = await command().outcome;
  expect(stdout, stderr).toBe("main runs\n");
  expect(stderr).toMatch(new RegExp(`waiting for the npm ci of pid ${npm} on`));
  expect(stderr).not.toMatch(/installing/);
  expect(installs()).toBe("one ");
  expect(locks()).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s ends npm with the command", async (signal) => {
  writeFileSync(
    join(clone, "npm", "npm-cli.js"),
    'require("node:fs").writeFileSync("npm.pid", String(process.pid)); setTimeout(() => {}, 60_000);',
  );
  const { child, outcome } = command();
  const pid = await npmPid();
  child.kill(signal);
  const { code, stderr } = await outcome;
  expect(stderr).toMatch(/^whereabouts: npm ci was interrupted; the same command begins it again$/m);
  expect(code).toBe(130);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(locks()).toEqual([]);
});

test("the end of npm, or of the shell between, ends the command and what it installs with", async () => {
  writeFileSync(
    join(clone, "npm", "npm-cli.js"),
    'require("node:fs").writeFileSync("npm.pid", String(process.pid)); setTimeout(() => {}, 60_000);',
  );
  const script = join(clone, "scripts", "whereabouts.mjs");
  const parent = spawn(
    process.execPath,
    [
      "-e",
      `require("child_process").spawn(process.execPath, [${JSON.stringify(script)}]); setTimeout(() => {}, 60_000)`,
    ],
    {
      env: { ...process.env, npm_execpath: join(clone, "npm", "npm-cli.js"), npm_lifecycle_event: "train" },
      stdio: "ignore",
    },
  );
  const pid = await npmPid();
  parent.kill("SIGKILL");
  await vi.waitUntil(() => !isAlive(pid), { timeout: 30_000 });
});

test.skipIf(process.platform === "win32")(
  "under yarn it is npm that installs: yarn ci is no command",
  async () => {
    mkdirSync(join(clone, "bin"));
    writeFileSync(join(clone, "bin", "package.json"), "{}");
    writeFileSync(join(clone, "bin", "npm"), `#!${process.execPath}\n${NPM}`, { mode: 0o755 });
    writeFileSync(join(clone, "npm", "yarn.js"), "process.exit(1)");
    const { stdout, stderr } = await command({
      npm_execpath: join(clone, "npm", "yarn.js"),
      PATH: `${join(clone, "bin")}${delimiter}${process.env.PATH}`,
    }).outcome;
    expect(stdout, stderr).toBe("main runs\n");
    expect(installs()).toBe("one ");
  },
);
