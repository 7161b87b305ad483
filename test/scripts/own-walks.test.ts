/**
 * A task, a corpus and a probe of the user's own: the walks of src/data/README.md as they are
 * written, and other files refused.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { runsBeside } from "./run-beside.ts";
import { type Outcome, sets } from "./run-command.ts";

/** Seconds instead of a minute: everything else is as the README has it. */
const SMALL = sets("train.steps=2", "train.batch=2", "model.width=8", "model.layers=1");
/** Needs no set-up, and asks a probe in a quarter of the time of cpu. */
const ENGINE = "wasm";
const README = readFileSync(new URL("../../src/data/README.md", import.meta.url), "utf8");
const sectionOf = (title: string) => README.split(`## ${title}: one file`)[1]?.split("\n## ")[0] as string;
const block = (section: string, language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(section)?.[1] as string;

const [TASK, CORPUS] = [sectionOf("Add a task"), sectionOf("Add a corpus")];
const folder = mkdtempSync(join(tmpdir(), "own-walks-"));
const at = (name: string) => join(folder, name);
const { XDG_CACHE_HOME: before } = process.env;

/** Runs the commands of a section with its files in the test's folder. */
async function walk(section: string, file: string): Promise<Outcome[]> {
  writeFileSync(at(file), block(section, "ts"));
  const outcomes: Outcome[] = [];
  for (const line of block(section, "sh").trim().split("\n")) {
    const [command = "", ...words] = line.replace("npm run -s ", "").replace(" -- ", " ").split(" ");
    const args = words.map((word) => (word === file || word.startsWith("checkpoints/") ? at(word) : word));
    const more = command === "data" ? [] : ["--engine", ENGINE, ...(command === "train" ? SMALL : [])];
    outcomes.push(await beside(command, ...args, ...more));
  }
  return outcomes;
}

const beside = runsBeside();
let tasks: Outcome[];
let corpora: Outcome[];
beforeAll(async () => {
  process.env.XDG_CACHE_HOME = at("cache");
  [tasks, corpora] = [await walk(TASK, "last.ts"), await walk(CORPUS, "rhymes.ts")];
}, 300_000);
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(folder, { recursive: true });
});

const recorded = (file: string) => ({
  path: at(file),
  sha256: createHash("sha256")
    .update(readFileSync(at(file)))
    .digest("hex"),
});
const changed = (file: string) => {
  const path = at(`changed-${file}`);
  writeFileSync(path, `${readFileSync(at(file), "utf8")}\n// another\n`);
  return path;
};

describe("the walk of a task", () => {
  test("trains and probes, each with exit code 0; run.json has the file and its hash", () => {
    for (const { code, stderr } of tasks) expect(code, stderr).toBe(0);
    expect(tasks[0]?.stderr).toContain(`--task ${at("last.ts")}`); // of the next command
    expect(tasks[1]?.stdout).toContain("exact_match");
    expect(readRunJson(at("checkpoints/last"))?.task).toEqual(recorded("last.ts"));
  });

  test("another file is refused, by training and by a probe", async () => {
    const more = ["--task", changed("last.ts"), "--engine", ENGINE];
    const out = ["--out", at("checkpoints/last"), "--set", "data.task=last-item", ...SMALL];
    const trained = await beside("train", "models/task.json", ...out, ...more);
    const probed = await beside("probe", at("checkpoints/last"), "--probe", "exact", ...more);
    for (const { code, stderr } of [trained, probed])
      expect([code, stderr]).toEqual([2, expect.stringMatching(/last\.ts as it was then \(sha256/)]);
  });

  test("without the file the checkpoint is refused, and --task named", async () => {
    const { code, stderr } = await beside(
      "sample",
      at("checkpoints/last"),
      "--prompt",
      "a :",
      "--engine",
      ENGINE,
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(/unknown task; .*--task FILE/)]);
  });

  test("a probe of one's own is asked beside a listed one, with its sizes, and its meaning is printed", async () => {
    writeFileSync(
      at("count.ts"),
      `import { countParameters, defineProbe, z } from "whereabouts";
       export default defineProbe({ name: "count", question: "How many parameters?", needs: [],
         metrics: { parameters: { title: "parameters", unit: "numbers", better: "neither", meaning: "Of the whole model." } },
         config: z.strictObject({ factor: z.int().min(1).max(9).default(1) }),
         run: async ({ model }, { factor }) => [
           { metric: "parameters", value: factor * countParameters(model.specs), n: 1, at: {} }] });`,
    );
    const list = [
      "--probe",
      `exact,${at("count.ts")}`,
      "--with",
      "count.factor=2",
      "--with",
      "exact.problems=4",
    ];
    const args = ["--task", at("last.ts"), "--engine", ENGINE];
    const { code, stdout, stderr } = await beside("probe", at("checkpoints/last"), ...list, ...args);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/exact_match[\s\S]*parameters \(numbers\)[\s\S]*Of the whole model\./);
  });
});

describe("the walk of a corpus", () => {
  test("makes, trains and samples, each with exit code 0; run.json has the file and its hash", () => {
    for (const { code, stderr } of corpora) expect(code, stderr).toBe(0);
    expect(corpora[0]?.stdout).toMatch(/^train: 2 files, \d+ bytes\n/);
    expect(corpora[0]?.stderr).toContain("licence: public domain");
    expect(corpora[2]?.stdout).toMatch(/^Mary/);
    expect(readRunJson(at("checkpoints/rhymes"))?.corpus).toEqual(recorded("rhymes.ts"));
  });

  test("another file is refused, and a name that is neither listed nor given is an input error", async () => {
    const data = sets("data.kind=text", "data.corpus=rhymes");
    const args = ["models/learned.json", "--out", at("checkpoints/rhymes"), "--engine", ENGINE, ...data];
    const refused = await beside("train", ...args, ...SMALL, "--corpus", changed("rhymes.ts"));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/rhymes\.ts as it was then/)]);
    const unknown = await beside("train", ...args, ...SMALL);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/unknown corpus; .*--corpus FILE/),
    ]);
    const none = await beside("data");
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/data: no corpus was given; give a name/),
    ]);
  });
});
