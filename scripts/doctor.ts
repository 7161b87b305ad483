/** `whereabouts doctor`: what is installed, which engines start, and what to run for those that do not. */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { ENGINE_NAMES, type EngineName, SLOWDOWN } from "../src/engine/index.ts";
import { cacheFolder } from "../src/node/files/cache.ts";
import { lastLine, runCommand } from "../src/node/files/command.ts";
import type { NativeEngine } from "../src/node/files/progress.ts";
import { startEngine } from "../src/node/native/engines.ts";
import { platformFor, platformsOf, thisMachine } from "../src/node/native/setup/machine.ts";
import { statusOf } from "../src/node/native/setup/status.ts";
import { quantity } from "../src/quantity.ts";
import { tf } from "../src/tensor/tf.ts";

interface DoctorArguments {
  readonly json: boolean;
  readonly try?: EngineName | undefined;
}

/** What trying one engine gave. */
interface EngineReport {
  readonly name: EngineName;
  readonly starts: boolean;
  /** Milliseconds from asking for it to the first result, without Node's own start. */
  readonly startMs?: number;
  readonly detail?: string;
  readonly reason?: string;
}

/** All that the doctor says. */
interface Report {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly support: string;
  readonly gpuSupport: string;
  readonly cache: string;
  readonly native: string;
  readonly nativeGpu: string;
  readonly engines: readonly EngineReport[];
}

export const command = "doctor";
export const describe = "say what is installed and which engines start";

/** Adds this command's options. */
export function builder(yargs: Argv): Argv<DoctorArguments> {
  return yargs
    .option("json", { type: "boolean", default: false, describe: "print one JSON object" })
    .option("try", { choices: ENGINE_NAMES, hidden: true, describe: "start one engine in this process" });
}

/** Runs the command. */
export async function handler(args: ArgumentsCamelCase<DoctorArguments>): Promise<void> {
  if (args.try !== undefined) {
    console.log(JSON.stringify(await tryHere(args.try)));
    return;
  }
  const report = await examine();
  console.log(args.json ? JSON.stringify(report, null, 2) : describeReport(report));
}

async function examine(): Promise<Report> {
  const engines: EngineReport[] = [];
  for (const name of ENGINE_NAMES) engines.push(await tryApart(name)); // side by side they would slow each other
  const machine = thisMachine();
  return {
    node: process.versions.node,
    platform: [machine.platform, machine.arch, machine.glibc && `glibc ${machine.glibc}`]
      .filter(Boolean)
      .join(" "),
    cores: availableParallelism(),
    support: supportOf("native"),
    gpuSupport: supportOf("native-gpu"),
    cache: cache(),
    native: installed("native"),
    nativeGpu: installed("native-gpu"),
    engines,
  };
}

function cache(): string {
  try {
    return cacheFolder();
  } catch (error) {
    return (error as Error).message.replace(/^cache: /, "");
  }
}

function installed(engine: NativeEngine): string {
  const status = statusOf(engine, undefined, "full");
  return status.ready ? `TensorFlow ${status.record.tensorflow} in ${status.record.library}` : status.reason;
}

function supportOf(engine: NativeEngine): string {
  try {
    const platform = platformFor(engine);
    return `${platform.id}: ${platform.tried}`;
  } catch (error) {
    const known = platformsOf(engine)
      .map(({ id, tried }) => `${id} (${tried})`)
      .join("; ");
    return `${(error as Error).message.split(";")[0]}. Known: ${known}`;
  }
}

/**
 * Starts an engine in a process of its own: a crash there is an answer here. One that is not
 * installed says so before it loads anything.
 */
async function tryApart(name: EngineName): Promise<EngineReport> {
  if (isAbsent(name)) {
    const absent = await startEngine(name).catch((error: Error) => error);
    if (absent instanceof Error) return { name, starts: false, reason: absent.message };
  }
  const script = fileURLToPath(new URL("whereabouts.mjs", import.meta.url));
  const { code, signal, output } = await runCommand([process.execPath, script, "doctor", "--try", name]);
  const line = output.split("\n").find((text) => text.startsWith('{"name"'));
  if (code === 0 && line !== undefined) return JSON.parse(line) as EngineReport; // printed by tryHere
  const reason = signal === null ? lastLine(output) : `the process was ended by ${signal}; run npm run setup`;
  return { name, starts: false, reason: reason.replace(/^whereabouts doctor: /, "") };
}

function isAbsent(name: EngineName): boolean {
  if (name === "native" || name === "native-gpu") return !statusOf(name).ready;
  if (name !== "webgpu") return false;
  try {
    createRequire(import.meta.url).resolve("webgpu");
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
  }
}

/** Starting is not enough: a small product and its gradient show that kernels and gradients are there. */
async function tryHere(name: EngineName): Promise<EngineReport> {
  const began = performance.now();
  const { detail, threads } = await startEngine(name);
  const gradient = tf.grad((x: tf.Tensor) =>
    tf.sum(tf.matMul(tf.gather(x, tf.tensor1d([1, 1], "int32")), x, false, true)),
  );
  const values = Array.from(await gradient(tf.tensor2d([1, 2, 3, 4], [2, 2])).data());
  const expected = [6, 8, 14, 20]; // x = [[1,2],[3,4]]: d/dx of 2·(x₁·x₀ + x₁·x₁)
  if (values.some((value, i) => Math.abs(value - (expected[i] as number)) > 1e-3)) {
    return {
      name,
      starts: false,
      reason: `engine ${name}: computes ${values}, expected ${expected}; report it`,
    };
  }
  const startMs = Math.round(performance.now() - began);
  return { name, starts: true, startMs, detail: `${detail}, ${quantity(threads, "thread")}` };
}

function describeReport(report: Report): string {
  const rows: [string, string][] = [
    ["node", `${report.node} (works with 20.19, 22.12, 24 and newer)`],
    ["platform", `${report.platform}, ${report.cores} cores`],
    ["library", report.support],
    ["CUDA", report.gpuSupport],
    ["cache", report.cache],
    ["installed", report.native],
    ["with CUDA", report.nativeGpu],
    ...report.engines.map((engine): [string, string] => [engine.name, describeEngine(engine)]),
  ];
  return rows.map(([label, text]) => `${label.padEnd(10)} ${text}`).join("\n");
}

function describeEngine({ name, starts, detail, startMs, reason }: EngineReport): string {
  if (starts) return `starts in ${startMs} ms: ${detail}; ${SLOWDOWN[name]}`;
  return `does not start: ${reason?.replace(/^engine [\w-]+: /, "")}`;
}
