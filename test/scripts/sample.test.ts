/** `whereabouts sample` on models of a second's training, as a person or a program calls it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printableLines } from "../../src/printable.ts";
import { LEARNED, type Outcome, run, sets, TINY } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

const GPT2 = join(import.meta.dirname, "..", "goldens", "huggingface", "gpt2");
const BERT = join(import.meta.dirname, "..", "goldens", "huggingface", "bert");
const ENGINE = ["--engine", "cpu"];

interface Samples {
  readonly prompt: string;
  readonly samples: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

let folder: string;
let who: string;
let text: string;
let task: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sample-"));
  [who, text, task] = [join(folder, "who"), join(folder, "text"), join(folder, "task")];
  writeFileSync(join(folder, "own.txt"), "naïve dogs 🙂 bite men, men bite dögs 🙂\n".repeat(200));
  const trained = await Promise.all(
    [
      [who, "data.kind=who"],
      [text, `data={"kind":"text","path":${JSON.stringify(join(folder, "own.txt"))},"tokenizer":"bpe"}`],
      [task, 'data={"kind":"task","task":"copy"}'],
    ].map(([out, data]) =>
      runInside("train", LEARNED, "--out", out as string, ...ENGINE, ...TINY, ...sets(data as string)),
    ),
  );
  for (const { code, stderr } of trained) expect(code, stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const sample = (checkpoint: string, ...args: string[]) => runInside("sample", checkpoint, ...ENGINE, ...args);

async function samplesOf(checkpoint: string, ...args: string[]): Promise<Samples> {
  const { code, stdout, stderr } = await sample(checkpoint, ...args, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Samples;
}

test("what a tokenizer holds steers no terminal, and --json has it whole", async () => {
  const prompt = "bite\u001b[2J \u009b31m\u202e\rmen";
  const args = ["--prompt", prompt, "--tokens", "1", "--seed", "1"];
  for (const samples of ["1", "2"]) {
    const { code, stdout, stderr } = await sample(text, ...args, "--samples", samples);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^bite�\[2J �31m�men/);
  }
  const { stdout } = await sample(text, ...args, "--json");
  expect(stdout).not.toMatch(/[\u007f-\u009f\u202a-\u202e]/);
  expect((JSON.parse(stdout) as Samples).samples[0]?.text.startsWith(prompt)).toBe(true);
});

describe("a story", () => {
  test("goes on from the prompt, which <bos> opens, and the text alone is on stdout", async () => {
    const args = ["--prompt", "dog bites", "--tokens", "12", "--seed", "3"];
    const { prompt, samples } = await samplesOf(who, ...args);
    expect({ prompt, count: samples.length }).toEqual({ prompt: "dog bites", count: 1 });
    const [{ text: words, ids } = { text: "", ids: [] }] = samples;
    expect(ids[0]).toBe(0);
    expect(ids.length).toBeLessThanOrEqual(15);
    expect(words).toMatch(/^dog bites( \S+)*$/);
    const { stdout, stderr } = await run("sample", who, ...ENGINE, ...args);
    expect(stdout).toBe(`${words}\n`);
    expect(stderr).toMatch(/^sample: \d+ tokens in \d+\.\d\d s\n$/);
  });

  test("is another for each sample and each seed, and the same for the same", async () => {
    const args = ["--prompt", "dog", "--tokens", "20"];
    const [three, again, other] = await Promise.all([
      samplesOf(who, ...args, "--samples", "3"),
      sample(who, ...args, "--samples", "3"),
      samplesOf(who, ...args, "--seed", "2"),
    ]);
    const texts = three.samples.map((one) => one.text);
    expect(new Set(texts).size).toBe(3);
    expect(again.stdout).toBe(`${texts.join("\n---\n")}\n`);
    expect(texts).not.toContain(other.samples[0]?.text);
    expect((await samplesOf(who, ...args)).samples).toEqual(three.samples.slice(0, 1));
  });

  test("at temperature 0 is that of top-k 1 and of the least nucleus, whatever the seed", async () => {
    const args = ["--prompt", "dog", "--tokens", "20"];
    const [greedy, one, least] = await Promise.all([
      samplesOf(who, ...args, "--temperature", "0"),
      samplesOf(who, ...args, "--top-k", "1", "--seed", "9"),
      samplesOf(who, ...args, "--top-p", "1e-9", "--seed", "8"),
    ]);
    expect([one, least]).toEqual([greedy, greedy]);
  });

  test("goes past L_max under a policy or a scheme that is named", async () => {
    const args = ["--prompt", "dog", "--tokens", "40", "--temperature", "5", "--seed", "2"]; // hot: no <bos> soon
    for (const named of [sets("model.position.beyond=clamp"), ["--scheme", "wrapped", "--limit", "32"]]) {
      const { samples } = await samplesOf(who, ...args, ...named);
      expect(samples[0]?.ids.length).toBeGreaterThan(33);
    }
  });
});

test("bytes are shown as whole characters, whatever the tokens", async () => {
  const args = ["--prompt", "dogs 🙂", "--tokens", "20", "--temperature", "2"];
  const { samples } = await samplesOf(text, ...args);
  expect(samples[0]?.text.startsWith("dogs 🙂")).toBe(true);
  expect((await sample(text, ...args)).stdout).toBe(`${printableLines(samples[0]?.text ?? "")}\n`);
});

test("a task ends with its end sign", async () => {
  const { samples } = await samplesOf(task, "--prompt", "a b :", "--tokens", "25", "--samples", "8");
  const endings = samples.map((one) => one.text.indexOf("."));
  expect(endings.some((at) => at >= 0)).toBe(true);
  samples.forEach(({ text: problem }, i) => {
    if (endings[i] !== -1) expect(endings[i]).toBe(problem.length - 1);
  });
});

test("a model that comes from elsewhere takes ids", async () => {
  const { samples } = await samplesOf(GPT2, "--ids", "3,1,4", "--tokens", "5");
  expect(samples[0]?.ids.slice(0, 3)).toEqual([3, 1, 4]);
  expect(samples[0]?.ids.length).toBe(8);
});

describe("what cannot be done is one line on stderr, exit code 2 and nothing on stdout", () => {
  const dog = ["--prompt", "dog", "--tokens", "5"];
  const cases: Record<string, readonly [() => string, readonly string[], RegExp]> = {
    "more tokens than there are positions": [
      () => who,
      ["--prompt", "dog", "--tokens", "50"],
      /position 32 is outside \[0, 32\); .*clamped.*model\.position\.beyond; or ask for 31 tokens/,
    ],
    "a word that the model does not know": [() => who, ["--prompt", "zebra"], /"zebra" is not in the vocab/],
    "a bidirectional model": [
      () => BERT,
      ["--ids", "1"],
      /bidirectional model says nothing of what comes next/,
    ],
    "no prompt": [() => who, [], /--prompt: is missing; give a text, or token ids/],
    "two prompts": [() => who, [...dog, "--ids", "1"], /--prompt: was given beside --ids/],
    "an empty prompt that nothing opens": [() => text, ["--prompt", ""], /--prompt: is empty/],
    "no tokens": [() => who, ["--prompt", "dog", "--tokens", "0"], /--tokens: /],
    "a negative temperature": [() => who, [...dog, "--temperature=-1"], /--temperature: /],
    "half a token": [() => who, [...dog, "--top-k", "0.5"], /--top-k: /],
    "more than all probability": [() => who, [...dog, "--top-p", "1.5"], /--top-p: /],
    "a scheme without its field": [
      () => who,
      [...dog, "--scheme", "shifted"],
      /--scheme: by: is missing; give --by \(shifted: the first position\)/,
    ],
    "another without its field": [
      () => who,
      [...dog, "--scheme", "randomized"],
      /--scheme: range: is missing; give --range \(randomized, randomized-real: positions to draw from\)/,
    ],
  };

  test.each(Object.entries(cases))("%s", async (_, [checkpoint, args, message]) => {
    const outcome: Outcome = await sample(checkpoint(), ...args);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 2, stdout: "" });
    const lines = outcome.stderr.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("whereabouts sample: ")).length).toBe(1);
    expect(lines.at(-1)).toMatch(message);
  });
});
