/** The pure entry, built: it trains and probes with no module of Node's, as in a browser. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pure-"));
  const emit = ["--outDir", join(folder, "built"), "--noEmit", "false", "--rewriteRelativeImportExtensions"];
  const options = ["--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom,dom.iterable"];
  const more = ["--noCheck"]; // tsc has checked all of src: this is to be run
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const entry = join(ROOT, "src", "index.ts");
  const args = [
    tsc,
    "--ignoreConfig",
    ...emit,
    ...options,
    ...more,
    "--types",
    "node",
    "--rootDir",
    join(ROOT, "src"),
    entry,
  ];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  expect(built.stdout + built.stderr).toBe("");
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Refuses node: modules to what was built; packages have builds of their own for browsers. */
const REFUSING = `
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(\`
    export async function resolve(name, context, next) {
      const ours = context.parentURL?.includes("/built/");
      if (ours && name.startsWith("node:")) throw new Error(context.parentURL + " asks for " + name);
      return next(name, context);
    }\`));
`;

const PROGRAM = `
  import * as w from "./built/index.js";
  const engine = await w.startEngine("cpu");
  const data = w.openWho(w.whoConfig.parse({ kind: "who", nouns: 4, verbs: 1 }), 1);
  const config = w.modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 18, position: { kind: "rope" } });
  const model = w.createModel(config, data.tokenizer.vocabSize);
  const train = w.trainSchema.parse({ steps: 5, batch: 4, warmup: 1, evalEvery: 5, saveEvery: 5 });
  const losses = [];
  const state = await w.trainLoop({ model, data, train, seed: 1 }, w.initialState(model, 1), {
    onStep: ({ lossNats }) => losses.push(lossNats),
  });
  const subject = { model, params: state.params, tokenizer: data.tokenizer, material: data, training: { train, seed: 1, data } };
  const rows = await w.runProbe("order", subject, 1, { examples: 2, shuffledContexts: 1 });
  console.log(JSON.stringify({ engine: engine.name, step: state.step, losses, metrics: rows.map(({ metric }) => metric) }));
`;

test("trains five steps on cpu and probes the result, under a loader that refuses node: modules", () => {
  writeFileSync(join(folder, "refusing.js"), REFUSING);
  writeFileSync(join(folder, "program.js"), PROGRAM);
  const args = ["--import", join(folder, "refusing.js"), join(folder, "program.js")];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect([stderr, status]).toEqual(["", 0]);
  const { engine, step, losses, metrics } = JSON.parse(stdout.trim().split("\n").at(-1) as string);
  expect([engine, step, losses.length]).toEqual(["cpu", 5, 5]);
  expect(losses.every((loss: number) => loss > 0 && loss < 10)).toBe(true);
  expect(metrics).toContain("swap_accuracy");
}, 60_000);

test("the loader does refuse: what was built for Node is stopped at its first node: module", () => {
  writeFileSync(join(folder, "built", "reaches.js"), 'import "node:fs";');
  writeFileSync(join(folder, "other.js"), 'import "./built/reaches.js";');
  const args = ["--import", join(folder, "refusing.js"), join(folder, "other.js")];
  const { stderr, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect([status, /reaches\.js asks for node:fs/.test(stderr)]).toEqual([1, true]);
});
