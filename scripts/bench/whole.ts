/** Whole trainings and sweeps: from the command's options to what is printed. */
import { fileURLToPath } from "node:url";
import { InputError } from "../../src/errors.ts";
import { requireFinite } from "../../src/finite.ts";
import { planSweep, seedsOf } from "../../src/node/jobs/sweep/plan.ts";
import { readPreset } from "../../src/node/run/preset.ts";
import { probeNamed } from "../../src/probes/run.ts";
import { setUpNative } from "../engine-option.ts";
import { printJson } from "../print.ts";
import { threadsOf } from "./asked.ts";
import { requirePeer, requireSweepPeer } from "./peer-preset.ts";
import { sweepRows } from "./sweep.ts";
import { sweepSummary, sweepTable } from "./sweep-table.ts";
import { type Trained, trainBoth } from "./training.ts";
import { summaryOf, trainingTable } from "./training-table.ts";

interface Asked {
  readonly json: boolean;
  readonly peer?: string | undefined;
  readonly python: string;
  readonly set: readonly string[];
  readonly seeds: number;
}

const say = (text: string) => process.stderr.write(`${text}\n`);

/** @throws InputError as `trainBoth` */
export async function train(
  path: string,
  args: Asked & { readonly threads?: string | undefined; readonly sameStart: boolean },
): Promise<void> {
  if (args.peer === undefined) throw new InputError("--train: trains beside a peer; add --peer pytorch");
  const preset = readPreset(path, args.set);
  requirePeer(preset);
  await setUpNative();
  const rows: Trained[] = [];
  for (const threads of threadsOf(args.threads ?? "1,2")) {
    const { python, seeds, sameStart } = args;
    rows.push(...(await trainBoth(preset, { python, seeds, threads, sameStart, say })));
  }
  if (args.json) printJson("bench", { rows, summary: summaryOf(rows) });
  else process.stdout.write(`${trainingTable(requireFinite("bench", rows))}\n`);
}

/** @throws InputError as `sweepRows` */
export async function sweep(
  args: Asked & {
    readonly encodings?: string | undefined;
    readonly only?: string | undefined;
    readonly rounds: number;
  },
): Promise<void> {
  const kinds = (args.encodings ?? "none,sinusoidal,learned,relative").split(",");
  const probes = args.only?.split(",").map((name) => probeNamed(name).name);
  const request = {
    presets: kinds.map((kind) => fileURLToPath(new URL(`../../models/${kind}.json`, import.meta.url))),
    seeds: seedsOf(String(args.seeds)),
    set: args.set,
    probes: [],
  };
  const { runs } = planSweep(request);
  if (args.peer !== undefined) for (const { preset } of runs) requireSweepPeer(preset);
  await setUpNative();
  const python = args.peer && args.python;
  const rows = await sweepRows(request, { python, rounds: args.rounds, probes, say });
  if (args.json) printJson("bench", { rows, summary: sweepSummary(rows) });
  else process.stdout.write(`${sweepTable(requireFinite("bench", rows))}\n`);
}
