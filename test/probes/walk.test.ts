/** The walk of src/probes/README.md, step by step as it is written, in a copy of the tree. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadOwnProbe } from "../../src/node/run/own/index.ts";

const ROOT = join(import.meta.dirname, "../..");
const [, walk = ""] = readFileSync(join(ROOT, "src/probes/README.md"), "utf8").split("## Add a probe");
/** Each step: the file that the text names before a block, and the block. */
const STEPS = [...walk.matchAll(/`(src\/[\w/]+\.ts)`[^`]*:\n\n```ts\n(.*?)```/gs)].map(([, file, code]) => ({
  file: file as string,
  code: code as string,
}));

let tree: string;
const inTree = (path: string) => join(tree, path);
const load = <T>(path: string) => import(pathToFileURL(inTree(path)).href) as Promise<T>;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "add-a-probe-"));
  for (const path of ["src", "package.json", "tsconfig.json", "biome.json"])
    cpSync(join(ROOT, path), inTree(path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), inTree("node_modules"), "junction");
  for (const { file, code } of STEPS) {
    if (file.endsWith("/index.ts")) addLine(file, code);
    else writeFileSync(inTree(file), code, { flag: "wx" }); // a file of its own: there is none of the name
  }
});
afterAll(() => rmSync(tree, { recursive: true }));

/** An import before the others, and a line at the end of the list. */
function addLine(file: string, code: string): void {
  const [imported = "", entry = "", ...more] = code.trimEnd().split("\n");
  expect(more).toEqual([]);
  const before = readFileSync(inTree(file), "utf8");
  const after = `${imported}\n${before}`.replace(/^\](?=;| as )/m, `${entry}\n]`);
  expect(after.split("\n")).toHaveLength(before.split("\n").length + 2);
  writeFileSync(inTree(file), after);
}

test("adding a probe with a figure touches two files of its own and a line in each of two lists", () => {
  expect(STEPS.map(({ file }) => file)).toEqual([
    "src/probes/entropy.ts",
    "src/probes/index.ts",
    "src/figures/entropy.ts",
    "src/figures/index.ts",
  ]);
});

test("the same probe is a file anywhere, with the imports that the walk says", async () => {
  const [imports] = /import \{ defineProbe,[^}]*\} from "whereabouts"/.exec(walk) ?? [];
  const [{ code: listed } = { code: "" }] = STEPS;
  const code = listed.replaceAll(/^import .*\n/gm, "").replace("export const entropy =", "export default");
  const file = join(tree, "mine.ts");
  writeFileSync(file, `${imports};\n${code}`);
  expect((await loadOwnProbe(file)).definition.name).toBe("entropy");
});

test("what is written has no error of types", () => {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const project = { extends: "./tsconfig.json", include: ["src"], compilerOptions: { noEmit: true } };
  writeFileSync(inTree("tsconfig.walk.json"), JSON.stringify(project));
  const run = () =>
    execFileSync(process.execPath, [tsc, "--project", inTree("tsconfig.walk.json")], { encoding: "utf8" });
  expect(run()).toBe("");
});

test("the probe answers by its name on a small model, with the unit that its metric says, and the figure is drawn", async () => {
  type Src = typeof import("../../src/index.ts");
  const { startEngine, openWho, whoConfig, createModel, modelSchema, initialize, runProbe, disposeTree } =
    await load<Src>("src/index.ts");
  await startEngine("cpu");
  const data = openWho(whoConfig.parse({ kind: "who" }), 1);
  const shape = { layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } };
  const model = createModel(modelSchema().parse(shape), data.tokenizer.vocabSize);
  const params = initialize(model.specs, 1);
  const subject = { model, params, tokenizer: data.tokenizer, material: data };
  const measurements = await runProbe("entropy", subject, 1, { contexts: 2 });
  disposeTree(params);
  expect(measurements.map(({ at }) => at.position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  for (const { unit, value } of measurements) {
    expect(unit).toBe("bits");
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(Math.log2(model.vocabSize) + 1e-6);
  }
  const { demoReport } =
    await load<typeof import("../../src/node/report/demo.ts")>("src/node/report/demo.ts");
  const run = { preset: "rope", encoding: "rope", title: "RoPE", config: {}, parameters: 0, log: [] };
  const sections = await demoReport([{ ...run, measurements }]);
  const section = sections.find(({ id }) => id === "entropy");
  expect(section?.lead).toMatch(
    /^At the end of a context the entropy of the next token is \d\.\d\d bits for `rope`\.$/,
  );
  expect(section?.figures?.[0]?.svg).toContain(">rope</text>");
});
