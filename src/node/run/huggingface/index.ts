/**
 * The architectures of Hugging Face's libraries that are points of our model's space, and the doors
 * in and out.
 */
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../../errors.ts";
import { type Architecture, lackedBy, storedName } from "../../../formats/huggingface/architecture.ts";
import { bert } from "../../../formats/huggingface/bert.ts";
import { bloom } from "../../../formats/huggingface/bloom.ts";
import { toOurs } from "../../../formats/huggingface/convert.ts";
import { gptNeoX } from "../../../formats/huggingface/gpt-neox.ts";
import { gpt2 } from "../../../formats/huggingface/gpt2.ts";
import { settleTies } from "../../../formats/huggingface/ties.ts";
import type { StoredTensor } from "../../../formats/safetensors.ts";
import { createModel, type Model } from "../../../model/config.ts";
import { changedModel, listed } from "../../../train/preset.ts";
import { notFiniteNotes } from "../parameters.ts";
import { readTensors } from "./shards.ts";
import { tokenizerOf } from "./tokenizer.ts";

/** One line an architecture. */
export const architectures: readonly Architecture[] = [gpt2, bert, gptNeoX, bloom];

export interface ImportedModel {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** Our parameters, by our names. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** What a person should know, such as that words are not known and ids stand for them. */
  readonly notes: readonly string[];
}

/**
 * Reads a folder that Hugging Face's libraries wrote: config.json, the tensors, and the tokenizer
 * where it is one of ours.
 *
 * @param config the parsed config.json
 * @throws InputError for an architecture or a field that our model does not have, and for tensors
 *   that do not fit.
 */
export async function importModel(
  folder: string,
  config: unknown,
  changes: readonly string[] = [],
): Promise<ImportedModel> {
  const where = join(folder, "config.json");
  const architecture = architectureOf(config, where);
  const tensors = await readTensors(folder);
  const read = architecture.read(config, new Set(Object.keys(tensors)), where);
  const ties = settleTies(
    (name) => storedName(architecture, name, tensors),
    architecture.ties(read.model),
    tensors,
    folder,
  );
  const fields = ties.untied ? { ...read.model, tied: false } : read.model;
  const model = createModel(changedModel(fields, changes, listed, where), read.vocabSize);
  const ours = toOurs(architecture, model, tensors, folder);
  const { tokenizer, notes } = tokenizerOf(folder, read.vocabSize);
  return {
    ...{ model, tokenizer, tensors: ours.tensors },
    notes: [...read.notes, ...ties.notes, ...ours.notes, ...notFiniteNotes(ours.tensors, folder), ...notes],
  };
}

/** The architecture that a model is a point of, if there is one. */
export function architectureFor({ config }: Model): Architecture | undefined {
  return architectures.find(
    (one) => one.position === config.position.kind && lackedBy(one, config).length === 0,
  );
}

/**
 * As `architectureFor`.
 *
 * @throws InputError that says what keeps the model from being one.
 */
export function requireArchitecture(model: Model, where: string): Architecture {
  const found = architectureFor(model);
  if (found !== undefined) return found;
  const { position, attention } = model.config;
  const near = architectures.find(
    (one) => one.position === position.kind && one.fields.attention.is === attention,
  );
  if (near === undefined) {
    const known = architectures.map((one) => `${one.title} (${one.position}, ${one.fields.attention.is})`);
    throw new InputError(
      `${where}: no architecture of Hugging Face has ${position.kind} positions and ${attention} attention; there are ${known.join(", ")}`,
    );
  }
  throw new InputError(
    `${where}: is no ${near.title}: ${lackedBy(near, model.config).join(", ")}; train a model without these differences`,
  );
}

/**
 * Fields of a step directory's config.json beside our own: where it is a GPT-2, whose names are
 * ours, all that makes it one.
 */
export function huggingFaceFields(model: Model, tokenizer: Tokenizer): Record<string, unknown> {
  return architectureFor(model) === gpt2 ? gpt2.write(model, tokenizer) : { model_type: "whereabouts" };
}

function architectureOf(config: unknown, where: string): Architecture {
  const { model_type: type } = parseConfig(z.looseObject({ model_type: z.string() }), config, where);
  const found = architectures.find((one) => one.type === type);
  if (found !== undefined) return found;
  throw new InputError(
    `${where}: model_type ${JSON.stringify(type.slice(0, 80))} is not read; known: ${architectures.map((one) => one.type).join(", ")}`,
  );
}
