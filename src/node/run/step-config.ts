/** What a step says of its model: the preset that trained it, and the tokenizer. */
import { join } from "node:path";
import { readTokenizer, type Tokenizer } from "../../data/tokenizers/index.ts";
import { InputError } from "../../errors.ts";
import { isOurs, type OwnConfig, ownConfig } from "../../train/own-config.ts";
import { type Known, listed, type Preset } from "../../train/preset.ts";
import { readSums, type Sums } from "../files/sums.ts";
import { readJson } from "./preset.ts";

/**
 * The preset that a step was trained by.
 *
 * @throws InputError where its config.json cannot be read or is not ours.
 */
export function loadedPreset(path: string, known: Known = listed): Preset {
  const where = join(path, "config.json");
  return presetOf(ourConfig(where), where, known);
}

/** @throws InputError where a step's config.json cannot be read or is not ours. */
export function ourConfig(where: string, sums?: Sums): OwnConfig {
  const config = readJson(where, sums?.get("config.json"));
  if (isOurs(config)) return config;
  throw new InputError(`${where}: is not a model of whereabouts; it cannot be trained on`);
}

/** @throws InputError where no preset has trained it */
export function presetOf(config: OwnConfig, where: string, known: Known): Preset {
  const { preset } = ownConfig(config, where, { changes: [], known });
  if (preset === undefined)
    throw new InputError(
      `${where}: is an imported model, which no preset has trained; it cannot be trained on`,
    );
  return preset;
}

/** The tokenizer of a step that training goes on from. */
export function stepTokenizer(path: string): Tokenizer {
  return readTokenizer(readJson(join(path, "tokenizer.json"), readSums(path)?.get("tokenizer.json")));
}
