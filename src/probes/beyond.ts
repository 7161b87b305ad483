/** What can be done past L_max with a trained model, without training it again. */
import type { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";
import { createModel, type Model, type ModelConfig } from "../model/config.ts";

export interface Variant {
  /** The policy for positions that the encoding does not define; "contiguous" where it defines them all. */
  readonly beyond: string;
  readonly model: Model;
}

/** Whether a model is defined at so many positions. */
export const reaches = ({ encoding }: Model, positions: number): boolean =>
  positions <= (encoding.maxPositions ?? POSITIONS);

/**
 * The models of the same parameters that are defined at so many positions: the model itself, or,
 * where its encoding stops before and has policies for what lies past it, one under each of them.
 */
export function variantsPast(model: Model, positions: number): Variant[] {
  if (reaches(model, positions)) return [{ beyond: "contiguous", model }];
  return optionsOf(model, "beyond")
    .map((beyond) => ({ beyond, model: withFields(model, { beyond }) }))
    .filter(({ model: variant }) => reaches(variant, positions));
}

/**
 * The models of the same parameters under each scaling that their encoding has, its own included:
 * each with the defaults of its kind, but the model's own as it is. None where the encoding's
 * config has no field `scaling` of several kinds.
 */
export function scalingsOf(model: Model): { readonly scaling: string; readonly model: Model }[] {
  const { scaling: own } = model.config.position as { readonly scaling?: { readonly kind?: string } };
  return optionsOf(model, "scaling").map((kind) => ({
    scaling: kind,
    model: kind === own?.kind ? model : withFields(model, { scaling: { kind } }),
  }));
}

/**
 * What a field of the encoding's config may be, as its schema says: the names of an enum, or the
 * kinds of a union.
 */
function optionsOf({ definition }: Model, field: string): string[] {
  const schema = definition.config.shape[field] as unknown as Optional | undefined;
  const inner = schema?.unwrap?.() ?? schema; // a field with a default is a schema around a schema
  const options = inner?.options ?? [];
  return options.flatMap((option) => (typeof option === "string" ? [option] : kindsOf(option)));
}

/** What of a schema is read here; zod's own types say it of each class apart. */
interface Optional {
  unwrap?(): Optional;
  readonly options?: readonly (string | z.ZodObject)[];
}

function kindsOf({ shape }: z.ZodObject): string[] {
  const { kind } = shape as { readonly kind?: { readonly values?: ReadonlySet<unknown> } };
  return [...(kind?.values ?? [])].filter((value) => typeof value === "string");
}

/** The model of the same parameters with other fields of its encoding. */
function withFields(model: Model, changes: object): Model {
  const { kind, ...fields } = model.config.position;
  const position = { ...model.definition.config.parse({ ...fields, ...changes }), kind };
  const config = { ...model.config, position } as ModelConfig;
  const changed = createModel(config, model.vocabSize, [model.definition]);
  return model.tap === undefined ? changed : { ...changed, tap: model.tap };
}
