/** `study`: a tiny one is trained, found done, published, and needs no training from what is published. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    checkpoints: { folder: "models", seed: 1, of: [{ sweep: "who" }] },
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
  const tables = () =>
    ["results.csv", "means.csv", "results.json"].map((name) =>
      readFileSync(join(folder, "who", name), "utf8"),
    );
  const [before] = [tables(), await study("none-here", "--publish")];
  expect(tables()).toEqual(before); // whose numbers are longer where the runs are
});

test("its trained models are published, kept the second time, asked without a trace, and never written over others' files", async () => {
  const publish = (runs = "runs") => study(runs, "--publish-checkpoints");
  const nothing = await publish("none-here");
  expect(nothing.stderr).toMatch(/^study: no finished run in .*none-here for sinusoidal-who, learned-who: /m);
  expect((await publish()).stderr).toMatch(/^study: wrote 2 models, kept 0 /m);
  const model = join(folder, "models/learned-who");
  const files = () => readdirSync(model).map((name) => [name, readFileSync(join(model, name), "latin1")]);
  const before = files();
  expect(before.map(([name]) => name)).toEqual([
    ...["README.md", "SHA256SUMS", "config.json", "model.safetensors", "published.json"],
    ...["state.json", "tokenizer.json"],
  ]);
  expect((await publish()).stderr).toMatch(/^study: wrote 0 models, kept 2 /m);
  expect((await publish("none-here")).stderr).toMatch(/^study: wrote 0 models, kept 2 /m);
  const asked = await runInside("probe", model, "--probe", "positions", "--json", "--engine", "cpu");
  const [row] = JSON.parse(asked.stdout);
  const run = JSON.parse(readFileSync(join(model, "published.json"), "utf8"));
  expect(run.measurements[0].value).toBeCloseTo(row.value, 5);
  expect(files()).toEqual(before);
  writeFileSync(join(model, "model.safetensors"), "not these weights");
  expect((await publish("none-here")).stderr).toMatch(/model\.safetensors: is not what was saved/);
  expect((await publish()).stderr).toMatch(/^study: wrote 1 models, kept 1 /m);
  expect(files()).toEqual(before);
  rmSync(join(model, "published.json"));
  const refused = await publish();
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/learned-who: exists already; delete it or choose another folder/);
});

test("a probe that the study asks since is asked of runs that are here; published ones are not trained anew", async () => {
  const path = join(folder, "study.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('["positions"]', '["positions","cosine"]'));
  const elsewhere = await study("none-here");
  expect(elsewhere.code, elsewhere.stderr).toBe(0);
  expect(elsewhere.stderr).toMatch(
    /^study: 2 published runs of who lack an answer \(cosine\), and are not here/m,
  );
  expect(elsewhere.stderr).not.toMatch(/part 1/);
  expect(await study("runs", "--ask", "--retrain")).toMatchObject({ code: 2, stdout: "" });
  const asked = await study("runs", "--ask");
  expect(asked.code, asked.stderr).toBe(0);
  expect(asked.stdout).toMatch(/^study: 2 of 2 runs are done$/m);
  const again = await study("runs", "--ask");
  expect(again.stderr).toMatch(/^study: no run that is trained lacks an answer; --publish writes it$/m);
});
