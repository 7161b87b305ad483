/** What an encoding's definition says of itself, as data: made from its schema, for lists and tables. */
import { z } from "zod";
import type { EncodingDefinition, ModelShape } from "../encodings/encoding.ts";

/** A field of `model.position`. */
export interface FieldEntry {
  readonly name: string;
  /** What may stand there: "number > 1", "halves | interleaved". */
  readonly type: string;
  readonly default: unknown;
  readonly description?: string;
}

export interface CatalogueEntry {
  readonly kind: string;
  readonly title: string;
  readonly source: string;
  /** Scores depend on differences of positions alone. */
  readonly relative: boolean;
  /**
   * Positions are defined in [0, maxPositions) under the default fields; null where nothing but
   * float32 bounds them.
   */
  readonly maxPositions: number | null;
  readonly fields: readonly FieldEntry[];
}

/** The entries of definitions, for a model of the shape given. */
export function catalogueOf(known: readonly EncodingDefinition[], shape: ModelShape): CatalogueEntry[] {
  return known.map(({ kind, title, source, relative, config, create }) => ({
    kind,
    title,
    source,
    relative,
    maxPositions: create(config.parse({}), shape).maxPositions ?? null,
    fields: fieldsOf(config),
  }));
}

/** As zod writes JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

function fieldsOf(config: z.ZodObject): FieldEntry[] {
  const { properties = {} } = z.toJSONSchema(config, { io: "input", unrepresentable: "any" }) as Schema;
  const defaults = config.parse({});
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeText(schema),
    default: defaults[name],
    ...(schema.description === undefined ? {} : { description: schema.description }),
  }));
}

function typeText(schema: Schema): string {
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return [...new Set(options.map(typeText))].join(" | ");
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]) => `${name}: ${typeText(field)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return [schema.type ?? "any", boundsOf(schema).join(", ")].join(" ").trim();
}

/** zod bounds whole numbers by what JSON holds exactly, which says nothing. */
function boundsOf(schema: Schema): string[] {
  const bound = (sign: string, value: number | undefined) =>
    value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? [] : [`${sign} ${value}`];
  return [
    ...bound(">", schema.exclusiveMinimum),
    ...bound("≥", schema.minimum),
    ...bound("<", schema.exclusiveMaximum),
    ...bound("≤", schema.maximum),
    ...(schema.multipleOf === undefined || schema.multipleOf === 1
      ? []
      : [`in steps of ${schema.multipleOf}`]),
  ];
}
