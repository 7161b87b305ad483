/** The driver's end of a contestant: a process that times calls when told to. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { InputError } from "../../src/errors.ts";
import { peerEnvironment } from "../peers/python.ts";
import type { Case, Turns, WorkerCase } from "./cases.ts";
import { processOf } from "./process.ts";

export interface Turn {
  /** Milliseconds of each call. */
  readonly ms: readonly number[];
  /** Of processors, the mean of the calls; of ours. */
  readonly cpuMs?: number;
  readonly peakRssMB: number;
  /** Resident memory now; of ours. */
  readonly rssMB?: number;
  /** That the engine holds; of ours. */
  readonly tensors?: number;
}

export interface Contestant {
  readonly name: string;
  /** What it said of itself when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  time(steps: number): Promise<Turn>;
  end(): void;
}

/** PyTorch's scripts, and the encodings that each implements. */
const PEERS = {
  step: { file: "pytorch_step.py", encodings: ["none", "sinusoidal", "learned", "relative"] },
  evaluation: { file: "pytorch_evaluate.py", encodings: ["none", "sinusoidal", "learned"] },
  generation: { file: "pytorch_generate.py", encodings: ["none", "sinusoidal", "learned"] },
};

/** What its engine warns of goes to stderr: native-gpu may compute on the processor. */
export async function ours(one: WorkerCase): Promise<Contestant> {
  const [program, ...args] = processOf(one);
  const contestant = await open(one.engine, program, args);
  if (contestant.ready.warning !== undefined) process.stderr.write(`bench: ${contestant.ready.warning}\n`);
  return contestant;
}

/** PyTorch's ways; the last is one more that makes steps on a GPU shorter, by CUDA graphs. */
const WAYS = [
  { name: "pytorch", compile: false },
  { name: "pytorch, torch.compile", compile: "default" },
  { name: "pytorch, torch.compile, CUDA graphs", compile: "reduce-overhead" },
] as const;

/**
 * PyTorch without and with torch.compile, on the processor or on the GPU as ours is; none without a
 * Python, or where its script has not the encoding.
 *
 * @throws InputError where that Python has no torch.
 */
export async function* pytorch(
  python: string | undefined,
  one: Case,
  phase: keyof typeof PEERS,
): AsyncGenerator<Contestant> {
  const { file, encodings } = PEERS[phase];
  if (python === undefined || !encodings.includes(one.encoding)) return;
  const path = fileURLToPath(new URL(`../peers/${file}`, import.meta.url));
  const onGpu = one.engine === "native-gpu";
  for (const { name, compile } of onGpu && phase === "step" ? WAYS : WAYS.slice(0, 2)) {
    const size = { ...one, vocabulary: 65, compile, device: onGpu ? "cuda" : "cpu" };
    yield await open(name, python, [path, JSON.stringify(size)], peerEnvironment());
  }
}

export async function takeTurns(
  contestants: readonly Contestant[],
  rounds: number,
  steps: number,
): Promise<Turns> {
  const ms = contestants.map((): number[][] => []);
  const cpuMs = contestants.map((): number[] => []);
  const peakRssMB = contestants.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const turn = await contestant.time(steps);
      ms[i]?.push([...turn.ms]);
      if (turn.cpuMs !== undefined) cpuMs[i]?.push(turn.cpuMs);
      peakRssMB[i] = turn.peakRssMB;
    }
  }
  return { ms, cpuMs, peakRssMB };
}

async function open(
  name: string,
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Contestant> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new InputError(`bench: ${name} ended: ${await lastWords(child, () => complaints)}`);
    return JSON.parse(value as string) as Record<string, unknown>; // both contestants write JSON lines only
  };
  child.once("error", () => {}); // a program that is not there: its output ends, and lastWords says why
  const ready = await next();
  return {
    name,
    ready,
    async time(steps) {
      child.stdin.write(`${JSON.stringify({ steps })}\n`);
      return (await next()) as unknown as Turn;
    },
    end: () => child.stdin.end(),
  };
}

async function lastWords(child: ChildProcessWithoutNullStreams, complaints: () => string): Promise<string> {
  if (child.exitCode === null && child.pid !== undefined) {
    await new Promise((resolve) => child.once("close", resolve));
  }
  const last = complaints().trim().split("\n").at(-1) ?? "";
  const mend =
    /^$|No module named/.test(last) && child.spawnfile.includes("python")
      ? "; install torch in a virtual environment and give its Python with --python"
      : "";
  return `${last || `${child.spawnfile} does not start`}${mend}`;
}
