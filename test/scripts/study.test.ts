/** `study`: a tiny one is trained, found done, published, and needs no training from what is published. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { runInside } from "./run-inside.ts";

vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), "study-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fields = ["model.layers=1", "model.width=8", "model.heads=2", "model.context=18", "train.batch=4"];
writeFileSync(
  join(folder, "study.json"),
  JSON.stringify({
    models: relative(folder, join(import.meta.dirname, "../../models")),
    presets: ["sinusoidal", "learned"],
    set: [...fields, "train.steps=4", "train.evalEvery=2", "train.evalBatches=1"],
    sweeps: [
      {
        name: "who",
        title: "stories",
        kind: "language",
        data: { kind: "who" },
        seeds: 1,
        probes: ["positions"],
      },
    ],
  }),
);

const study = (runs: string, ...more: string[]) =>
  runInside(
    "study",
    join(folder, "study.json"),
    "--engine",
    "cpu",
    "--workers",
    "1",
    "--runs",
    join(folder, runs),
    ...more,
  );

test("it is trained, published, and done from what is published", async () => {
  const trained = await study("runs");
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toMatch(/^study: part 1 of 1: who, 2 runs$/m);
  expect(trained.stdout).toMatch(/^study: 2 of 2 runs are done$/m);
  const refused = await study("runs", "--publish", "--sweeps", "who");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/--publish: is of the whole study; leave out --sweeps/);
  const published = await study("runs", "--publish");
  expect(published.code, published.stderr).toBe(0);
  const lines = readFileSync(join(folder, "who/runs.jsonl"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      run: expect.stringMatching(/^sinusoidal-who-s1-/),
      parameters: expect.any(Number),
      probes: ["positions"],
    },
    {
      run: expect.stringMatching(/^learned-who-s1-/),
      validation: [
        [2, expect.any(Number)],
        [4, expect.any(Number)],
      ],
    },
  ]);
  const elsewhere = await study("none-here");
  expect(elsewhere.stderr).toMatch(/^study: all of it is done; --publish writes it$/m);
});
