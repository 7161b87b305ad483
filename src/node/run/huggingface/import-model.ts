/** A folder that Hugging Face's libraries wrote becomes a model of ours, tensor by tensor. */
import { join } from "node:path";
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { type ImportedTensors, importTensors } from "../../../formats/huggingface/import-tensors.ts";
import type { StoredTensor } from "../../../formats/safetensors.ts";
import { changedModel, listed } from "../../../train/preset.ts";
import { openTensors } from "./shards.ts";
import { tokenizerOf } from "./tokenizer.ts";

export interface ImportedModel extends ImportedTensors {
  readonly tokenizer: Tokenizer;
}

/**
 * Reads a folder that Hugging Face's libraries wrote: config.json, the tensors, and the tokenizer
 * where it is one of ours.
 *
 * @param config the parsed config.json
 * @param give gets our parameters one by one, by our names, as soon as all of each is read
 * @throws InputError for an architecture or a field that our model does not have, and for tensors
 *   that do not fit.
 */
export async function importModel(
  folder: string,
  config: unknown,
  give: (name: string, parameter: StoredTensor) => void,
  changes: readonly string[] = [],
): Promise<ImportedModel> {
  const where = join(folder, "config.json");
  const parse = (fields: object) => changedModel(fields, changes, listed, where);
  const tensors = await openTensors(folder);
  try {
    const imported = await importTensors({ config, tensors, folder, where, parse, give });
    const { tokenizer, notes } = tokenizerOf(folder, imported.model.vocabSize);
    return { ...imported, tokenizer, notes: [...imported.notes, ...notes] };
  } finally {
    await tensors.close();
  }
}
