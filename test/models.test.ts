/** Presets: what the comparison rests on is that they differ in their encoding alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodings } from "../src/encodings/index.ts";
import { readPreset } from "../src/node/run/preset.ts";

const FOLDER = join(import.meta.dirname, "..", "models");
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
/** What else the controls change, which cannot know order: see models/README.md. */
const CONTROLS: Record<string, { model: object; train: object }> = {
  "none-1-layer.json": { model: { layers: 1 }, train: {} },
  "none-bidirectional.json": {
    model: { attention: "bidirectional" },
    train: { objective: "masked", steps: 50 },
  },
};

const preset = (file: string) => readPreset(join(FOLDER, file));
/** Those of the comparison; the others are about other data than the world "who". */
const compared = files.filter((file) => preset(file).data.kind === "who");

test.each(files)("%s is named after its file", (file) => {
  expect(`${preset(file).name}.json`).toBe(file);
});

test.each(compared)("%s differs from none.json in its encoding alone", (file) => {
  const { name, model, train, ...rest } = preset("none.json");
  const changed = CONTROLS[file];
  const given = preset(file);
  const bare = { ...given, name, model: { ...given.model, position: model.position } };
  expect(bare).toEqual({
    ...rest,
    name,
    model: { ...model, ...changed?.model },
    train: { ...train, ...changed?.train },
  });
});

test("every encoding has a preset of its name with its defaults, and every preset a row of models/README.md", () => {
  const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
  for (const { kind } of encodings) {
    const { position } = JSON.parse(readFileSync(join(FOLDER, `${kind}.json`), "utf8")).model;
    expect(position).toEqual({ kind });
  }
  for (const file of files)
    expect(readme).toMatch(new RegExp(`^\\| \`${file.replace(".json", "")}\` +\\|`, "m"));
});
