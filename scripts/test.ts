/**
 * `whereabouts test`, which is `npm test`: sets up what is missing, then types, lint and tests; the
 * last line counts them.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { type Command, runCommand, runVisibly } from "../src/node/files/command.ts";
import { ROOT } from "../src/node/files/root.ts";
import { SetupError } from "../src/node/native/setup/index.ts";
import { setUpNative } from "./engine-option.ts";
import { nodeBinary } from "./test/node-binary.ts";
import { plainRoot } from "./test/plain-copy.ts";

interface TestArguments {
  readonly files: readonly string[];
  readonly node: readonly string[];
  readonly checks: boolean;
}

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const command = "test [files..]";
export const describe = "set up what is missing, then check types, lint and tests";

export function builder(yargs: Argv) {
  return yargs
    .positional("files", {
      type: "string",
      array: true,
      default: [],
      describe: "only test files whose path contains one of these",
    })
    .option("checks", {
      type: "boolean",
      default: true,
      describe: "check types and lint of all files first; --no-checks runs tests alone",
    })
    .option("node", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe:
        "run on this version of Node too what meets Node itself, such as 24.21.0; VERSION@sha512-… where its hash is not known",
    });
}

export async function handler({ files, node, checks }: ArgumentsCamelCase<TestArguments>): Promise<void> {
  await setUpNativeOrSay();
  const tallies: Tally[] = [];
  if (checks) for (const [name, command] of CHECKS) tallies.push(await check(name, command));
  tallies.push(await tests(process.execPath, files));
  const there = files.length > 0 ? files : MEETS_NODE;
  for (const version of node) tallies.push(await tests(await nodeBinary(version), there));
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
  if (sum("failed") > 0) process.exitCode = 1;
}

const CHECKS: readonly (readonly [string, Command])[] = [
  ["types", [process.execPath, "node_modules/typescript/bin/tsc", "--project", "."]],
  ["lint", [process.execPath, "node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", "."]],
];

/**
 * What another Node can change, each by the tests that meet it most: how modules are loaded (pure,
 * own-), files and locks, processes and signals (jobs, npm, interrupted, killed), deprecations
 * (stderr), TensorFlow's addon and what it frees (operations, memory, compiled), WebAssembly
 * (engine), a command of each kind (commands). Arithmetic, formats, graphs, probes and figures are
 * the same JavaScript on every Node.
 */
const MEETS_NODE: readonly string[] = [
  ...["api/pure", "engine/", "train/compiled", "scripts/commands", "scripts/interrupted"],
  ...["scripts/npm.test", "scripts/npm-ci", "scripts/own-walks", "node/jobs/job"],
  ...["node/native/graph/operations", "node/native/graph/memory", "node/native/graph/turns"],
  ...["node/native/setup.test", "node/native/stderr", "node/files/durable"],
  ...["node/files/lock.test", "node/files/pip", "node/files/unzip", "node/run/killed", "node/run/own-"],
].map((path) => `test/${path}`);

/** Without the native engine the tests that need it are skipped, and say so. */
async function setUpNativeOrSay(): Promise<void> {
  try {
    await setUpNative();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(
      `${error.message}\ntest: goes on without the native engine; its tests are skipped\n`,
    );
  }
}

async function check(name: string, command: Command): Promise<Tally> {
  process.stdout.write(`\n${name}\n`);
  const { code } = await runVisibly(command, { cwd: ROOT });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function tests(program: string, files: readonly string[]): Promise<Tally> {
  const version = (await runCommand([program, "--version"])).output.trim();
  process.stdout.write(`\ntests on Node ${version}\n`);
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-tests-"));
  const report = join(folder, "report.json");
  try {
    const args = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ];
    const { code } = await runVisibly([program, ...args, ...files], { cwd: plainRoot(ROOT, folder) });
    return tallyOf(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that ended badly without a failed test, such as a file that does not load, counts as one failure. */
function tallyOf(report: string, status: number | null): Tally {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as Record<
      string,
      number
    >;
    const failed = numFailedTests ?? 0;
    return { passed: numPassedTests ?? 0, failed: failed === 0 && status !== 0 ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
