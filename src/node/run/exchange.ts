/** Models between a folder of Hugging Face's libraries and a checkpoint of ours. */

import { join } from "node:path";
import { requireArchitecture } from "../../formats/huggingface/architectures.ts";
import { toTheirs } from "../../formats/huggingface/convert.ts";
import { originLines } from "../../formats/huggingface/origin.ts";
import { type StoredTensor, safetensorsChunks } from "../../formats/safetensors.ts";
import { tf } from "../../tensor/tf.ts";
import { type Known, listed } from "../../train/preset.ts";
import { type FileContent, indentedJson, requireNewFolder, writeDirectory } from "../files/durable.ts";
import { loadCheckpoint, modelFiles } from "./checkpoint.ts";
import { tokenizerFiles } from "./huggingface/files.ts";
import { importModel } from "./huggingface/import-model.ts";
import { notFiniteNotes, requireFiniteTensors, stored } from "./parameters.ts";
import { readJson } from "./preset.ts";
import { requireModel } from "./resolve.ts";

/** What was written, and what a person should know of it. */
export interface Exchange {
  /** "GPT-2", "BERT", … */
  readonly architecture: string;
  readonly notes: readonly string[];
}

/** What an import or an export may be told. */
export interface ExchangeOptions {
  /** Writes weights that are NaN or infinite too, and names them in the notes. */
  readonly keepNotFinite?: boolean | undefined;
}

/** How a checkpoint is written for other libraries. */
export interface ExportOptions extends ExchangeOptions {
  /**
   * `model_type` of the architecture, such as "gpt2". Default: what the model came from, else the
   * first that it is a point of.
   */
  readonly architecture?: string | undefined;
}

const REMEDY = "take another model, or write it as it is with --keep-not-finite";

/**
 * Writes a folder of Hugging Face's libraries as a checkpoint.
 *
 * @throws InputError where it cannot be read, is of an architecture that our model does not have,
 *   or `out` exists; NotFiniteError where a weight is NaN or infinite.
 * @example
 * const preset = parsePreset({ name: "gpt", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "learned" } }, data: { kind: "who", nouns: 4, verbs: 1 } }, "gpt");
 * const { tokenizer } = await openData(preset.data, 1);
 * const model = createModel(preset.model, tokenizer.vocabSize);
 * const step = await checkpoints.save(join(folder, "gpt-again"), { preset, model, tokenizer, state: initialState(model, 1) });
 * await exportCheckpoint(step, join(folder, "theirs"));
 * const { architecture } = await importCheckpoint(join(folder, "theirs"), join(folder, "ours"));
 * assert.equal(architecture, "GPT-2");
 */
export async function importCheckpoint(
  folder: string,
  out: string,
  { keepNotFinite = false }: ExchangeOptions = {},
): Promise<Exchange> {
  requireNewFolder(out);
  requireModel(folder);
  const config = readJson(join(folder, "config.json"));
  const tensors: Record<string, StoredTensor> = {};
  const { notes, ...imported } = await importModel(folder, config, (name, parameter) => {
    tensors[name] = parameter;
  });
  const said = notFiniteNotes(tensors, folder);
  if (!keepNotFinite) requireFiniteTensors(tensors, folder, REMEDY);
  await writeDirectory(out, modelFiles(imported, tensors), { sums: true });
  const { origin } = imported;
  const { title } = requireArchitecture(imported.model, folder, { rather: origin.architecture });
  return { architecture: title, notes: [...originLines(origin), ...notes, ...said] };
}

/**
 * Writes a checkpoint as a folder that Hugging Face's libraries load.
 *
 * @param known what the checkpoint may name
 * @throws InputError where the checkpoint cannot be read, no architecture of theirs, or not the one
 *   asked for, has what it is, or `out` exists; NotFiniteError where a weight is NaN or infinite.
 * @example
 * const preset = parsePreset({ name: "gpt", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "learned" } }, data: { kind: "who", nouns: 4, verbs: 1 } }, "gpt");
 * const { tokenizer } = await openData(preset.data, 1);
 * const model = createModel(preset.model, tokenizer.vocabSize);
 * const step = await checkpoints.save(join(folder, "gpt"), { preset, model, tokenizer, state: initialState(model, 1) });
 * const { architecture } = await exportCheckpoint(step, join(folder, "exported"));
 * assert.equal(architecture, "GPT-2");
 */
export async function exportCheckpoint(
  checkpoint: string,
  out: string,
  known: Known = listed,
  { keepNotFinite = false, architecture: as }: ExportOptions = {},
): Promise<Exchange> {
  requireNewFolder(out);
  const { model, params, tokenizer, origin, notes } = await loadCheckpoint(checkpoint, [], known);
  try {
    const architecture = requireArchitecture(model, checkpoint, { as, rather: origin?.architecture });
    const same = origin?.architecture === architecture.type;
    const firstRow = (same ? origin.firstRow : architecture.firstRow?.(tokenizer, checkpoint)) ?? 0;
    const ours = await stored(params);
    if (!keepNotFinite) requireFiniteTensors(ours, checkpoint, REMEDY);
    const tensors = toTheirs(architecture, model, ours, firstRow);
    const files: Record<string, FileContent> = {
      "config.json": indentedJson({
        ...architecture.write(model, tokenizer, firstRow),
        ...(same && origin.tokenIds),
        dtype: "float32",
      }),
      "model.safetensors": safetensorsChunks(tensors, { format: "pt" }),
      "tokenizer_config.json": indentedJson({ tokenizer_class: "PreTrainedTokenizerFast" }),
      ...tokenizerFiles(tokenizer),
    };
    await writeDirectory(out, files);
    return { architecture: architecture.title, notes };
  } finally {
    tf.dispose(Object.values(params));
  }
}
