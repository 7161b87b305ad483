/** `import` and `export`, and the commands that take a Hugging Face folder as it is. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { metricsOf, probes } from "../../src/probes/index.ts";
import { runInside } from "./run-inside.ts";

const GOLDENS = join(import.meta.dirname, "..", "goldens", "huggingface");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "exchange-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const logits = async (checkpoint: string) => {
  const { code, stdout } = await runInside("logits", checkpoint, "--ids", "3,1,4", "--engine", "cpu");
  expect(code).toBe(0);
  return JSON.parse(stdout) as { logits: number[][] };
};

test("in and out again, paths alone on stdout, and every step of the way gives the same logits", async () => {
  const [inside, outside] = [join(folder, "in"), join(folder, "out")];
  const imported = await runInside("import", join(GOLDENS, "gpt-neox"), "--out", inside);
  expect(imported).toMatchObject({ code: 0, stdout: `${inside}\n` });
  expect(imported.stderr).toMatch(
    /has no tokenizer\.json; tokens are written as their ids.*\n.*a GPT-NeoX\n$/,
  );
  const exported = await runInside("export", inside, "--out", outside);
  expect(exported).toMatchObject({ code: 0, stdout: `${outside}\n`, stderr: "export: a GPT-NeoX\n" });
  expect(readdirSync(outside).sort()).toEqual([
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  expect(JSON.parse(readFileSync(join(outside, "config.json"), "utf8"))).toMatchObject({
    model_type: "gpt_neox",
  });
  const original = await logits(join(GOLDENS, "gpt-neox"));
  expect(original.logits[0]).toHaveLength(17);
  expect(await logits(inside)).toEqual(original);
  expect(await logits(outside)).toEqual(original);
});

test("an imported model compares pairs by ids, and is not asked about a world that it does not know", async () => {
  const pair = ["--pair", "5 6 7", "7 6 5", "--json"];
  const { code, stdout } = await runInside("probe", join(GOLDENS, "gpt2"), "--engine", "cpu", ...pair);
  expect(code).toBe(0);
  const comparisons = JSON.parse(stdout) as { continuation: string; divergenceBits: number }[];
  expect(comparisons.map(({ continuation }) => continuation)).toEqual([""]);
  expect(comparisons[0]?.divergenceBits).toBeGreaterThan(0);
  const few = ["--fresh", "--with", "needle.needles=2"]; // plain JavaScript takes 15 seconds for those of the default
  const asked = await runInside("probe", join(GOLDENS, "gpt2"), "--engine", "cpu", "--json", ...few);
  expect(asked.code, asked.stderr).toBe(0);
  expect(asked.stderr).toMatch(/^left out: probe order: needs pairs \(.*--pairs FILE\)$/m);
  const rows = JSON.parse(asked.stdout) as { metric: string }[];
  const unaided = Object.keys(
    metricsOf(probes.filter(({ needs, needsOneOf = [] }) => needs.length + needsOneOf.length === 0)),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ metric }) => !unaided.includes(metric))).toEqual([]);
});

test("what cannot be read is one line and exit code 2", async () => {
  const { code, stdout, stderr } = await runInside("import", folder, "--out", join(folder, "never"));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    /^whereabouts import: .*: neither run\.json nor config\.json is there; give the folder of .*\n$/,
  );
});
