/** One preset of the main job, once it is trained: all that the table and the report show of it. */
import type { Measurement } from "../probes/probe.ts";
import { dataOf, probesFor, runProbe, subjectOf } from "../probes/subject.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { readLog } from "../run/log.ts";
import type { Preset } from "../run/preset.ts";
import { countParameters } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { Matrix } from "./charts/position-heatmap.ts";
import type { DemoResult } from "./results.ts";

/**
 * Probes what a preset became in its run directory.
 *
 * @param onProbe hears the question of each probe before it is asked.
 */
export async function probeRun(
  preset: Preset,
  directory: string,
  onProbe: (question: string) => void,
): Promise<DemoResult> {
  const checkpoint = await loadCheckpoint(directory);
  const subject = subjectOf(checkpoint, await dataOf(checkpoint));
  const measurements: Measurement[] = [];
  for (const { name, question } of probesFor(subject)) {
    onProbe(question);
    measurements.push(...(await runProbe(name, subject, preset.seed)));
  }
  const positionTable = await positionTableOf(checkpoint);
  disposeTree(checkpoint.params);
  return {
    encoding: preset.name,
    title: checkpoint.model.definition.title,
    config: preset,
    parameters: countParameters(checkpoint.model.specs),
    log: readLog(directory).flatMap(({ step, split, loss }) =>
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
