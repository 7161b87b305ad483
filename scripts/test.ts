/** `whereabouts test`, which is `npm test`: sets up what is missing, then types, lint and tests; the last line counts them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { SetupError } from "../src/engine/native-setup/index.ts";
import { cacheFolder } from "../src/engine/native-setup/status.ts";
import { setUpNative } from "./engine-option.ts";

interface TestArguments {
  readonly files: readonly string[];
  readonly node: readonly string[];
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
    .option("node", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "run the tests on this version of Node too, such as 24.21.0",
    });
}

export async function handler({ files, node }: ArgumentsCamelCase<TestArguments>): Promise<void> {
  await setUpNativeOrSay();
  const tallies = [
    check("types", [process.execPath, "node_modules/typescript/bin/tsc", "--project", "."]),
    check("lint", [
      process.execPath,
      "node_modules/@biomejs/biome/bin/biome",
      "ci",
      "--error-on-warnings",
      ".",
    ]),
    tests(process.execPath, files),
    ...node.map((version) => tests(nodeBinary(version), files)),
  ];
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
  if (sum("failed") > 0) process.exitCode = 1;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

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

function check(name: string, [program, ...args]: readonly [string, ...string[]]): Tally {
  process.stdout.write(`\n${name}\n`);
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit" });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function tests(program: string, files: readonly string[]): Tally {
  const version = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout?.trim();
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
    const { status } = spawnSync(program, [...args, ...files], { cwd: ROOT, stdio: "inherit" });
    return tallyOf(report, status);
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

/** The binary of a version of Node, from its npm package, fetched once into the cache. */
function nodeBinary(version: string): string {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = join(cacheFolder(), "node", version);
  mkdirSync(folder, { recursive: true });
  const binary = join(
    folder,
    "node_modules",
    name,
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (spawnSync(binary, ["--version"]).status === 0) return binary;
  process.stderr.write(`test: fetches Node ${version}\n`);
  const install = [
    "install",
    "--no-save",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefix",
    folder,
    `${name}@${version}`,
  ];
  spawnSync("npm", install, { cwd: folder, stdio: ["ignore", 2, 2] });
  return binary;
}
