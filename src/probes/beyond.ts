/** What can be done past L_max with a trained model, without training it again. */
import type { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";
import type { ModelConfig } from "../model/config.ts";
import { createModel, type Model } from "../model/model.ts";
import { type Position, positionsByLayer } from "../model/position-fields.ts";

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
  const own = fieldOfPosition(model, "scaling") as { readonly kind?: string } | undefined;
  return optionsOf(model, "scaling").map((kind) => ({
    scaling: kind,
    model: kind === own?.kind ? model : withFields(model, { scaling: { kind } }),
  }));
}

/**
 * What a field of the encoding's config may be, as its schema says: the names of an enum, or the
 * kinds of a union.
 */
function optionsOf({ definitions }: Model, field: string): string[] {
  const having = definitions.find(({ config }) => Object.hasOwn(config.shape, field));
  const schema = having?.config.shape[field] as unknown as Optional | undefined;
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

/** What the first layer whose encoding has a field says in it. */
export function fieldOfPosition({ config, shape }: Model, field: string): unknown {
  const having = positionsByLayer(config, shape.layers).find((position) => Object.hasOwn(position, field));
  return (having as Readonly<Record<string, unknown>> | undefined)?.[field];
}

/** The model of the same parameters with other fields of its encodings, where they have them. */
function withFields(model: Model, changes: object): Model {
  const [field = ""] = Object.keys(changes);
  const changedBy = ({ kind, ...fields }: Position): Position => {
    const schema = model.definitions.find((one) => one.kind === kind)?.config;
    if (schema === undefined || !Object.hasOwn(schema.shape, field)) return { kind, ...fields };
    return { ...schema.parse({ ...fields, ...changes }), kind };
  };
  const positions = positionsByLayer(model.config, model.shape.layers).map(changedBy);
  const [only] = positions;
  const config = { ...model.config, position: model.byLayer ? positions : only } as ModelConfig;
  const changed = createModel(config, model.vocabSize, model.definitions);
  return model.tap === undefined ? changed : { ...changed, tap: model.tap };
}
