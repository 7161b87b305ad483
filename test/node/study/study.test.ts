/** A study: which runs it has, which of them are done, and what it publishes of planted ones. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runDirectories, stateOf } from "../../../src/node/jobs/study/local-runs.ts";
import { readPublished, sweepFolder } from "../../../src/node/jobs/study/published.ts";
import { readRegistered } from "../../../src/node/jobs/study/registered-file.ts";
import { runStudy, standingsOf } from "../../../src/node/jobs/study/run-study.ts";
import { readStudy, type Study, type StudyRun, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { planSweep } from "../../../src/node/jobs/sweep/plan.ts";
import { configHash } from "../../../src/node/run/names.ts";
import { PLANTED, PRESETS, plantedStudy, plantRun, publishPlanted, studyFields } from "./planted.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function opened(fields = studyFields): Study {
  const study = plantedStudy(fields);
  folders.push(study.folder);
  return study;
}

test("runs come stage by stage, sweep by sweep, the seeds of a preset one after another", () => {
  const order = studyRuns(opened()).map(
    ({ sweep, condition, preset }) => `${sweep.name} ${condition} ${preset.seed}`,
  );
  expect(order).toHaveLength(24);
  expect(order.slice(0, 5)).toEqual(["who none 1", "who alibi 1", "who rope 1", "who t5 1", "copy none 1"]);
  expect(order.slice(8, 11)).toEqual(["who none 2", "who none 3", "who alibi 2"]);
});

test("a run is the one that `ablate` plans of the same fields", () => {
  const study = opened();
  const { runs } = planSweep({
    presets: PRESETS.map((name) => join(study.folder, study.models, `${name}.json`)),
    ...{ seeds: [1, 2, 3], data: ["copy"], set: study.set, probes: ["exact"] },
  });
  const planned = new Set(runs.map(({ preset }) => configHash(preset)));
  expect(new Set(studyRuns(study, ["copy"]).map(({ hash }) => hash))).toEqual(planned);
});

test.each([
  [
    (fields: object) => ({ ...fields, seed: 1 }),
    /study\.json: seed is not a field; known here: models, presets/,
  ],
  [(fields: object) => ({ ...fields, presets: ["none", "none"] }), /presets: none is there twice/],
  [(fields: object) => ({ ...fields, presets: ["none", "../x"] }), /presets\.1: small letters/],
  [
    (fields: object) => ({ ...fields, checkpoints: { folder: ".", seed: 1, of: [{ sweep: "sort" }] } }),
    /checkpoints\.of: sort is none of who, copy/,
  ],
])("a file that is wrong is refused by its field: %#", (change, message) => {
  expect(() => opened((folder) => change(studyFields(folder)) as ReturnType<typeof studyFields>)).toThrow(
    message,
  );
});

test("a sweep that the study lacks is refused", () => {
  const study = opened();
  expect(() => studyRuns(study, ["sort"])).toThrow(
    "--sweeps: sort is no sweep of the study; there are who, copy",
  );
});

test("a run counts as done where it is finished and asked, in the folder or in a sweep that was moved there", () => {
  const study = opened();
  const runs = studyRuns(study, ["who"]) as [StudyRun, StudyRun, StudyRun, StudyRun, StudyRun];
  const folder = join(study.folder, "runs");
  plantRun(folder, runs[0], "finished", ["length"]);
  plantRun(join(folder, "moved"), runs[1], "finished", ["length"]);
  plantRun(folder, runs[2], "finished", []);
  plantRun(folder, runs[3], "interrupted", []);
  const other = { ...runs[4], preset: { ...runs[4].preset, seed: 77 } }; // six digits of a hash may be another's
  plantRun(folder, other, "finished", ["length"]);
  const directories = runDirectories(folder);
  expect(runs.slice(0, 5).map((run) => stateOf(directories, run))).toEqual([
    ...["done", "done", "trained", "begun", undefined],
  ]);
  expect(runDirectories(join(study.folder, "nothing")).size).toBe(0);
});

test("what is published needs no training, and what is left is trained part by part", async () => {
  const study = opened();
  await publishPlanted(study, PLANTED);
  rmSync(join(sweepFolder(study, "copy"), "runs.jsonl"));
  const lines = readFileSync(join(sweepFolder(study, "who"), "runs.jsonl"), "utf8").split("\n");
  const kept = lines.filter((line) => !/"run":"t5-/.test(line));
  writeFileSync(join(sweepFolder(study, "who"), "runs.jsonl"), kept.join("\n"));
  const standings = standingsOf(study, studyRuns(study), new Map());
  const asked: string[][] = [];
  const result = await runStudy(standings, {
    folder: "runs",
    executor: {
      async run(jobs) {
        asked.push(jobs.map(({ name }) => name));
        return jobs.map(({ name }) =>
          name.startsWith("copy, rope")
            ? { kind: "failed" as const, error: new Error("planted") }
            : { kind: "done" as const, result: { directory: "", parameters: 1, measurements: {} } },
        );
      },
    },
    onPart: () => undefined,
  });
  expect(asked).toEqual([
    ["who, t5, seed 1"],
    PRESETS.map((name) => `copy, ${name}, seed 1`),
    ["who, t5, seed 2", "who, t5, seed 3"],
    PRESETS.flatMap((name) => [2, 3].map((seed) => `copy, ${name}, seed ${seed}`)),
  ]);
  expect(result).toMatchObject({ done: 12, interrupted: false });
  expect(result.failed.map(({ run }) => run.condition)).toEqual(["rope", "rope", "rope"]);
});

test("the study of the repository can be read, and its statements name its presets and sweeps", () => {
  const study = readStudy(join(import.meta.dirname, "../../../checkpoints/published/study/study.json"));
  const { statements } = readRegistered(study);
  const named = statements.flatMap(({ contrasts = [], ranges = [] }) => [
    ...contrasts.flatMap(([first, , second]) => [first, second]),
    ...ranges.map(({ condition }) => condition),
  ]);
  for (const condition of named) expect(study.presets).toContain(condition.replace(/ \(\w+\)$/, ""));
  for (const { name } of study.sweeps) expect(() => readPublished(study, name)).not.toThrow();
  expect(studyRuns(study, ["who"])).toHaveLength(10 * study.presets.length);
});
