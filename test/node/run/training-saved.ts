/** Small untrained models, saved as training saves them. */
import { join } from "node:path";
import { whoConfig } from "../../../src/data/corpora/who.ts";
import { openWho } from "../../../src/data/index.ts";
import { createModel } from "../../../src/model/model.ts";
import { checkpointFiles } from "../../../src/node/run/checkpoint.ts";
import { writeStep } from "../../../src/node/run/directory.ts";
import { parsePreset } from "../../../src/train/preset.ts";
import { initialState } from "../../../src/train/step.ts";

const SIZES = {
  layers: 1,
  heads: 2,
  width: 8,
  context: 12,
  attention: "causal",
  position: { kind: "learned" },
};

/** Saves a model of one block and width 8, under another step than its first, in a run directory `name`. */
export async function saveModel(folder: string, name: string, fields: object = {}) {
  const model = { ...SIZES, ...fields };
  const train = { objective: model.attention === "causal" ? "causal" : "masked" };
  const preset = parsePreset({ name, model, train }, `${name}.json`);
  const { tokenizer } = openWho(whoConfig.parse({ kind: "who" }), 1);
  const built = createModel(preset.model, tokenizer.vocabSize);
  const state = { ...initialState(built, 1), step: 3 };
  const path = await writeStep(join(folder, name), 3, await checkpointFiles(preset, built, tokenizer, state));
  return { path, model: built, state };
}
