/** A checkpoint folder as a model that can be asked: from bytes, wherever they come from. */
import { type AnyData, openTask, openWho } from "../../data/index.ts";
import { readTokenizer, type Tokenizer } from "../../data/tokenizers/index.ts";
import { InputError } from "../../errors.ts";
import { fittingTensors, toParams } from "../../formats/fitting-tensors.ts";
import { decodeSafetensors } from "../../formats/safetensors.ts";
import { createModel, type Model } from "../../model/model.ts";
import type { Params } from "../../tensor/params.ts";
import { isOurs, ownConfig } from "../../train/own-config.ts";
import { listed, type Preset } from "../../train/preset.ts";

/** The files of a folder, by name. */
export type Folder = ReadonlyMap<string, Uint8Array>;

/** A model that is ready to be asked. */
export interface OpenModel {
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  readonly preset?: Preset | undefined;
  /** What it was trained on, where that can be made anew. */
  readonly data?: AnyData | undefined;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/**
 * Opens a step directory of whereabouts.
 *
 * @param where names the folder in messages
 * @throws InputError where a file is missing, damaged or does not fit the others
 */
export function openStep(folder: Folder, where: string): OpenModel {
  const config = jsonIn(folder, "config.json", where);
  if (!isOurs(config)) throw new InputError(`${where}: config.json is not of whereabouts`);
  const { vocabSize, config: fields, preset } = ownConfig(config, where, { changes: [], known: listed });
  const tokenizer = readTokenizer(jsonIn(folder, "tokenizer.json", where));
  if (tokenizer.vocabSize !== vocabSize)
    throw new InputError(
      `${where}: tokenizer.json has ${tokenizer.vocabSize} tokens, the model ${vocabSize}; they belong to different models`,
    );
  const model = createModel(fields, vocabSize);
  const { tensors } = decodeSafetensors(fileIn(folder, "model.safetensors", where), where);
  const params = toParams(fittingTensors(tensors, model.specs, where));
  return { model, params, tokenizer, preset, data: preset && dataOf(preset), notes: [] };
}

/** The data of a preset, where no file is needed to make it. */
function dataOf({ data, seed }: Preset): AnyData | undefined {
  if (data.kind === "who") return openWho(data, seed);
  return data.kind === "task" ? openTask(data, seed) : undefined;
}

/** @throws InputError where it is not there */
export function fileIn(folder: Folder, name: string, where: string): Uint8Array {
  const bytes = folder.get(name);
  if (bytes === undefined) throw new InputError(`${where}: ${name} is missing; give the whole folder`);
  return bytes;
}

/** @throws InputError where it is not there, or no JSON */
export function jsonIn(folder: Folder, name: string, where: string): unknown {
  const text = new TextDecoder().decode(fileIn(folder, name, where));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${where}: ${name} is no JSON; take the file from the model again`, { cause });
  }
}
