/** A study of two presets and three seeds, and runs of it that were never trained. */

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { encodingName } from "../../../src/model/position-fields.ts";
import { type PublishedRun, sweepFolder, writePublished } from "../../../src/node/jobs/study/published.ts";
import { readStudy, type Study, type StudyRun, studyRuns } from "../../../src/node/jobs/study/study-file.ts";

const MODELS = join(import.meta.dirname, "../../../models");
export const PRESETS = ["none", "alibi", "rope", "t5"];

/** The fields of a study's file, whose folder is `folder`. */
export const studyFields = (folder: string) => ({
  models: relative(folder, MODELS),
  presets: PRESETS,
  set: ["train.steps=20", "train.evalEvery=2"],
  stages: [1],
  sweeps: [
    {
      ...{ name: "who", title: "stories", kind: "language", data: { kind: "who" }, seeds: 3 },
      ...{ set: ["train.batch=4"], probes: ["length"] },
    },
    {
      ...{ name: "copy", title: "copying", kind: "task", data: { kind: "task", task: "copy" }, seeds: 3 },
      probes: ["exact"],
    },
  ],
});

export function plantedStudy(fields: (folder: string) => object = studyFields): Study {
  const folder = mkdtempSync(join(tmpdir(), "study-"));
  writeFileSync(join(folder, "study.json"), JSON.stringify(fields(folder)));
  return readStudy(join(folder, "study.json"));
}

/** By preset: the loss past L_max, and exact match past it, each give or take a seed's noise. */
export type Planted = Readonly<Record<string, readonly [loss: number, exact: number]>>;

/** Losses rank alibi, t5, rope, none; answers the other way round. */
export const PLANTED: Planted = { none: [3, 0.9], alibi: [1, 0.1], rope: [2.5, 0.5], t5: [1.5, 0.3] };

const NOISE = [0, 0.01, -0.01];

/** Publishes planted runs of all that the study plans. */
export async function publishPlanted(study: Study, planted: Planted): Promise<void> {
  for (const { name } of study.sweeps) {
    mkdirSync(sweepFolder(study, name), { recursive: true });
    const runs = studyRuns(study, [name]).map((run) => plantedRun(run, planted));
    await writePublished(join(sweepFolder(study, name), "runs.jsonl"), runs);
  }
}

export function plantedRun(
  { sweep, condition, preset, name, hash }: StudyRun,
  planted: Planted,
): PublishedRun {
  const [loss, exact] = planted[condition] ?? [1, 0];
  const noise = NOISE[(preset.seed - 1 + PRESETS.indexOf(condition)) % NOISE.length] as number;
  const { context } = preset.model;
  const place = { split: "heldout", beyond: "contiguous" };
  const positions = Array.from({ length: 4 * context }, (_, position) => position);
  return {
    ...{ run: name, sha256: hash, encoding: encodingName(preset.model), parameters: 1000 },
    ...{ versions: { engine: "planted" }, threads: 1, seconds: 36, endedAt: "2026-11-26T00:00:00.000Z" },
    ...{
      probes: sweep.probes,
      validation: [
        [16, 0.9],
        [20, 0.5 + noise],
      ],
    },
    measurements:
      sweep.kind === "language"
        ? positions.map((position) => ({
            ...{ metric: "nll", unit: "nats", n: 8, se: 0.125 },
            value: position < context ? 0.5 : loss + noise,
            at: { position, ...place },
          }))
        : [
            {
              metric: "exact_match_past",
              value: exact + noise,
              unit: "accuracy",
              n: 8,
              se: null,
              at: { items: 30, beyond: "contiguous" },
            },
          ],
  };
}

/** A run directory with what is read of it. */
export function plantRun(folder: string, run: StudyRun, status: string, probes: readonly string[]): void {
  mkdirSync(join(folder, run.name, "probes"), { recursive: true });
  const record = {
    config: run.preset,
    versions: {},
    engine: "cpu",
    startedAt: new Date(0).toISOString(),
    status,
  };
  writeFileSync(join(folder, run.name, "run.json"), JSON.stringify(record));
  for (const probe of probes) writeFileSync(join(folder, run.name, "probes", `${probe}.json`), "[]");
}
