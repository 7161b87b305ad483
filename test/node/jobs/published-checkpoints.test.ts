/** The trained models of the repository: whole, small, as their cards say, and still what was measured. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { encodings } from "../../../src/encodings/index.ts";
import { readPublished } from "../../../src/node/jobs/study/published.ts";
import {
  type ModelFacts,
  modelsFolder,
  publishedModels,
  readModel,
} from "../../../src/node/jobs/study/published-checkpoints.ts";
import { readStudy, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { modelCard } from "../../../src/node/report/study/model-card.ts";
import { modelsText } from "../../../src/node/report/study/publish-checkpoints.ts";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { configHash } from "../../../src/node/run/names.ts";
import { loadedPreset } from "../../../src/node/run/step-config.ts";
import { dataOf, subjectOf } from "../../../src/node/run/subject.ts";
import { order } from "../../../src/probes/order.ts";
import { runProbe } from "../../../src/probes/run.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { startTestEngine } from "../../engine-for-tests.ts";
import { textOf } from "../../sources.ts";

const PUBLISHED = "checkpoints/published";
const study = readStudy(join(import.meta.dirname, "../../..", PUBLISHED, "study/study.json"));
const planned = publishedModels(study, studyRuns(study));
const found = await Promise.all(planned.map(readModel));
const models = found.filter((one): one is ModelFacts => one !== undefined);
const facts = (name: string) => models.find((one) => one.name === name) ?? expect.fail(`no ${name}`);

test("the study publishes a model of each of its encodings on stories, and of four on copying and on Shakespeare", () => {
  const of = (sweep: string) => planned.filter(({ run }) => run.sweep.name === sweep);
  expect(of("who").map(({ run }) => run.condition)).toEqual(study.presets);
  expect([of("copy").length, of("shakespeare").length, planned.length]).toEqual([
    4,
    4,
    study.presets.length + 8,
  ]);
  expect(models.map(({ name }) => name)).toEqual(planned.map(({ name }) => name)); // readModel checks the hashes
  const folders = readdirSync(modelsFolder(study) ?? "").filter((name) => !/README\.md|study/.test(name));
  expect(folders.sort()).toEqual(models.map(({ name }) => name).sort());
  expect(study.presets).toEqual(expect.arrayContaining(["none", "rope", "alibi"]));
  expect(study.presets.every((name) => encodings.some(({ kind }) => kind === name))).toBe(true);
});

test("weights have at most 500 KB, a folder 500 KiB, and all of them 12 MB", () => {
  const bytesOf = (folder: string) =>
    readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const folders = models.map(({ folder }) => bytesOf(folder));
  expect(Math.max(...models.map(({ weights }) => weights.bytes))).toBeLessThanOrEqual(500_000);
  expect(Math.max(...folders)).toBeLessThanOrEqual(500 * 1024);
  expect(folders.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(12_000_000);
});

test("each was trained by what its run says, and is its best step", () => {
  for (const { folder, run, step, published } of models) {
    expect(configHash(loadedPreset(folder)), folder).toBe(run.hash);
    const least = published.validation.reduce((best, one) => (one[1] < best[1] ? one : best));
    expect(step, folder).toBe(least[0]);
  }
});

test("its rows are those of the study, where the study has published them", () => {
  const read = new Map(study.sweeps.map(({ name }) => [name, readPublished(study, name)]));
  const known = models.flatMap(({ run, published }) => {
    const line = read.get(run.sweep.name)?.get(run.hash);
    return line === undefined ? [] : [[published.measurements, line.measurements] as const];
  });
  expect(known.length).toBeGreaterThanOrEqual(study.presets.length);
  for (const [mine, studys] of known) {
    const there = new Set(studys.map((row) => JSON.stringify(row))); // it may have asked more since
    expect(mine.filter((row) => !there.has(JSON.stringify(row)))).toEqual([]);
  }
});

// `npm run -s study -- --publish-checkpoints` writes both anew.
test("the cards and their list are made of what was measured", () => {
  for (const model of models) expect(textOf(`${PUBLISHED}/${model.name}/README.md`)).toBe(modelCard(model));
  expect(textOf(`${PUBLISHED}/README.md`)).toBe(modelsText(models));
  const card = modelCard(facts("rope-who"));
  expect(card).toMatch(/^license: mit$/m);
  expect(card).toContain(facts("rope-who").weights.sha256);
  expect(card).toMatch(/^\| swap_accuracy \| all \| 1\.0000 ± 0\.0000 \| accuracy \| 1,920 \|$/m);
  expect(modelCard(facts("learned-copy"))).toMatch(
    /^\| exact_match \| items 16–60, clamp, .* \| 0\.0000 ± /m,
  );
});

/** Rows are published with six digits; engines, threads and machines sum in other orders. */
const TOLERANCE = 1e-4;

const engine = await startTestEngine();
const { published, folder } = facts("forgetting-who"); // knows order by three quarters: no number is at its end
const checkpoint = await loadCheckpoint(folder);
afterAll(() => disposeTree(checkpoint.params));

test(`asked again (${engine.name}), one answers what was measured`, async () => {
  expect(checkpoint).toMatchObject({ kind: "step", notes: [] });
  const subject = subjectOf(checkpoint, { data: await dataOf(checkpoint) });
  const rows = await runProbe(order, subject, 1);
  const key = ({ metric, at }: (typeof rows)[number]) => `${metric} ${JSON.stringify(at)}`;
  const before = new Map(published.measurements.map((row) => [key(row), row]));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const value = before.get(key(row))?.value;
    expect(value, key(row)).not.toBe(undefined);
    if (row.value === null || value === null) expect(value, key(row)).toBe(row.value);
    else
      expect(Math.abs(row.value - (value as number)), key(row)).toBeLessThan(
        TOLERANCE * Math.max(1, row.value),
      );
  }
});
