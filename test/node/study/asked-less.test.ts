/** Published runs that were asked less than the study asks now. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runDirectories } from "../../../src/node/jobs/study/local-runs.ts";
import { sweepFolder } from "../../../src/node/jobs/study/published.ts";
import { isWork, runText, type Standing, standingsOf } from "../../../src/node/jobs/study/run-study.ts";
import { readStudy, type Study, type StudyRun, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { publishStudy } from "../../../src/node/report/study/publish.ts";
import { askedLessTexts, studyText } from "../../../src/node/report/study/study-text.ts";
import { PLANTED, plantedStudy, plantRun, publishPlanted } from "./planted.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** As if the sweep had got a probe more since; one of its runs is trained here, and lacks an answer too. */
async function askedLess(): Promise<{ study: Study; folder: string; standings: () => Standing[] }> {
  const before = plantedStudy();
  folders.push(before.folder);
  await publishPlanted(before, PLANTED);
  const path = join(before.folder, "study.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('["length"]', '["length","learning"]'));
  const study = readStudy(path);
  const folder = join(study.folder, "runs");
  plantRun(folder, studyRuns(study, ["who"])[1] as StudyRun, "finished", ["length"]);
  return {
    study,
    folder,
    standings: () => standingsOf(study, studyRuns(study, ["who"]), runDirectories(folder)),
  };
}

test("are said to be so, and not trained anew unless asked", async () => {
  const { standings } = await askedLess();
  expect(standings().map(({ state }) => state)).toEqual([
    "asked less",
    "trained",
    ...Array(10).fill("asked less"),
  ]);
  expect(askedLessTexts(standings())).toEqual([
    "study: 11 published runs of who lack an answer (learning), and are not here; give --runs where they are, or --retrain to train them anew",
  ]);
  expect(studyText(standings())).toMatch(/lack an answer \(learning\)/);
  const worked = (work: "answers" | "runs" | "all") =>
    standings()
      .filter((one) => isWork(one, work))
      .map(({ run }) => runText(run));
  expect(worked("answers")).toEqual(["who, alibi, seed 1"]);
  expect(worked("runs")).toEqual(["who, alibi, seed 1"]);
  expect(worked("all")).toHaveLength(12);
});

test("stay published with what they answer, and the page says what they lack", async () => {
  const { study, folder, standings } = await askedLess();
  writeFileSync(join(study.folder, "registered.json"), '{"registered":"","unasked":[],"statements":[]}');
  const lines = () => readFileSync(join(sweepFolder(study, "who"), "runs.jsonl"), "utf8");
  const before = lines();
  rmSync(folder, { recursive: true });
  const said = { commit: "0000000", date: "2026-11-26", command: "study", machine: "none", versions: {} };
  await publishStudy(study, standings(), said);
  expect(lines().split("\n").sort()).toEqual(before.split("\n").sort());
  const html = readFileSync(join(study.folder, "report.html"), "utf8");
  expect(html).toContain("Not asked yet in <code>who</code>: learning of 12 of 12 runs.");
});
