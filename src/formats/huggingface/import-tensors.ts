/** A model that Hugging Face's libraries wrote becomes one of ours, tensor by tensor, wherever its files lie. */

import type { ModelConfig } from "../../model/config.ts";
import { createModel, type Model } from "../../model/model.ts";
import { type ReusedMemory, reusedMemory } from "../reused-memory.ts";
import type { StoredTensor } from "../safetensors.ts";
import type { TensorEntry } from "../safetensors-header.ts";
import { type Architecture, storedName, type TheirModel } from "./architecture.ts";
import { architectureOf } from "./architectures.ts";
import { conversionOf } from "./convert.ts";
import { sourcesOf } from "./key-prefix.ts";
import { type Origin, rotationOf, tokenIdsOf } from "./origin.ts";
import { settleTies } from "./ties.ts";

/** The tensors of a model's files, of which the headers were read. */
export interface TheirTensors {
  /** By name. */
  readonly headers: Readonly<Record<string, TensorEntry>>;
  /** One by its name. */
  read(name: string): Promise<StoredTensor>;
  /**
   * Every tensor, one at a time.
   *
   * @param memory that they may be read into; what was taken and is done with is given back to it
   * @returns the SHA-256 of each file, of the very bytes that were read, where it is known
   */
  stream(
    take: (name: string, tensor: StoredTensor) => void,
    memory: ReusedMemory,
  ): Promise<Readonly<Record<string, string>>>;
}

/** What is imported. */
export interface Importing {
  /** The parsed config.json. */
  readonly config: unknown;
  readonly tensors: TheirTensors;
  /** The folder, for messages. */
  readonly folder: string;
  /** The path of config.json, for messages. */
  readonly where: string;
  /** Checks the fields of a model, and fills in what they leave out. */
  parse(fields: object): ModelConfig;
  /** Gets our parameters one by one, by our names, as soon as all of each is read. */
  give(name: string, parameter: StoredTensor): void;
}

/** A model without its tokenizer. */
export interface ImportedTensors {
  readonly model: Model;
  readonly origin: Origin;
  /** What of the files was not used, or read otherwise than it stands. */
  readonly notes: readonly string[];
}

/**
 * Imports the tensors of a model.
 *
 * @throws InputError for an architecture or a field that our model does not have, and for tensors
 *   that do not fit.
 */
export async function importTensors(importing: Importing): Promise<ImportedTensors> {
  const { config, tensors, folder, where, give } = importing;
  const architecture = architectureOf(config, where);
  const { model, firstRow, sources, ...read } = await readStored(architecture, importing);
  const taken = new Map(Object.entries(sources).map(([name, source]) => [source, name]));
  const headers = Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [name, tensors.headers[source] as TensorEntry]),
  );
  const memory = reusedMemory();
  const conversion = conversionOf(architecture, model, headers, { where: folder, firstRow, give, memory });
  const sha256 = await tensors.stream((source, tensor) => {
    const name = taken.get(source);
    if (name !== undefined) conversion.take(name, tensor);
  }, memory);
  const notes = [...read.notes, ...conversion.end()];
  const origin: Origin = {
    ...{ architecture: architecture.type, title: architecture.title, firstRow, sha256 },
    tokenIds: tokenIdsOf(config),
    ...{
      rotation: rotationOf(model),
      notes: notes.map((note) =>
        note.replaceAll(`${folder}/`, "").replaceAll(`${folder}\\`, "").replace(`${folder}: `, ""),
      ),
    },
  };
  return { model, origin, notes };
}

/** The model that config.json and the names of the tensors tell, and where each tensor lies. */
async function readStored(architecture: Architecture, { config, tensors, folder, where, parse }: Importing) {
  const keys = Object.keys(tensors.headers);
  const modelOf = ({ model, vocabSize }: TheirModel, tied = model.tied) =>
    createModel(parse({ ...model, tied }), vocabSize);
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
