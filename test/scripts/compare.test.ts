/** `compare`: runs side by side over seeds, from the command line to the verdict. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { InputError } from "../../src/errors.ts";
import { comparedRuns, namedRuns } from "../../src/node/jobs/compared-runs.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { exportCheckpoint } from "../../src/node/run/exchange.ts";
import { runTraining } from "../../src/node/run/training.ts";
import { defineProbe } from "../../src/probes/probe.ts";
import { parsePreset } from "../../src/train/preset.ts";
import { run } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SEEDS = [1, 2, 3];
const CONDITIONS = ["sinusoidal", "learned"];

beforeAll(async () => {
  const engine = await startEngine("cpu");
  for (const kind of CONDITIONS) {
    for (const seed of SEEDS) {
      const model = { layers: 1, heads: 2, width: 8, context: 18, position: { kind } };
      const train = { steps: 2, batch: 4, warmup: 1, evalBatches: 1 };
      const preset = parsePreset({ name: kind, seed, model, train }, kind);
      await runTraining(preset, { out: join(folder, `${kind}-${seed}`), engine, versions: {} });
    }
  }
});

const ENGINE = ["--engine", "cpu", "--metric", "gram_monotonicity"];
const compare = (...args: string[]) => runInside("compare", ...args, ...ENGINE);

interface Decided {
  readonly metric: string;
  readonly summaries: readonly {
    readonly name: string;
    readonly values: { seed: number; value: number }[];
  }[];
  readonly contrasts: readonly {
    readonly first: string;
    readonly difference: { readonly values: number[] };
  }[];
}

test("a folder of runs is its conditions over seeds, each asked once; --json holds every seed's difference", async () => {
  const { code, stdout, stderr } = await run(
    "compare",
    folder,
    ...ENGINE,
    "--against",
    "sinusoidal",
    "--json",
  );
  expect(code, stderr).toBe(0);
  const [decided] = JSON.parse(stdout) as [Decided];
  expect(decided.metric).toBe("gram_monotonicity");
  const values = (name: string) => decided.summaries.find((one) => one.name === name)?.values ?? [];
  expect(values("learned").map(({ seed }) => seed)).toEqual(SEEDS);
  const [sinusoid] = values("sinusoidal");
  expect(new Set(values("sinusoidal").map(({ value }) => value)).size).toBe(1); // no seed moves it
  expect(decided.contrasts.map(({ first }) => first)).toEqual(["learned"]);
  const differences = values("learned").map(({ value }) => value - (sinusoid?.value ?? Number.NaN));
  expect(decided.contrasts[0]?.difference.values).toEqual(differences);
  const again = await compare(folder);
  expect(again.code).toBe(0);
  expect(again.stderr.match(/kept/g)?.length).toBeGreaterThanOrEqual(SEEDS.length * CONDITIONS.length);
  expect(again.stdout).toMatch(/^condition +parameters +mean ± sd +seeds +tied$/m);
});

test.each([
  [["--against", "learnt"], /--against: no condition is learnt.*there are learned, sinusoidal/],
  [["--metric", "gram_monotonicit"], /--metric: no probe measures gram_monotonicit\b.*gram_monotonicity/],
  [["--equivalence", "0"], /--equivalence: .*>0/],
])("%j is refused", async (args, message) => {
  const { code, stdout, stderr } = await runInside("compare", folder, "--engine", "cpu", ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test("one condition, or one run twice, is refused", async () => {
  const one = join(folder, "learned-1");
  const alone = await compare(one, join(folder, "learned-2"));
  expect(alone.stderr).toMatch(
    /compare: is of two conditions or more, and these 2 are all learned; give others too/,
  );
  expect(alone.code).toBe(2);
  expect((await compare(one)).stderr).toMatch(/and this one is learned; give others too/);
  const twice = await compare(one, one);
  expect(twice.stderr).toMatch(/are both seed 1 of learned; give one of them/);
  expect(twice.code).toBe(2);
});

test("files of one's own are asked about alone: a model from elsewhere stands beside runs", async () => {
  const [theirs, text, pairs] = ["theirs", "my.txt", "my.jsonl"].map((name) => join(folder, name));
  await exportCheckpoint(join(folder, "learned-1"), theirs as string);
  writeFileSync(text as string, "dog bites man . who bites ? dog . ".repeat(20));
  const orders = { context: "dog bites man .", swapped: "man bites dog .", answer: "who" };
  writeFileSync(pairs as string, JSON.stringify(orders));
  const runs = ["sinusoidal-1", "learned-1"].map((name) => join(folder, name));
  const files = ["--text", `${text}`, "--pairs", `${pairs}`];
  const sizes = ["--with", "length.factor=1", "--with", "length.contexts=2"];
  const options = ["--engine", "cpu", "--json", ...files, ...sizes];
  const { code, stdout, stderr } = await runInside("compare", `${theirs}`, ...runs, ...options);
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain("tokenizers differ"); // its file is another, its vocabulary is not
  const found = JSON.parse(stdout) as (Decided & { readonly at: { readonly split: string } })[];
  expect(new Set(found.map(({ at }) => at.split))).toEqual(new Set(["my.txt", "file"]));
  const names = found.flatMap(({ summaries }) => summaries.map(({ name }) => name.replace(/ \(.*/, "")));
  expect(new Set(names)).toEqual(new Set(["theirs", "sinusoidal", "learned"]));
});

test("a refusal names the run that it is of, and what each lacks", async () => {
  const dirs = [join(folder, "learned-1"), join(folder, "sinusoidal-1")];
  const metric = "minimal_accuracy"; // needs sentences, which nobody gave
  const { code, stderr } = await runInside("compare", ...dirs, "--engine", "cpu", "--metric", metric);
  expect(code).toBe(2);
  const lacks = (dir = "") => `${dir}: probe minimal: needs minimal (sentences, one good and one bad`;
  expect(stderr).toContain(
    `whereabouts compare: no two of these have ${metric} at one place; ${lacks(dirs[0])}`,
  );
  expect(stderr).toContain(lacks(dirs[1]));

  await startEngine("cpu");
  const probe = defineProbe({
    ...{ name: "refusing", question: "Why not?", needs: [], metrics: {}, config: z.strictObject({}) },
    run: () => Promise.reject(new InputError("probe refusing: cannot be asked; ask another")),
  });
  const asked = comparedRuns(namedRuns(dirs), { engine: "cpu", probes: [probe] });
  await expect(asked).rejects.toThrow(`${dirs[0]}: probe refusing: cannot be asked; ask another`);
});
