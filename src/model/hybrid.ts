/** The encodings of a model's layers, and what is asked of them all together. */
import { z } from "zod";
import type { EncodingDefinition, ModelShape, PositionEncoding } from "../encodings/encoding.ts";
import { InputError } from "../errors.ts";
import type { ParamSpecs } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Position } from "./position-fields.ts";

export interface LayerEncodings {
  /** Of the whole model. */
  readonly encoding: PositionEncoding;
  /** Of each layer, where they differ. */
  readonly byLayer?: readonly PositionEncoding[];
  readonly definition: EncodingDefinition;
  /** Each once, in the order of layers. */
  readonly definitions: readonly EncodingDefinition[];
}

/**
 * Makes each encoding once for all layers that have it.
 *
 * @param positions one each layer; the schema admits kinds of `known` alone
 */
export function layerEncodings(
  positions: readonly Position[],
  known: readonly EncodingDefinition[],
  shape: ModelShape,
): LayerEncodings {
  const made = new Map<string, { definition: EncodingDefinition; encoding: PositionEncoding }>();
  const layers = positions.map((position) => {
    const key = JSON.stringify(position);
    const { kind, ...fields } = position;
    const definition = known.find((candidate) => candidate.kind === kind) as EncodingDefinition;
    const one = made.get(key) ?? { definition, encoding: definition.create(fields, shape) };
    made.set(key, one);
    return one.encoding;
  });
  const distinct = [...made.values()];
  const definitions = [...new Set(distinct.map(({ definition }) => definition))];
  const [first] = distinct as [(typeof distinct)[number]];
  if (distinct.length === 1) return { ...first, definitions };
  return {
    encoding: joined(distinct.map(({ encoding }) => encoding)),
    byLayer: layers,
    definition: definitions.length === 1 ? first.definition : hybridDefinition(definitions),
    definitions,
  };
}

/**
 * What encodings of several layers are to the whole model. Vectors are added to tokens once, before
 * the first layer, whichever layer has the encoding that adds them.
 */
function joined(parts: readonly PositionEncoding[]): PositionEncoding {
  const limits = parts.flatMap(({ maxPositions = [] }) => maxPositions);
  const adding = parts.filter(({ embed }) => embed !== undefined);
  const [only] = adding;
  const pairs = parts.find((part) => part.pairs !== undefined)?.pairs;
  return {
    ...(limits.length > 0 && { maxPositions: Math.min(...limits) }),
    ...(parts.some(({ dependsOnLength }) => dependsOnLength) && { dependsOnLength: true }),
    params: sharedParams(parts),
    ...(adding.length > 0 && {
      embed: (params, positions) =>
        adding
          .map((part) => part.embed?.(params, positions) as tf.Tensor2D)
          .reduce((sum, vectors) => tf.add(sum, vectors)),
    }),
    ...(adding.length === 1 && only?.shift && { shift: only.shift }),
    ...(pairs && { pairs }),
  };
}

/** @throws InputError where two have one name: they would be one parameter. */
function sharedParams(parts: readonly PositionEncoding[]): ParamSpecs {
  const all: Record<string, ParamSpecs[string]> = {};
  for (const [name, spec] of parts.flatMap(({ params = {} }) => Object.entries(params))) {
    if (Object.hasOwn(all, name))
      throw new InputError(
        `model.position: two encodings of the hybrid share the parameter ${name}; give both the same fields, or choose one of them`,
      );
    all[name] = spec;
  }
  return all;
}

function hybridDefinition(definitions: readonly EncodingDefinition[]): EncodingDefinition {
  return {
    kind: definitions.map(({ kind }) => kind).join("+"),
    title: `${definitions.map(({ title }) => title).join(" and ")}, by layer`,
    source: definitions.map(({ source }) => source).join("; "),
    relative: definitions.every(({ relative }) => relative),
    config: z.strictObject({}),
    create: () => {
      throw new TypeError("hybrid: is made of the encodings of its layers");
    },
  };
}
