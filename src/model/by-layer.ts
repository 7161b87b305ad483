/** Fields of `model` that may differ from layer to layer. */
import { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";

/** Far above any model that fits here, so that a hostile file cannot ask for a list of 2^53 blocks. */
export const MOST_LAYERS = 1024;

/** Layer l has entry l mod n. */
export interface Pattern<T> {
  readonly pattern: readonly T[];
}

/** One for all layers, a list of one each, or a pattern that repeats. */
export type ByLayer<T> = T | readonly T[] | Pattern<T>;

/** What a list and a pattern are made of. */
export const listOf = <S extends z.ZodType>(entry: S) => z.array(entry).min(1).max(MOST_LAYERS);

const isPattern = <T>(value: ByLayer<T>): value is Pattern<T> =>
  typeof value === "object" && value !== null && "pattern" in value;

/** The entry of each of so many layers. */
export function ofLayers<T extends object | number | null>(value: ByLayer<T>, layers: number): T[] {
  const entries = Array.isArray(value) ? value : isPattern(value) ? value.pattern : [value as T];
  return Array.from({ length: layers }, (_, layer) => entries[layer % entries.length] as T);
}

const windowSize = z.int().positive().max(POSITIONS);
const windows = listOf(windowSize.nullable());

/** W of each layer; null where it sees the whole context. */
export const windowSchema = z.union([windowSize, windows, z.strictObject({ pattern: windows })]);

export const LIST_FAULT =
  "is a list, which has an entry for each layer; give model.layers entries, or a pattern";

/** Whether a list, if it is one, has an entry for each layer. */
export const fitsLayers = (value: unknown, layers: number): boolean =>
  !Array.isArray(value) || value.length === layers;
