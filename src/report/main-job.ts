/**
 * The main job: train the classic encodings on the world "who", probe them, and hand the results to the table and the report.
 */
import type { Measurement } from "../probes/probe.ts";
import { dataOf, probesFor, runProbe, subjectOf } from "../probes/subject.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { readLog } from "../run/log.ts";
import type { Preset } from "../run/preset.ts";
import { type RunOptions, type RunResult, runTraining } from "../run/training.ts";
import { countParameters } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { Matrix } from "./charts/position-heatmap.ts";
import type { DemoResult } from "./results.ts";

export interface MainJobEvents {
  /** Options of the training of one preset, with its progress. */
  training(preset: Preset): RunOptions;
  onTrained(preset: Preset, result: RunResult): void;
  onProbe(preset: Preset, question: string): void;
}

/** Trains and probes one preset; undefined where training was interrupted. */
export async function trainAndProbe(preset: Preset, events: MainJobEvents): Promise<DemoResult | undefined> {
  const result = await runTraining(preset, events.training(preset));
  events.onTrained(preset, result);
  if (result.outcome === "interrupted") return undefined;
  const checkpoint = await loadCheckpoint(result.directory);
  const subject = subjectOf(checkpoint, await dataOf(checkpoint));
  const measurements: Measurement[] = [];
  for (const { name, question } of probesFor(subject)) {
    events.onProbe(preset, question);
    measurements.push(...(await runProbe(name, subject, preset.seed)));
  }
  const positionTable = await positionTableOf(checkpoint);
  disposeTree(checkpoint.params);
  return {
    encoding: preset.name,
    title: checkpoint.model.definition.title,
    config: preset,
    parameters: countParameters(checkpoint.model.specs),
    log: readLog(result.directory).flatMap(({ step, split, loss }) =>
      split !== undefined && typeof loss === "number" ? [{ step, split, loss }] : [],
    ),
    measurements,
    ...(positionTable ? { positionTable } : {}),
  };
}

/** What the encoding adds to the tokens at positions 0 … L_max − 1, (L_max,C), if it adds anything. */
async function positionTableOf({ model, params }: Checkpoint): Promise<Matrix | undefined> {
  const { encoding, shape } = model;
  if (encoding.embed === undefined) return undefined;
  const table = tf.tidy(() =>
    (encoding.embed as NonNullable<typeof encoding.embed>)(params, tf.range(0, shape.context, 1, "float32")),
  );
  const values = (await table.data()) as Float32Array;
  table.dispose();
  return { rows: shape.context, columns: shape.width, values };
}
