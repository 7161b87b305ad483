/** What the README shows of the study is what is published. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { standingsOf } from "../../../src/node/jobs/study/run-study.ts";
import { readStudy, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { readmeWithStudy } from "../../../src/node/report/study/readme.ts";
import { sweepResults } from "../../../src/node/report/study/results.ts";
import { textOf } from "../../sources.ts";

const FOLDER = "checkpoints/published/study";
const study = readStudy(join(import.meta.dirname, "../../..", FOLDER, "study.json"));
const standings = standingsOf(study, studyRuns(study), new Map());
const found = standings.flatMap(({ run, published }) => (published ? [[run.name, published] as const] : []));
const sweeps = sweepResults(standings, new Map(found));

// `npm run -s study -- --publish` writes both, and so does `npx vitest run test/node/study/readme.test.ts -u`.
test("the README's first table has the published numbers, their intervals, and how many seeds; and the two orders", async () => {
  const written = readmeWithStudy(textOf("README.md"), sweeps, `${FOLDER}/figures`);
  expect(written).toMatch(/\n\| encoding +\|.*\|\n\| -+ \|/);
  expect(written).toMatch(/two orders of the study -->\n\n.{20}/);
  await expect(written).toMatchFileSnapshot("../../../README.md");
});

test("a README without these parts is left as it is", () => {
  expect(readmeWithStudy("# Mine\n", sweeps, "figures")).toBe("# Mine\n");
});
