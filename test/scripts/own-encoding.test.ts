/**
 * An encoding of the user's own: the walk of its README as it is written, and what is wrong with a
 * file said in one line.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { runsBeside } from "./run-beside.ts";
import { type Outcome, run, sets } from "./run-command.ts";

/** Seconds instead of a minute: everything else is as the README has it. */
const SMALL = sets("train.steps=3", "train.batch=4", "model.width=16", "data.nouns=4", "data.verbs=1");
/** Needs no set-up, and asks a probe in a quarter of the time of cpu. */
const ENGINE = "wasm";
const README = readFileSync(new URL("../../src/encodings/README.md", import.meta.url), "utf8");
const [, section] = README.split("# Add an encoding: one file") as [string, string];

/** Code blocks of a language in the section, in order. */
const blocks = (language: string) =>
  [...section.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(([, code]) => code as string);

const FILE = blocks("ts").find((code) => code.includes("defineEncoding")) as string;
const [PRESET] = blocks("json") as [string];

const beside = runsBeside();
let folder: string;
let outcomes: Outcome[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "own-encoding-"));
  writeFileSync(join(folder, "mine.ts"), FILE);
  writeFileSync(join(folder, "my-preset.json"), PRESET);
  outcomes = [];
  for (const line of (blocks("sh")[0] as string).trim().split("\n")) {
    const [command, ...words] = line.replace("npm run -s ", "").replace(" -- ", " ").split(" ");
    const args = words.map((word) =>
      ["mine.ts", "my-preset.json", "checkpoints/recency"].includes(word) ? join(folder, word) : word,
    );
    const fewer = command === "train" ? SMALL : command === "probe" ? ["--probe", "order", "--json"] : [];
    outcomes.push(await beside(command as string, ...args, "--engine", ENGINE, ...fewer));
  }
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true }));

const trained = () => join(folder, "checkpoints/recency");

describe("the README's walk", () => {
  test("trains, probes and prints logits, each with exit code 0", () => {
    expect(outcomes).toHaveLength(3);
    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0);
    const metrics = (JSON.parse(outcomes[1]?.stdout as string) as { metric: string }[]).map(
      ({ metric }) => metric,
    );
    expect(metrics).toContain("swap_accuracy");
    const { logits } = JSON.parse(outcomes[2]?.stdout as string) as { logits: number[][] };
    expect(logits).toHaveLength(3);
    expect(logits.flat().every(Number.isFinite)).toBe(true);
  });

  test("run.json records the file's path and sha256", () => {
    expect(readRunJson(trained())?.encoding).toEqual({
      path: join(folder, "mine.ts"),
      sha256: createHash("sha256").update(FILE).digest("hex"),
    });
  });

  test("without the file the checkpoint is refused, and --encoding named", async () => {
    const { code, stderr } = await beside("logits", trained(), "--ids", "1,2", "--engine", ENGINE);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/unknown encoding; .*--encoding FILE/)]);
  });

  test("with the file changed, training refuses to go on and a probe warns", async () => {
    const changed = join(folder, "changed.ts");
    writeFileSync(changed, `${FILE}\n// another\n`);
    const again = ["--encoding", changed, "--engine", ENGINE];
    const preset = join(folder, "my-preset.json");
    const refused = await beside("train", preset, "--out", trained(), ...again, ...SMALL);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/mine\.ts as it was then \(sha256/),
    ]);
    const warned = await beside("logits", trained(), "--ids", "1,2,3", ...again);
    expect(warned.stderr).toMatch(/^warning: .*changed\.ts has changed since/);
    expect(warned.code).toBe(0);
    expect(warned.stdout).toBe(outcomes[2]?.stdout);
  });

  test("the same file under the only export's name, in a folder with a package.json of its own, loads too", async () => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "package.json"), '{ "name": "elsewhere" }');
    writeFileSync(join(elsewhere, "named.mts"), FILE.replace("export default", "export const recency ="));
    const args = ["--ids", "1,2,3", "--engine", ENGINE, "--encoding", join(elsewhere, "named.mts")];
    const { code, stdout, stderr } = await beside("logits", trained(), ...args);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(outcomes[2]?.stdout);
  });
});

test.each([
  ["as it is read", "process.exit(0);", /ends\.ts ended the process \(exit code 0\)/],
  ["in create", "", /ends\.ts: create ended the process \(exit code 0\)/],
  ["and one that never ends", "await new Promise(() => {});", /ends\.ts ended the process/],
])("a file that ends the process, %s, is named: exit code 2", async (_title, first, message) => {
  const file = join(folder, "ends.ts");
  writeFileSync(file, `${FILE.replace("layerParams:", "a: process.exit(0), layerParams:")}\n${first}`);
  const args = ["--encoding", file, "--engine", ENGINE, "--out", join(folder, "never"), ...SMALL];
  const { code, stdout, stderr } = await run("train", join(folder, "my-preset.json"), ...args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
  expect(existsSync(join(folder, "never"))).toBe(false);
});

test.each([
  [
    "an exit in a timer",
    "setTimeout(() => process.exit(0), 1)",
    /later\.ts ended the process \(exit code 0\)/,
  ],
  ["an exit in a promise", "Promise.resolve().then(() => process.exit(3))", /later\.ts ended the process/],
  ["a throw in a timer", 'setTimeout(() => { throw new Error("boom"); }, 1)', /later\.ts: .*Error: boom/],
  ["a rejected promise", 'Promise.reject(new Error("boom"))', /later\.ts: .*Error: boom/],
])("%s that a function leaves behind is named: exit code 2", async (_title, left, message) => {
  const file = join(folder, "later.ts");
  writeFileSync(
    file,
    FILE.replace("layerParams:", `a: void ${left}, layerParams:`).replace("a: void", "...void"),
  );
  const args = ["--encoding", file, "--engine", ENGINE, "--out", join(folder, "later"), ...SMALL];
  const { code, stdout, stderr } = await run("train", join(folder, "my-preset.json"), ...args);
  expect([code, stdout], stderr).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});

test("a file cut off by its reader still ends with 0: `logits | head`", async () => {
  const words = ["logits", trained(), "--ids", Array(32).fill(1).join(), "--engine", ENGINE];
  const args = [...words, "--encoding", join(folder, "mine.ts")].map((word) => `'${word}'`).join(" ");
  const bin = fileURLToPath(new URL("../../scripts/whereabouts.mjs", import.meta.url));
  const { stdout } = spawnSync("bash", ["-c", `node '${bin}' ${args} | true; echo \${PIPESTATUS[0]}`], {
    encoding: "utf8",
  });
  expect(stdout).toBe("0\n");
});

test("a name that the model has already is refused", async () => {
  const file = join(folder, "clash.ts");
  writeFileSync(
    file,
    FILE.replace(
      "layerParams:",
      '...{ params: { "wte.weight": { shape: [2], init: () => 0 } } }, layerParams:',
    ),
  );
  const args = ["--encoding", file, "--engine", ENGINE, ...SMALL];
  const { code, stderr } = await beside("train", join(folder, "my-preset.json"), ...args);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/the encoding's wte\.weight is a name that the model has already/),
  ]);
});

test("a file that cannot be used is one line on stderr and exit code 2", async () => {
  const preset = join(folder, "my-preset.json");
  const { code, stdout, stderr } = await beside("train", preset, "--encoding", join(folder, "none.ts"));
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(
    /^whereabouts train: --encoding: .*none\.ts cannot be read \(ENOENT\); check the path\n$/,
  );
});
