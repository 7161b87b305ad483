/**
 * Runs of a model of one block and width 8, of 12 steps with three saves, on the engine in plain
 * JavaScript.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StartedEngine, startEngine } from "../../../src/engine/index.ts";
import { stepName } from "../../../src/node/run/directory.ts";
import { type RunOptions, type RunResult, runTraining } from "../../../src/node/run/training.ts";
import { type Preset, parsePreset } from "../../../src/train/preset.ts";

export const STEPS = 12;

export function tinyPreset(...changes: string[]): Preset {
  const model = { layers: 1, heads: 2, width: 8, context: 12, position: { kind: "learned" } };
  const train = { steps: STEPS, batch: 4, warmup: 2, evalEvery: 4, saveEvery: 4 };
  return parsePreset({ name: "tiny", model, train }, "tiny.json", changes);
}

export interface TinyRuns {
  /** Path of a run, or of something in it. */
  at(...names: string[]): string;
  /** Trains in the run `name`; `said` is what a person was told. */
  train(
    name: string,
    preset?: Preset,
    options?: Partial<RunOptions>,
  ): Promise<RunResult & { said: string[]; from?: number }>;
  /** A copy of a run under another name. */
  copy(from: string, to: string): string;
  /** The bytes of the model and of the moments of a step. */
  weights(name: string, step?: number): string;
  /** Numbers of the steps there. */
  steps(name: string): number[];
  remove(): void;
}

/** A folder of runs, and the engine started. */
export async function tinyRuns(): Promise<TinyRuns> {
  const folder = mkdtempSync(join(tmpdir(), "tiny-"));
  const engine: StartedEngine = await startEngine("cpu");
  const at = (...names: string[]) => join(folder, ...names);
  return {
    at,
    async train(name, preset = tinyPreset(), options = {}) {
      const said: string[] = [];
      let from: number | undefined;
      const result = await runTraining(preset, {
        out: at(name),
        engine,
        versions: {},
        onPrepare: (text) => said.push(text),
        onStart: ({ step }) => {
          from = step;
        },
        ...options,
      });
      return { ...result, said, ...(from !== undefined && { from }) };
    },
    copy(from, to) {
      cpSync(at(from), at(to), { recursive: true });
      return at(to);
    },
    weights: (name, step = STEPS) =>
      ["model.safetensors", "state.safetensors"]
        .map((file) => readFileSync(at(name, stepName(step), file)).toString("base64"))
        .join(),
    steps: (name) =>
      readdirSync(at(name))
        .filter((file) => /^step-\d+$/.test(file))
        .map((file) => Number(file.slice(5)))
        .sort((a, b) => a - b),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
