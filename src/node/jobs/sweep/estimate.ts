/** What a plan would cost: runs that are done, parameters, time from a measured step, disk. */
import { createModel } from "../../../model/model.ts";
import { groupsOf } from "../../../probes/groups.ts";
import { countParameters } from "../../../tensor/params.ts";
import { type Known, listed, type Preset } from "../../../train/preset.ts";
import { disposeState } from "../../../train/step.ts";
import { train } from "../../../train/train.ts";
import { openData } from "../../run/data.ts";
import type { Own } from "../../run/own/index.ts";
import { readRunJson } from "../../run/run-json.ts";
import { runDirectory } from "./directory.ts";
import type { PlannedRun, SweepPlan } from "./plan.ts";

/** The runs of one condition on one data. */
export interface Estimate {
  readonly condition: string;
  readonly data: string;
  readonly runs: number;
  readonly done: number;
  readonly parameters: number;
  readonly steps: number;
  /** Of a step, in this process; undefined where nothing is left to train. */
  readonly msPerStep?: number | undefined;
  readonly megabytes: number;
}

/** Steps that are timed, after those in which graphs are compiled. */
const TIMED = 20;
const COMPILING = 3;

/** @returns an estimate for each condition and data, in the plan's order */
export async function estimateSweep(plan: SweepPlan, directory: string, own?: Own): Promise<Estimate[]> {
  const groups = groupsOf(plan.runs, ({ condition, data }) => JSON.stringify([condition, data]));
  const estimates: Estimate[] = [];
  for (const runs of groups) estimates.push(await estimateRuns(runs, directory, own));
  return estimates;
}

async function estimateRuns(runs: readonly PlannedRun[], directory: string, own?: Own): Promise<Estimate> {
  const { preset, condition, data } = runs[0] as PlannedRun; // a group has one or more
  const isDone = (run: PlannedRun) => readRunJson(runDirectory(directory, run))?.status === "finished";
  const done = runs.filter(isDone).length;
  const { msPerStep, parameters } = await measure(preset, done < runs.length, own);
  const saves = preset.train.keep === "all" ? Math.ceil(preset.train.steps / preset.train.saveEvery) : 2;
  return {
    ...{ condition, data, runs: runs.length, done, parameters, msPerStep, steps: preset.train.steps },
    megabytes: (runs.length * saves * 3 * 4 * parameters) / 1e6, // parameters and two moments, float32
  };
}

async function measure(
  preset: Preset,
  timed: boolean,
  own?: Own,
): Promise<Pick<Estimate, "msPerStep" | "parameters">> {
  const data = await openData(preset.data, preset.seed, { own });
  const known: Known = own?.known ?? listed;
  const model = createModel(preset.model, data.tokenizer.vocabSize, known.encodings);
  const parameters = countParameters(model.specs);
  if (!timed) return { parameters };
  const steps = Math.min(preset.train.steps, COMPILING + TIMED);
  const config = {
    ...preset.train,
    steps,
    evalEvery: steps,
    evalBatches: 1,
    warmup: Math.min(preset.train.warmup, steps),
  };
  const times: number[] = [];
  const state = await train(
    { model, data, train: config, seed: preset.seed },
    { onStep: () => times.push(performance.now()) },
  );
  disposeState(state);
  const first = Math.min(COMPILING, times.length - 2);
  const [from, to] = [times[Math.max(0, first)], times.at(-2)]; // the last one validates
  const counted = times.length - 2 - Math.max(0, first);
  return {
    parameters,
    msPerStep: from !== undefined && to !== undefined && counted > 0 ? (to - from) / counted : undefined,
  };
}
