/**
 * What one architecture of Hugging Face's libraries is in ours: its config.json, and the names and
 * layouts of its tensors.
 */
import type { z } from "zod";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { type ModelConfig, type modelSchema, withoutDefaults } from "../../model/config.ts";
import type { Model } from "../../model/model.ts";
import type { Ignored } from "./ignored.ts";
import type { Rule } from "./rules.ts";
import type { Tie } from "./ties.ts";

/** Fields of `model` in a preset. */
export type ModelFields = z.input<ReturnType<typeof modelSchema>>;

/** What config.json says of a model. */
export interface TheirModel {
  readonly vocabSize: number;
  readonly model: ModelFields;
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
  /** The row of its table of positions that is that of position 0; left out, it is 0. */
  readonly firstRow?: number;
}

/**
 * Of every field of `model`: whether config.json says it, or the one value that the architecture
 * has. A new field of `model` does not compile until the tables that architectures begin with say
 * what they do with it, so that none is exported in silence.
 */
export type Fields = {
  readonly [K in keyof Required<ModelConfig>]: "said" | { readonly is: ModelConfig[K] };
} & { readonly attention: { readonly is: ModelConfig["attention"] } };

/** GPT-2's, which others begin with and say what differs: causal, pre-norm, layer normalization, GELU. */
export const CLASSIC: Fields = {
  layers: "said",
  heads: "said",
  width: "said",
  context: "said",
  dropout: "said",
  normEpsilon: "said",
  position: "said",
  mlpWidth: "said",
  headWidth: { is: undefined },
  keyValueHeads: { is: undefined },
  attention: { is: "causal" },
  window: { is: undefined },
  temperature: { is: undefined },
  sinks: { is: undefined },
  gate: { is: undefined },
  norm: { is: "pre" },
  normKind: { is: "layer" },
  mlp: { is: "gelu" },
  qkNorm: { is: false },
  bias: { is: true },
  tokenScale: { is: 1 },
  tied: "said",
  embeddingNorm: { is: false },
  residual: { is: "sequential" },
  gelu: "said",
  head: { is: "linear" },
};

export interface Architecture {
  /** `model_type` of config.json. */
  readonly type: string;
  /** For messages: "GPT-2". */
  readonly title: string;
  /** The kind of `model.position` that it has. */
  readonly position: string;
  /** Others, of models whose layers differ: "rope+none (by layer)". */
  readonly hybrids?: readonly string[];
  /** What it does with each field of `model`. */
  readonly fields: Fields;
  /**
   * Reads config.json.
   *
   * @param names of the tensors beside it: a model may have been saved without its head.
   * @throws InputError for a field that our model does not have, by its name.
   */
  read(config: unknown, names: ReadonlySet<string>, where: string): TheirModel;
  /** What else of a model with this position the architecture does not have, in words. */
  lacks?(config: ModelConfig): string[];
  /** Fields of config.json. @param firstRow as in `TheirModel` */
  write(model: Model, tokenizer: Tokenizer, firstRow: number): Record<string, unknown>;
  /** @param firstRow as in `TheirModel` */
  rules(model: Model, firstRow: number): Rule[];
  /**
   * The row of position 0 in an export; left out, it is 0.
   *
   * @throws InputError where the tokenizer does not say it.
   */
  firstRow?(tokenizer: Tokenizer, where: string): number;
  /** Stands before the names of all but the head; models saved without a head lack it. */
  readonly prefix: string;
  /** Other names under which a tensor may be found. */
  aliases?(name: string): string[];
  /**
   * Tensors that hold no weight of the model: masks, tables that follow from the config, parts for
   * other tasks.
   */
  readonly ignored: readonly Ignored[];
  /** Tensors that are one in the model that was read. */
  ties(model: ModelFields): readonly Tie[];
}

/** The name, without the prefix, and under other names. */
function namesOf(architecture: Architecture, name: string): string[] {
  const names = [name, ...(architecture.aliases?.(name) ?? [])];
  return [...names, ...names.map((one) => withoutPrefix(architecture, one))];
}

/** The name under which a tensor is stored, if it is. */
export function storedName(
  architecture: Architecture,
  name: string,
  tensors: Readonly<Record<string, unknown>>,
): string | undefined {
  return namesOf(architecture, name).find((candidate) => candidate in tensors);
}

export const withoutPrefix = ({ prefix }: Architecture, name: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : name;

/**
 * What of a model with the architecture's position it does not have, in words: `model.norm "post"
 * where it has "pre"`.
 */
export function lackedBy({ fields, lacks }: Architecture, given: ModelConfig): string[] {
  const config = withoutDefaults(given);
  const differing = Object.entries(fields).flatMap(([field, fate]) => {
    const own = config[field as keyof ModelConfig];
    if (fate === "said" || own === fate.is) return [];
    const [ours, theirs] = [own, fate.is].map((value) => JSON.stringify(value) ?? "left out");
    return [`model.${field} ${ours} where it has ${theirs}`];
  });
  return [...differing, ...(lacks?.(config) ?? [])];
}

/** Whether a model is a point of the architecture. */
export const fits = (architecture: Architecture, model: Model): boolean =>
  hasPosition(architecture, positionOf(model)) && lackedBy(architecture, model.config).length === 0;

export const hasPosition = ({ position, hybrids = [] }: Architecture, own: string): boolean =>
  position === own || hybrids.includes(own);

/** The encoding's kind, or those of the layers where they differ. */
export const positionOf = ({ definition, byLayer }: Model): string =>
  byLayer === undefined ? definition.kind : `${definition.kind} (by layer)`;
