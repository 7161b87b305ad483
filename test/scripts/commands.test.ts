import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTokenizer } from "../../src/data/tokenizers/index.ts";
import { readLog } from "../../src/node/run/log.ts";
import { readJson } from "../../src/node/run/preset.ts";
import { readRunJson } from "../../src/node/run/run-json.ts";
import { LEARNED, type Outcome, run, sets, TINY } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

/** The logits of ids 1, 2 and 3. */
let rows: number[][];
let folder: string;
let trained: string;
let first: Outcome;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
  trained = join(folder, "trained");
  first = await run("train", LEARNED, "--out", trained, "--engine", "cpu", ...TINY);
});
afterAll(() => rmSync(folder, { recursive: true }));

const logits = (...args: string[]) => runInside("logits", trained, "--engine", "cpu", ...args);

async function rowsOf(...args: string[]): Promise<number[][]> {
  const { code, stdout, stderr } = await logits(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return (JSON.parse(stdout) as { logits: number[][] }).logits;
}

describe("train", () => {
  test("writes a run directory and prints its path alone on stdout", () => {
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: `${trained}\n` });
    expect(readdirSync(trained).sort()).toEqual(["log.jsonl", "run.json", "step-000003", "step-000006"]);
    expect(readRunJson(trained)).toMatchObject({ status: "finished", config: { train: { steps: 6 } } });
    expect(readLog(trained).map(({ step, split }) => `${step} ${split}`)).toEqual([
      "3 train",
      "3 validation",
      "6 train",
      "6 validation",
    ]);
  });

  test("ends with its numbers and the next command, on stderr", () => {
    const losses = readLog(trained).flatMap(({ split, loss }) =>
      split === "validation" ? [loss?.toFixed(3)] : [],
    );
    const lines = first.stderr.trimEnd().split("\n").slice(-3);
    expect(lines[0]).toMatch(/^train: 6 steps, 768 tokens in [\d.]+ s, [\d,]+ tokens a second$/);
    expect(lines[1]).toMatch(
      new RegExp(`^train: validation loss ${losses.at(-1)} nats, .*lowest.*; training loss [\\d.]+$`),
    );
    expect(lines[2]).toBe(`next: npm run -s probe -- ${trained}`);
  });

  test("in a pipe each validation is a line", () => {
    expect(first.stderr).toMatch(
      /^learned +step 3\/6 {2}train [\d.]+ {2}validation [\d.]+ nats {2}[\d.]+ s$/m,
    );
  });

  test("skips a finished run, says so and ends with its numbers", async () => {
    const again = await runInside("train", LEARNED, "--out", trained, "--engine", "cpu", ...TINY);
    expect(again.code).toBe(0);
    expect(again.stdout).toBe(`${trained}\n`);
    const [said, ...numbers] = again.stderr.trimEnd().split("\n");
    expect(said).toBe(`train: ${trained} is finished already`);
    expect(numbers).toEqual(first.stderr.trimEnd().split("\n").slice(-3));
  });
});

describe("logits", () => {
  test("prints JSON alone on stdout: a row of V numbers an id", async () => {
    rows = await rowsOf("--ids", "1,2,3");
    const alone = await run("logits", trained, "--engine", "cpu", "--ids", "1,2,3");
    expect(alone).toMatchObject({ code: 0, stderr: "" });
    expect((JSON.parse(alone.stdout) as { logits: number[][] }).logits).toEqual(rows);
    expect(rows.length).toBe(3);
    const vocabulary = rows[0]?.length as number;
    expect(vocabulary).toBe(
      readTokenizer(readJson(join(trained, "step-000006", "tokenizer.json"))).vocabSize,
    );
    expect(rows.every((row) => row.length === vocabulary && row.every(Number.isFinite))).toBe(true);
    const outside = await logits("--ids", `1,${vocabulary}`);
    expectRefused(outside, new RegExp(`${vocabulary} at index 1 is outside \\[0, ${vocabulary}\\)`));
  });

  test("stands tokens at the positions of a scheme", async () => {
    const shifted = await rowsOf("--ids", "1,2,3", "--scheme", "shifted", "--by", "7");
    expect(shifted.map((row) => row.length)).toEqual(rows.map((row) => row.length));
    expect(shifted).not.toEqual(rows);
  });

  test("refuses a context past the learned table, and takes it under another policy", async () => {
    const ids = Array.from({ length: 33 }, (_, i) => i % 10).join(",");
    const [refused, clamped] = await Promise.all([
      logits("--ids", ids),
      rowsOf("--ids", ids, "--set", "model.position.beyond=clamp"),
    ]);
    expectRefused(refused, /learned: position 32 is outside \[0, 32\).*clamp/);
    expect(clamped.length).toBe(33);
  });
});

function expectRefused({ code, stdout, stderr }: Outcome, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd().split("\n").length).toBe(1);
  expect(stderr).toMatch(message);
}

describe("what cannot be done is one line on stderr, exit code 2 and nothing on stdout", () => {
  const cpu = ["--engine", "cpu"];
  const train = (...args: string[]) => ["train", LEARNED, "--out", join(folder, "refused"), ...cpu, ...args];
  const probe = (...args: string[]) => ["probe", trained, ...cpu, ...args];
  const cases: Record<string, readonly [() => string[], RegExp]> = {
    "no such command": [() => ["fly"], /fly is not a command; choose one of start, /],
    "a command misspelt": [() => ["porbe"], /porbe is not a command; did you mean probe\?; choose/],
    "an option that does not exist": [
      () => train("--sede", "4"),
      /--sede is not an option; did you mean --seed\?; see/,
    ],
    "a word too many": [
      () => train("rope"),
      /rope: more than the command takes; see whereabouts train --help/,
    ],
    "an unknown field of a preset": [
      () => train(...sets("train.stpes=4")),
      /--set train\.stpes=4: train\.stpes is not a field; known here: steps, batch/,
    ],
    "a seed that is no whole number": [() => train("--seed", "1.5"), /train: --seed: the value: .*int/],
    "a preset that is not there": [
      () => ["train", join(folder, "none.json")],
      /none\.json: cannot be read \(ENOENT\)/,
    ],
    "an output that holds another run": [
      () => ["train", LEARNED, "--out", trained, ...cpu, ...TINY, ...sets("seed=2")],
      /holds a run of another configuration: seed is 1 there and 2 here; give another --out/,
    ],
    "an option given twice": [
      () => ["logits", trained, ...cpu, "--ids", "1", "--ids", "2"],
      /--ids: was given 2 times \(1, 2\); give it once/,
    ],
    "ids that are no numbers": [
      () => ["logits", trained, ...cpu, "--ids", "1,two"],
      /--ids: "1,two" is not a list/,
    ],
    "a checkpoint that is not there": [
      () => ["logits", join(folder, "nowhere"), ...cpu, "--ids", "1"],
      /nowhere: does not exist/,
    ],
    "a text that is not there": [
      () => train(...sets("data.kind=text", "data.path=nowhere.txt")),
      /nowhere\.txt: does not exist; check the path/,
    ],
    "a task that does not fit": [
      () => train(...sets('data={"kind":"task","task":"copy"}', "model.context=4")),
      /"copy" needs contexts of 8 tokens or more, and model\.context is 4; raise it/,
    ],
    "a corpus that does not exist": [() => ["data", "bible"], /"bible", Choices: "shakespeare"/],
    "a probe that does not exist": [() => probe("--probe", "colour"), /colour/],
    "a word that the model does not know": [
      () => probe("--pair", "dog bites man", "zebra bites man"),
      /zebra/,
    ],
  };

  test.each(Object.entries(cases))("%s", async (_, [args, message]) => {
    expectRefused(await runInside(...args()), message);
  });

  test.concurrent.each(["no such command", "ids that are no numbers"])(
    "%s, in a process of its own",
    async (name) => {
      const [args, message] = cases[name] as (typeof cases)[string];
      expectRefused(await run(...args()), message);
    },
  );

  test("nothing was trained", () => {
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });
});
