/** A folder that Hugging Face's libraries wrote becomes a model of ours, tensor by tensor. */
import { join } from "node:path";
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { type Architecture, storedName, type TheirModel } from "../../../formats/huggingface/architecture.ts";
import { conversionOf } from "../../../formats/huggingface/convert.ts";
import { sourcesOf } from "../../../formats/huggingface/key-prefix.ts";
import { type Origin, rotationOf } from "../../../formats/huggingface/origin.ts";
import { settleTies } from "../../../formats/huggingface/ties.ts";
import type { StoredTensor } from "../../../formats/safetensors.ts";
import type { TensorEntry } from "../../../formats/safetensors-header.ts";
import { createModel, type Model } from "../../../model/config.ts";
import { changedModel, listed } from "../../../train/preset.ts";
import { architectureOf } from "./index.ts";
import { type OpenTensors, openTensors } from "./shards.ts";
import { tokenizerOf } from "./tokenizer.ts";

export interface ImportedModel {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly origin: Origin;
  /** What a person should know, such as that words are not known and ids stand for them. */
  readonly notes: readonly string[];
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
  const architecture = architectureOf(config, where);
  const tensors = await openTensors(folder);
  try {
    const read = await readStored(architecture, config, tensors, { folder, changes });
    const { model, firstRow, sources } = read;
    const taken = new Map(Object.entries(sources).map(([name, source]) => [source, name]));
    const headers = Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [name, tensors.headers[source] as TensorEntry]),
    );
    const conversion = conversionOf(architecture, model, headers, { where: folder, firstRow, give });
    const sha256 = await tensors.stream((source, tensor) => {
      const name = taken.get(source);
      if (name !== undefined) conversion.take(name, tensor);
    });
    const unused = [...read.notes, ...conversion.end()];
    const { tokenizer, notes } = tokenizerOf(folder, model.vocabSize);
    const origin: Origin = {
      ...{ architecture: architecture.type, title: architecture.title, firstRow, sha256 },
      ...{
        rotation: rotationOf(model),
        notes: unused.map((note) => note.replaceAll(join(folder, "/"), "").replace(`${folder}: `, "")),
      },
    };
    return { model, tokenizer, origin, notes: [...unused, ...notes] };
  } finally {
    await tensors.close();
  }
}

interface Reading {
  readonly folder: string;
  readonly changes: readonly string[];
}

/** The model that config.json and the names of the tensors tell, and where each tensor lies. */
async function readStored(
  architecture: Architecture,
  config: unknown,
  tensors: OpenTensors,
  { folder, changes }: Reading,
) {
  const where = join(folder, "config.json");
  const keys = Object.keys(tensors.headers);
  const modelOf = ({ model, vocabSize }: TheirModel, tied = model.tied) =>
    createModel(changedModel({ ...model, tied }, changes, listed, where), vocabSize);
  const first = architecture.read(config, new Set(keys), where);
  const [table] = architecture.rules(modelOf(first), first.firstRow ?? 0); // every architecture's first rule
  const { sources, notes } = sourcesOf(architecture, keys, table?.theirs[0]?.name ?? "", folder);
  const read = architecture.read(config, new Set(Object.keys(sources)), where);
  const ties = await settleTies(
    (name) => storedName(architecture, name, sources),
    architecture.ties(read.model),
    sources,
    { read: tensors.read, where: folder },
  );
  return {
    model: modelOf(read, ties.untied ? false : read.model.tied),
    firstRow: read.firstRow,
    sources,
    notes: [...read.notes, ...notes, ...ties.notes],
  };
}
