/** What a study publishes of planted runs, and reads again. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { packed, unpacked } from "../../../src/node/jobs/study/packed.ts";
import { readPublished, sweepFolder } from "../../../src/node/jobs/study/published.ts";
import { standingsOf } from "../../../src/node/jobs/study/run-study.ts";
import { type Study, studyRuns } from "../../../src/node/jobs/study/study-file.ts";
import { publishStudy } from "../../../src/node/report/study/publish.ts";
import { PLANTED, plantedStudy, publishPlanted } from "./planted.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function opened(): Study {
  const study = plantedStudy();
  folders.push(study.folder);
  return study;
}

test("a published run of another configuration, or asked less, does not count; a line that is none is refused", async () => {
  const study = opened();
  await publishPlanted(study, PLANTED);
  const path = join(sweepFolder(study, "who"), "runs.jsonl");
  const text = readFileSync(path, "utf8");
  const count = () =>
    standingsOf(study, studyRuns(study, ["who"]), new Map()).filter(({ state }) => state === "published")
      .length;
  expect(count()).toBe(12);
  writeFileSync(
    path,
    text.replace(/"sha256":"[0-9a-f]{8}/, '"sha256":"00000000').replace('"probes":["length"]', '"probes":[]'),
  );
  expect(count()).toBe(11);
  expect(standingsOf(study, studyRuns(study, ["who"]), new Map()).map(({ state }) => state)).toContain(
    undefined,
  );
  writeFileSync(path, text.replace("\n", "\n{}\n"));
  expect(() => readPublished(study, "who")).toThrow(/who\/runs\.jsonl: line 2: run: /);
  writeFileSync(path, text.slice(0, 500));
  expect(() => readPublished(study, "who")).toThrow(
    /line 1: is not JSON; take the file from the repository again/,
  );
});

test("rows are packed and come back: curves by position, single values, values that are missing", () => {
  const at = { split: "heldout", beyond: "clamp" };
  const row = (value: number | null, more: object = {}) => ({
    metric: "nll",
    value,
    unit: "nats",
    n: 4,
    se: 0.25,
    at: { ...more, ...at },
  });
  const rows = [
    ...[0, 1, 2].map((position) => row(position === 1 ? null : 0.5 + position, { position })),
    row(1.5, { position: 4 }), // not the next position: another curve
    { ...row(0.25), metric: "swap_accuracy", se: "exact" as const },
    { ...row(null), metric: "l50", se: null },
  ];
  const entries = packed(rows);
  expect(entries).toHaveLength(4);
  expect(unpacked(entries)).toEqual(rows);
});

test("a planted study is published: decisions, statements, the two orders; and again, from what is published, to the byte", async () => {
  const study = opened();
  await publishPlanted(study, PLANTED);
  const contrasts = [
    ["alibi", "better", "none"],
    ["none", "better", "rope"],
    ["alibi", "better", "kerple"],
  ];
  const statement = {
    id: "planted",
    sweeps: ["who"],
    statement: "ALiBi <b>loses</b> least.",
    source: "nobody",
  };
  const statements = [{ ...statement, metric: "nll", at: { range: "2–4 L_max" }, margin: 0.05, contrasts }];
  writeFileSync(
    join(study.folder, "registered.json"),
    JSON.stringify({ registered: "", unasked: [], statements }),
  );
  const said = { commit: "0000000", date: "2026-11-26", command: "study", machine: "none", versions: {} };
  const publish = () => publishStudy(study, standingsOf(study, studyRuns(study), new Map()), said);
  const before = readFileSync(join(sweepFolder(study, "who"), "runs.jsonl"), "utf8");
  await publish();
  const read = (name: string) => readFileSync(join(study.folder, name), "utf8");
  const { orders, registered, slopes } = JSON.parse(read("results.json"));
  // Losses rank alibi, t5, rope, none; exact match ranks none, rope, t5, alibi: the reverse.
  expect(orders).toHaveLength(1);
  expect(orders[0]).toMatchObject({ language: "who", tasks: ["copy"], tau: -1, seeds: 3 });
  const verdicts = registered[0].parts.map(({ verdict }: { verdict: string }) => verdict);
  expect(verdicts).toEqual(["confirmed", "refuted", "not asked"]);
  expect(slopes).toHaveLength(8);
  expect(slopes[0]).toMatchObject({ sweep: "who", condition: "none", change: -0.4, isSteep: true });
  const html = read("report.html");
  expect(html).toContain("over these encodings the two orders disagree");
  expect(html).toContain("ALiBi &lt;b&gt;loses&lt;/b&gt; least.");
  expect(html).not.toMatch(/NaN|undefined|∞/);
  expect(read("figures/orders.svg")).toMatch(/^<svg/);
  expect(readFileSync(join(study.folder, "figures/orders.png")).subarray(1, 4).toString()).toBe("PNG");
  expect(orders[0]).toMatchObject({ pairs: { agree: 0, oppose: 6, tied: 0 }, p: 0.0833333 });
  expect(read("copy/results.csv").split("\n").slice(0, 2)).toEqual([
    ...["metric,unit,items,condition,seed,value", "exact_match_past,accuracy,30,none,1,0.9"],
  ]);
  expect(JSON.parse(read("copy/results.json"))[0]).toMatchObject({
    metric: "exact_match_past",
    against: "none",
  });
  const after = read("who/runs.jsonl");
  await publish();
  expect(read("who/runs.jsonl")).toBe(after);
  expect(after.split("\n").sort()).toEqual(before.split("\n").sort());
});
