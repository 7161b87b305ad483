/**
 * A sweep here and in PyTorch, in turn: the same presets and seeds from the same initial values on
 * the same batches, validated alike and saved at their ends, everything included from the start of
 * the first process to the end of the last. Ours runs in one process and in two, PyTorch's in two
 * of one thread, each of which imports it once and trains its half of the runs.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runDirectory } from "../../src/node/jobs/sweep/directory.ts";
import {
  type PlannedRun,
  planSweep,
  type SweepPlan,
  type SweepRequest,
} from "../../src/node/jobs/sweep/plan.ts";
import { openData } from "../../src/node/run/data.ts";
import { readLog } from "../../src/node/run/log.ts";
import { peerEnvironment } from "../peers/python.ts";
import { processOf } from "./process.ts";
import { round } from "./rows.ts";
import type { SweepCase } from "./sweep-worker.ts";
import { mustRun, PYTORCH, peerRun, resultLines, type Trained } from "./training.ts";
import { writeSameStart } from "./training-files.ts";

/** A sweep from its first process to the end of its last. */
export interface SweepRow {
  readonly round: number;
  readonly engine: string;
  /** Side by side, of one thread each. */
  readonly processes: number;
  readonly runs: number;
  /** Wall time. */
  readonly seconds: number;
  /** Processor time of all its processes; where the system tells it. */
  readonly cpuSeconds?: number | undefined;
  readonly runsPerHour: number;
  /** Mean over runs of the last validation loss: ours and PyTorch's differ by rounding. */
  readonly meanNats: number;
}

export interface SweepOptions {
  /** A Python with torch; without it ours is timed alone. */
  readonly python?: string | undefined;
  readonly rounds: number;
  /** Asked of each run in one more sweep of ours; none where left out. */
  readonly probes?: readonly string[] | undefined;
  readonly say: (text: string) => void;
}

/** Does the sweep, and says the last validation loss of each run. */
interface Contestant {
  readonly engine: string;
  readonly processes: number;
  sweep(folder: string): Promise<number[]>;
}

/** Of two cores: what a PyTorch user with two would start. */
const PROCESSES = 2;

/**
 * Contestants in turn, round after round, A B C A B C.
 *
 * @param request presets that PyTorch's script has, where it is to be timed
 * @throws InputError where a sweep fails
 */
export async function sweepRows(request: SweepRequest, options: SweepOptions): Promise<SweepRow[]> {
  const plan = planSweep(request);
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-sweep-"));
  try {
    const contestants = [1, PROCESSES].map((processes) => ours(request, plan, processes));
    if (options.probes) contestants.push(ours({ ...request, probes: options.probes }, plan, PROCESSES));
    if (options.python !== undefined) contestants.push(...(await pytorch(plan, options.python, folder)));
    const rows: SweepRow[] = [];
    for (let n = 1; n <= options.rounds; n++) {
      for (const [i, contestant] of contestants.entries()) {
        const row = await timed(contestant, n, join(folder, `${n}-${i}`));
        const { engine, processes, seconds, cpuSeconds = "?", meanNats } = row;
        const told = `${seconds} s, ${cpuSeconds} s of processors, ${meanNats} nats`;
        options.say(`bench: round ${n}, ${engine}, ${processes} side by side: ${told}`);
        rows.push(row);
      }
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed({ engine, processes, sweep }: Contestant, n: number, folder: string): Promise<SweepRow> {
  const [begun, cpu] = [performance.now(), childrenCpuSeconds()];
  const nats = await sweep(folder);
  const seconds = (performance.now() - begun) / 1000;
  rmSync(folder, { recursive: true, force: true });
  const cpuNow = childrenCpuSeconds();
  return {
    ...{ round: n, engine, processes, runs: nats.length, seconds: round(seconds, 2) },
    ...(cpu !== undefined && cpuNow !== undefined && { cpuSeconds: round(cpuNow - cpu, 2) }),
    runsPerHour: round((3600 * nats.length) / seconds, 1),
    meanNats: round(nats.reduce((sum, value) => sum + value, 0) / nats.length, 4),
  };
}

function ours(sweep: SweepRequest, plan: SweepPlan, processes: number): Contestant {
  const { length } = sweep.probes;
  return {
    engine: length === 0 ? "native" : `native, probes ${sweep.probes}`,
    processes,
    async sweep(directory) {
      const one: SweepCase = { sweep, processes, directory };
      await mustRun("native", processOf(one), { cwd: process.cwd() }); // presets and data.path may be relative
      return plan.runs.map((run) => lastLoss(runDirectory(directory, run)));
    },
  };
}

const lastLoss = (directory: string): number =>
  Number(readLog(directory).findLast(({ split }) => split === "validation")?.loss);

async function pytorch(plan: SweepPlan, python: string, folder: string): Promise<Contestant[]> {
  await mustRun("pytorch", [python, "-c", "import torch"]); // before minutes of ours
  const asked: Awaited<ReturnType<typeof peerInput>>[] = [];
  for (const [i, run] of plan.runs.entries()) asked.push(await peerInput(run, join(folder, `run-${i}`)));
  return [false, true].map((compile) => ({
    engine: compile ? "pytorch, torch.compile" : "pytorch",
    processes: PROCESSES,
    async sweep(out) {
      mkdirSync(out);
      const files = asked.map((run, i) => {
        const path = join(out, `run-${i}.json`);
        writeFileSync(path, JSON.stringify({ ...run, compile, save: join(out, `run-${i}.pt`) }));
        return path;
      });
      const outputs = await Promise.all(
        halvesOf(files).map((some) =>
          mustRun("pytorch", [python, PYTORCH, ...some], { env: peerEnvironment() }),
        ),
      );
      return outputs.flatMap(resultLines).map((line) => (JSON.parse(line) as Trained).validationNats);
    },
  }));
}

/** The seeds of a preset one after another: each process compiles half of the presets. */
export function halvesOf<T>(all: readonly T[]): T[][] {
  const half = Math.ceil(all.length / PROCESSES);
  return [all.slice(0, half), all.slice(half)].filter(({ length }) => length > 0);
}

async function peerInput({ preset }: PlannedRun, folder: string) {
  mkdirSync(folder);
  const data = await openData(preset.data, preset.seed);
  const files = writeSameStart(folder, preset, data);
  return peerRun(preset, data.tokenizer.vocabSize, { ...files, threads: 1, compile: false });
}

/** Of all children that have ended, and theirs. Linux alone tells it. */
function childrenCpuSeconds(): number | undefined {
  if (!existsSync("/proc/self/stat")) return undefined;
  const text = readFileSync("/proc/self/stat", "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // a name may hold blanks; the state comes next
  return (Number(fields[13]) + Number(fields[14])) / TICKS; // cutime and cstime, proc(5)
}

/** A second, as /proc counts: of every Linux that Node runs on. */
const TICKS = 100;
