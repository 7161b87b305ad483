/**
 * Attention maps of contexts, (H,T,T) a layer, some layers at a time: what is held does not grow
 * with the model's depth.
 */
import { z } from "zod";
import { specialIds } from "../data/data.ts";
import type { Windows } from "../data/index.ts";
import type { Model } from "../model/model.ts";
import { openActivations } from "./activations.ts";
import type { Subject } from "./probe.ts";

/** Fields of the config of a probe that reads attention over running text. */
export const contextSizes = {
  /** Contexts that are read. */
  contexts: z.int().positive().max(65_536).default(32),
  /** Tokens of a context; L_max where that is less. */
  length: z.int().min(2).max(16_384).default(128),
};

/**
 * Contexts of running text of at most L_max tokens, without the padding at their ends. A masked
 * model reads them with nothing hidden.
 */
export function textContexts(
  { model, tokenizer }: Pick<Subject, "model" | "tokenizer">,
  windows: Windows,
  { contexts, length }: { readonly contexts: number; readonly length: number },
): number[][] {
  const T = Math.min(length, model.shape.context);
  const { tokens } = windows.window(0, contexts, T); // (B,T)
  return Array.from({ length: contexts }, (_, b) => {
    const row = [...tokens.subarray(b * T, (b + 1) * T)];
    return row.slice(0, row.findLastIndex((token) => token !== tokenizer.pad) + 1);
  }).filter((row) => row.length > 1);
}

/** Ids of tokens that are words of a text: neither opening, nor mask, nor padding. */
export function wordsOf({ model, tokenizer }: Pick<Subject, "model" | "tokenizer">): number[] {
  const special = new Set(specialIds(tokenizer));
  const known = Math.min(model.vocabSize, tokenizer.vocabSize);
  return Array.from({ length: known }, (_, id) => id).filter((id) => !special.has(id));
}

/** Maps of one layer and one context. */
export interface LayerMaps {
  readonly index: number;
  readonly tokens: readonly number[];
  /** By the activation's name in its block, such as "pattern": (H,T,T), row-major. */
  readonly maps: Readonly<Record<string, Float32Array>>;
}

/** What is made of the maps of one layer. */
export interface LayerReader<R> {
  add(maps: LayerMaps): void;
  end(): R;
}

/** Numbers of maps that are held at a time, at most, unless those of one layer are more. */
const HELD = 2 ** 26;
/** Tokens of one pass, as `activations.ts` reads them. */
const TOKENS = 1024;

/**
 * Reads the maps of every layer; each layer's reader ends before later layers are read, but for
 * those that fit beside it.
 *
 * @param names of activations of a block's attention, in the names of `model/taps.ts`
 */
export async function readLayers<R>(
  subject: Pick<Subject, "model" | "params" | "placing">,
  contexts: readonly (readonly number[])[],
  names: readonly string[],
  open: (layer: number) => LayerReader<R>,
): Promise<R[]> {
  const { layers } = subject.model.shape;
  const size = layersAtATime(subject.model, Math.max(0, ...contexts.map((tokens) => tokens.length)), names);
  const results: R[] = [];
  for (let first = 0; first < layers; first += size) {
    const readers = Array.from({ length: Math.min(size, layers - first) }, (_, i) => ({
      at: (name: string) => `blocks.${first + i}.attn.${name}`,
      reader: open(first + i),
    }));
    const activations = openActivations(
      subject,
      readers.flatMap(({ at }) => names.map(at)),
    );
    for await (const { index, tokens, activations: read } of activations.trace(contexts)) {
      for (const { at, reader } of readers) {
        const found = names.flatMap((name) => {
          const values = read[at(name)]?.values;
          return values === undefined ? [] : [[name, values] as const];
        });
        reader.add({ index, tokens, maps: Object.fromEntries(found) });
      }
    }
    activations.close();
    results.push(...readers.map(({ reader }) => reader.end()));
  }
  return results;
}

/**
 * The same of several sets of contexts in one pass: each set has a reader of its own, which counts
 * its contexts from 0.
 */
export async function readSets<R>(
  subject: Pick<Subject, "model" | "params" | "placing">,
  sets: readonly (readonly (readonly number[])[])[],
  names: readonly string[],
  open: (layer: number, set: number) => LayerReader<R>,
): Promise<R[]> {
  const places = sets.flatMap((contexts, set) => contexts.map((_, index) => ({ set, index })));
  const rows = await readLayers(subject, sets.flat(), names, (layer): LayerReader<R[]> => {
    const readers = sets.map((_, set) => open(layer, set));
    return {
      add(maps) {
        const { set, index } = places[maps.index] as (typeof places)[number];
        readers[set]?.add({ ...maps, index });
      },
      end: () => readers.map((reader) => reader.end()),
    };
  });
  return rows.flat();
}

function layersAtATime({ shape }: Model, T: number, names: readonly string[]): number {
  const tokens = Math.max(T, TOKENS);
  return Math.max(1, Math.floor(HELD / (shape.heads * T * tokens * names.length)));
}
