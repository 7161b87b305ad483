/**
 * `model.position`: one encoding for all layers, or a hybrid.
 *
 *     { "kind": "rope", "base": 100 }
 *     ["rope", { "kind": "rope", "base": 100 }, "none"]    one each layer, by name or with fields
 *     { "pattern": ["rope", "rope", "rope", "none"] }      layer l has entry l mod 4
 *
 * The pattern is that of Yang et al. 2025, arXiv:2501.18795.
 */
import { z } from "zod";
import type { EncodingDefinition } from "../encodings/encoding.ts";
import { type ByLayer, listOf, ofLayers, type Pattern } from "./by-layer.ts";

/** The `kind` of a listed encoding and that encoding's own fields. */
export interface Position {
  readonly kind: string;
}

/** One encoding for all layers, or by layer. */
export type Positions = ByLayer<Position>;

/** What a preset may say: entries of lists and patterns may be names alone. */
export type PositionsInput = Position | readonly (string | Position)[] | Pattern<string | Position>;

export function positionSchema(known: readonly EncodingDefinition[]): z.ZodType<Positions, PositionsInput> {
  const kinds = known.map(({ kind }) => kind);
  const unknown = `unknown encoding; known: ${kinds.join(", ")}; one of your own is given by --encoding FILE`;
  const error = (issue: { readonly code?: string | undefined }) =>
    issue.code === "invalid_union" ? unknown : undefined;
  type Options = [z.ZodObject<{ kind: z.ZodLiteral<string> }>];
  const options = known.map(({ kind, config }) =>
    config.extend({ kind: z.literal(kind) }),
  ) as unknown as Options;
  const one = z.discriminatedUnion("kind", options, { error });
  const named = z
    .enum(kinds, { error: unknown })
    .transform((kind) => ({ kind }))
    .pipe(one);
  const entry = z.union([named, one]);
  const pattern = z.strictObject({ kind: z.literal(undefined).optional(), pattern: listOf(entry) });
  const whole = z.discriminatedUnion("kind", [...options, pattern] as unknown as Options, {
    error: (issue) => (issue.code === "invalid_union" ? unknown : undefined),
  });
  return z.union([whole, listOf(entry)]);
}

/** The encoding of each layer. */
export const positionsByLayer = (
  { position }: { readonly position: Positions },
  layers: number,
): Position[] => ofLayers(position, layers);

/** Distinct kinds in the order of layers, "rope+none": what rows of results name an encoding by. */
export function encodingName(config: { readonly position: Positions; readonly layers: number }): string {
  return [...new Set(positionsByLayer(config, config.layers).map(({ kind }) => kind))].join("+");
}
