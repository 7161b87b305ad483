/** The two orders of a study that is done in part: what is compared, and what is said to be missing. */
import { rmSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { nodeDocument } from "../../../src/node/report/node-document.ts";
import { leftOut, ordersAgree } from "../../../src/node/report/study/orders.ts";
import { ordersLead, ordersSections } from "../../../src/node/report/study/orders-section.ts";
import { readmeWithStudy } from "../../../src/node/report/study/readme.ts";
import { type SweepSoFar, sweepResults } from "../../../src/node/report/study/results.ts";
import { PLANTED, plantedRun, plantedStudy, studyFields } from "./planted.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The planted study with a second task, of whose runs those are done that `isDone` says. */
function done(isDone: (sweep: string, condition: string, seed: number) => boolean): SweepSoFar[] {
  const study = plantedStudy((folder) => {
    const fields = studyFields(folder);
    const [, copy] = fields.sweeps;
    const recall = { ...copy, name: "recall", title: "recall", data: { kind: "task", task: "recall" } };
    return { ...fields, sweeps: [...fields.sweeps, recall] };
  });
  folders.push(study.folder);
  const standings = studyRuns(study).map((run) => ({ run, state: undefined }));
  const finished = standings
    .filter(({ run }) => isDone(run.sweep.name, run.condition, run.preset.seed))
    .map(({ run }) => [run.name, plantedRun(run, PLANTED)] as const);
  return sweepResults(standings, new Map(finished));
}

test("of whole sweeps the mean of all tasks comes first; nothing is missing", () => {
  const sweeps = done(() => true);
  const [first, ...others] = ordersAgree(sweeps);
  expect(first?.tasks.map(({ name }) => name)).toEqual(["copy", "recall"]);
  expect(others).toHaveLength(2);
  expect(first?.agreement).toMatchObject({ mean: -1, pairs: { agree: 0, oppose: 6, tied: 0 }, p: 1 / 12 });
  expect(leftOut(sweeps, first)).toEqual({ sweeps: [], begun: [], conditions: [] });
  expect(ordersLead(sweeps)).toMatch(
    /over these encodings the two orders disagree more than they agree; by their means 0 of 6 pairs/,
  );
  expect(ordersLead(sweeps)).toMatch(/either way, would come in 8\.3% of all orders of 4\.$/);
});

test("a task that has only begun, and an encoding with it, are left out and named", () => {
  const sweeps = done((sweep, condition, seed) => {
    if (sweep === "copy") return condition !== "t5" || seed === 1;
    return sweep === "who" || condition === "none";
  });
  const [first] = ordersAgree(sweeps);
  expect(first?.tasks.map(({ name }) => name)).toEqual(["copy"]);
  expect(first?.agreement.seeds).toHaveLength(3); // t5's one seed does not leave one for all
  expect(first?.agreement.conditions).toEqual(["none", "alibi", "rope"]);
  expect(ordersLead(sweeps)).toMatch(
    /Not in the mean, since fewer encodings were run on it: `recall`\. Not run on tasks yet: `?t5`?\.$/,
  );
});

test.each([
  ["no task", (sweep: string) => sweep === "who", /No finished run yet of the tasks `copy` and `recall`\.$/],
  ["no language", (sweep: string) => sweep !== "who", /of the language sweep `who`\.$/],
  [
    "two encodings",
    (_: string, condition: string) => /none|rope/.test(condition),
    /No three encodings were run/,
  ],
])("of %s there is no figure, and it is said what is missing", async (_, isDone, said) => {
  const sweeps = done(isDone);
  const [section, ...others] = ordersSections(sweeps, await nodeDocument());
  expect(others).toEqual([]);
  expect(section?.figures).toBeUndefined();
  expect(section?.lead).toMatch(said);
  const part = "<!-- the two orders of the study -->\n<!-- end of study -->\n";
  expect(readmeWithStudy(part, sweeps, "figures")).not.toContain("![");
});

test("ranks are drawn with the places that each may have, 1 at the top left", async () => {
  const sweeps = done(() => true);
  const [ranks, values] = ordersSections(sweeps, await nodeDocument());
  expect(ranks?.id).toBe("orders");
  const svg = ranks?.figures?.[0]?.svg ?? "";
  expect(svg).toMatch(/rank by loss on stories/);
  for (const condition of Object.keys(PLANTED)) expect(svg).toContain(`>${condition}</text>`);
  expect(values?.figures).toHaveLength(1);
  const part = "<!-- the two orders of the study -->\n<!-- end of study -->\n";
  expect(readmeWithStudy(part, sweeps, "x/figures")).toContain("](x/figures/orders.svg)");
});
