#!/usr/bin/env node
/**
 * The `whereabouts` command and the start of every npm script: checks Node, installs what
 * package-lock.json names when node_modules does not match it, then runs scripts/main.ts in this
 * process. Plain JavaScript without dependencies, because it runs before there are any.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { takeLock } from "../src/node/files/lock-files.mjs";

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const modules = join(root, "node_modules");
const stamp = join(modules, ".whereabouts-lock");

/**
 * Oldest minor version of each major that works; newer majors work too. Kept equal to `engines` in
 * package.json.
 */
const OLDEST_MINOR = { 20: 19, 22: 12 };
const OLDEST_OPEN_MAJOR = 24;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

checkNode();
endWithNpm();
// The modules of what is built are those of the project that it is installed in.
if (existsSync(join(root, "package-lock.json"))) await ensureModules();
const { program } = await import("./program.mjs");
await program("main");

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major >= OLDEST_OPEN_MAJOR || minor >= (OLDEST_MINOR[major] ?? Number.POSITIVE_INFINITY)) return;
  fail(`Node ${process.versions.node} is not supported; use Node 20.19, 22.12, 24 or newer (nodejs.org)`);
}

/** The stamp holds the hash of the lock file that the modules were installed from. */
async function ensureModules() {
  const text = readFileSync(join(root, "package-lock.json"));
  const hash = createHash("sha256").update(text).digest("hex");
  const fresh = () => existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
  if (fresh()) return;
  if (!installedByHand(JSON.parse(text))) {
    await alone(async (lock) => {
      if (!fresh() && !installedByHand(JSON.parse(text))) await npmCi(lock);
      writeStamp(hash);
    });
  } else writeStamp(hash);
}

/** npm keeps its own record of what it has installed: after a plain `npm ci` there is nothing to do again. */
function installedByHand(lock) {
  try {
    const installed = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")).packages;
    return Object.entries(lock.packages).every(([path, { version, optional, peer, dev }]) => {
      if (path === "" || installed[path]?.version === version) return true;
      return (
        installed[path] === undefined && (optional || peer || (dev && process.env.NODE_ENV === "production"))
      );
    });
  } catch {
    return false; // nothing installed, or npm was interrupted before it wrote its record
  }
}

/**
 * npm, or the shell between, may be ended alone and hand nothing on: this process then has another
 * parent, and ends as by SIGTERM, unless interrupt.ts has work to save. Without npm that is no
 * sign: a shell may go and leave its work in the background.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (!process.emit("npmEnded")) process.kill(process.pid, "SIGTERM");
  }, 250);
  watch.unref();
}

/**
 * A signal ends npm first: what it was doing would go on beside the next command's. SIGKILL leaves
 * it alone, so the lock names it too, and the next command waits for it.
 */
async function npmCi(lock) {
  console.error("whereabouts: installing the packages of package-lock.json (npm ci)");
  const script = process.env.npm_execpath; // of yarn and pnpm too: yarn ci is no command
  const [program, ...args] = /[\\/]npm-cli\.js$/.test(script ?? "") ? [process.execPath, script] : ["npm"];
  let interrupted;
  const stop = (signal) => {
    interrupted = signal;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop); // before npm runs, which is before spawn returns
  const child = spawn(program, [...args, "ci"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && program === "npm", // there it is a batch file
  });
  const ended = child.pid === undefined ? () => {} : lock.heldBy(child.pid);
  const { error, status } = await new Promise((resolve) => {
    child.once("error", (error) => resolve({ error }));
    child.once("close", (status) => resolve({ status }));
  });
  for (const signal of SIGNALS) process.off(signal, stop);
  ended();
  if (interrupted !== undefined) fail("npm ci was interrupted; the same command begins it again", 130);
  if (error) fail(`npm cannot be started (${error.code}); install npm, then run npm ci in ${root}`);
  if (status !== 0) fail(`npm ci failed in ${root}; mend what it says above, then try again`);
}

function writeStamp(hash) {
  try {
    writeFileSync(stamp, hash);
  } catch {
    // A folder that cannot be written is checked again next time, which costs some milliseconds.
  }
}

/** Two commands started at once must not both empty node_modules: the second waits for the first. */
async function alone(work) {
  let told = false;
  const onOthers = ({ owner, name }) => {
    if (!told)
      console.error(
        `whereabouts: waiting for the npm ci of ${owner ? `pid ${owner.pid} on ${owner.host}` : name}`,
      );
    told = true;
    return true;
  };
  const lock = await takeLock(root, { onOthers, formerName: "npm-ci.tmp" }).catch(({ code, message }) =>
    fail(`cannot write to ${root} (${code ?? message}); run npm ci there`),
  );
  try {
    await work(lock);
  } finally {
    lock.release();
  }
}

function fail(message, code = 1) {
  console.error(`whereabouts: ${message}`);
  process.exit(code);
}
