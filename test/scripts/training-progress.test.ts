/** What a person sees of a training run: the bar of a terminal, the lines of a pipe, the last lines. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainingProgress } from "../../scripts/training-progress.ts";
import { trainingSummary } from "../../scripts/training-summary.ts";
import { charactersTokenizer, characterVocabulary } from "../../src/data/tokenizers/characters.ts";
import { stepName } from "../../src/node/run/directory.ts";
import { parsePreset } from "../../src/train/preset.ts";

/** What is written to a terminal of so many columns, or to a pipe. */
function shown(name: string, columns?: number): string {
  const stream = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  const progress = trainingProgress(name, 1500, stream as unknown as NodeJS.WriteStream);
  progress.onStart({ directory: "checkpoints/x", step: 0 });
  progress.onStep({ step: 1400, lossNats: 0.61234 } as Parameters<typeof progress.onStep>[0]);
  progress.onValidation(1400, { train: 0.61234, validation: 0.59876 });
  progress.end();
  return String(stream.read());
}

/** Between escapes of a cursor and ends of lines. */
const drawings = (text: string) =>
  text.split(/\p{Cc}(?:\[[?\d;]*[A-Za-z])?/u).filter((part) => part.includes("/1500"));

describe.each(["rope", "transformer-xl", "a-preset-with-a-name-of-forty-characters"])(
  "the bar of %s",
  (name) => {
    test.each([40, 60, 80, 100, 200])("shows the validation loss in %i columns", (columns) => {
      const last = drawings(shown(name, columns)).at(-1) as string;
      expect(last).toMatch(/1400\/1500 {2}train 0\.612 {2}validation 0\.599/);
      if (columns >= 80 && name.length < 20) {
        expect([...last].length).toBeLessThan(columns);
        expect(last).toMatch(/[█░]{4,24}/);
      }
    });
  },
);

test("a pipe gets a line for each validation, and no escapes", () => {
  expect(shown("rope")).toMatch(
    /^rope {9}step 1400\/1500 {2}train 0\.612 {2}validation 0\.599 nats {2}[\d.]+ s\n$/,
  );
});

describe("the last lines", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "summary-"));
    for (const step of [500, 1000]) {
      mkdirSync(join(folder, stepName(step)));
      writeTokenizer(step, "The cat sat");
      for (const file of ["config.json", "model.safetensors"])
        writeFileSync(join(folder, stepName(step), file), "{}");
    }
    const losses = [
      [500, 0.61],
      [700, 0.57],
      [1000, 0.64],
    ] as const;
    for (const [step, loss] of losses) {
      for (const split of ["train", "validation"]) {
        const line = {
          step,
          split,
          loss,
          lossPerCharacter: loss / 2,
          tokens: step * 2048,
          seconds: step / 10,
        };
        appendFileSync(join(folder, "log.jsonl"), `${JSON.stringify(line)}\n`);
      }
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const writeTokenizer = (step: number, text: string) => {
    const tokenizer = charactersTokenizer(characterVocabulary(text));
    writeFileSync(join(folder, stepName(step), "tokenizer.json"), JSON.stringify(tokenizer.toJSON()));
  };
  const summary = (data: object, encoding?: string) => {
    const preset = parsePreset({ name: "x", model: { position: { kind: "none" } }, data }, "x.json");
    const own = encoding === undefined ? {} : { encoding: { path: encoding } };
    return trainingSummary({ directory: folder, preset, own });
  };

  test("say steps, time and pace, the last and the lowest loss, and which step the next commands read", () => {
    expect(summary({ kind: "text", corpus: "shakespeare" })).toEqual([
      "train: 1,000 steps, 2,048,000 tokens in 1 min 40 s, 20,480 tokens a second",
      "train: validation loss 0.640 nats (0.320 a character), lowest 0.570 at step 700; training loss 0.640",
      "train: of the steps saved, 500 has the lowest validation loss; the next commands read that one",
      `next: npm run -s probe -- ${folder}`,
      `      npm run -s sample -- ${folder} --prompt 'The '`,
    ]);
  });

  test.each([
    ["the cat sat", "'the '"],
    ["Ein Hund", "E"],
    ["0 1 2", undefined],
  ])("name a prompt that the vocabulary of %j has", (text, prompt) => {
    writeTokenizer(1000, text);
    const command = prompt && `      npm run -s sample -- ${folder} --prompt ${prompt}`;
    const last = summary({ kind: "text", corpus: "shakespeare" }).at(-1);
    expect(last).toBe(command ?? `next: npm run -s probe -- ${folder}`);
    writeTokenizer(1000, "The cat sat");
  });

  test("name the file of an encoding of one's own, as the next command needs it", () => {
    expect(summary({ kind: "who" }, "my encoding.ts").at(-1)).toBe(
      `next: npm run -s probe -- ${folder} --encoding 'my encoding.ts'`,
    );
  });
});
