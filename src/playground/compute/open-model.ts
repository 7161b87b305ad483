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
import { checkSums, type Folder, fileIn, jsonIn } from "./folder.ts";

/** A model that is ready to be asked. */
export interface OpenModel {
  readonly model: Model;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  readonly preset?: Preset | undefined;
  /** What it was trained on, where that can be made anew. */
  readonly data?: AnyData | undefined;
  /** What it was elsewhere, such as "GPT-2". */
  readonly architecture?: string | undefined;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/**
 * Opens a step directory of whereabouts.
 *
 * @param where names the folder in messages
 * @param remedy what a person does about a file that is not what was saved
 * @throws InputError where a file is missing, damaged or does not fit the others
 */
export async function openStep(folder: Folder, where: string, remedy?: string): Promise<OpenModel> {
  const weights = fileIn(folder, "model.safetensors", where);
  const unchecked = await checkSums(folder, where, remedy);
  const config = jsonIn(folder, "config.json", where);
  if (!isOurs(config)) throw new InputError(`${where}: config.json is not of whereabouts`);
  const { vocabSize, config: fields, preset } = ownConfig(config, where, { changes: [], known: listed });
  const { tokenizer, notes } = await tokenizerIn(
    folder,
    { vocabSize, isTrained: preset !== undefined },
    where,
  );
  if (tokenizer.vocabSize !== vocabSize)
    throw new InputError(
      `${where}: tokenizer.json has ${tokenizer.vocabSize} tokens, the model ${vocabSize}; they belong to different models`,
    );
  const model = createModel(fields, vocabSize);
  const { tensors } = decodeSafetensors(weights, where);
  const params = toParams(fittingTensors(tensors, model.specs, where));
  return {
    model,
    params,
    tokenizer,
    preset,
    data: preset && dataOf(preset),
    notes: [...unchecked, ...notes],
  };
}

/** A model that was imported has the tokenizer that it came with. */
async function tokenizerIn(
  folder: Folder,
  { vocabSize, isTrained }: { readonly vocabSize: number; readonly isTrained: boolean },
  where: string,
): Promise<Pick<OpenModel, "tokenizer" | "notes">> {
  if (isTrained) return { tokenizer: readTokenizer(jsonIn(folder, "tokenizer.json", where)), notes: [] };
  return (await import("./foreign-tokenizer.ts")).foreignTokenizerIn(folder, vocabSize, where);
}

/** The data of a preset, where no file is needed to make it. */
function dataOf({ data, seed }: Preset): AnyData | undefined {
  if (data.kind === "who") return openWho(data, seed);
  return data.kind === "task" ? openTask(data, seed) : undefined;
}
