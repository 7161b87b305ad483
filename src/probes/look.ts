/**
 * What a model does with positions, as it stands: attention patterns and biases of contexts, the
 * table that is added to tokens, and how fast pairs of columns turn. Numbers to look at, where
 * probes sum them up.
 */

import { InputError } from "../errors.ts";
import { encodingOf } from "../model/model.ts";
import { definedPositions } from "../model/positions.ts";
import { keysSeen, type Sight, sightOf } from "../model/sight.ts";
import { tf } from "../tensor/tf.ts";
import { type Activation, openActivations } from "./activations.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";

/** What attention gives each pair of tokens, in one head of one block. */
export interface AttentionMap {
  /** Which of the contexts. */
  readonly context: number;
  readonly layer: number;
  readonly head: number;
  /** A row a query, a column a key, (T,S); null at keys that come after the query of a causal model. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** Which attention to read. */
export interface AttentionSelection {
  /**
   * "pattern" is the weights after softmax; "bias" is what the encoding adds to scores, which not
   * all do. Default: pattern.
   */
  readonly of?: "pattern" | "bias";
  /** From 0; default all. */
  readonly layers?: readonly number[] | undefined;
  /** From 0; default all. */
  readonly heads?: readonly number[] | undefined;
}

/** What is looked at. */
export type LookSubject = Pick<Subject, "model" | "params" | "placing">;

/** Most tokens of a context whose patterns are looked at: of all heads of GPT-2, 9 MB. */
export const MOST_TOKENS = 128;

/**
 * Attention of each context, by layer and head.
 *
 * @param contexts token ids
 * @throws InputError for a layer or a head that the model lacks, or a context of more than 128 tokens
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const subject = { model, params: initialize(model.specs, 1) };
 * const contexts = ["dog bites man", "man bites dog"].map((text) => tokenizer.encode(text));
 * const maps = await attentionMaps(subject, contexts, { heads: [1] });
 * assert.deepEqual(maps.map(({ context, layer, head }) => [context, layer, head]), [[0, 0, 1], [1, 0, 1]]);
 * assert.deepEqual(maps[0]?.values[0], [1, null, null]); // the first token sees itself alone
 */
export async function attentionMaps(
  subject: LookSubject,
  contexts: readonly (readonly number[])[],
  { of = "pattern", layers, heads }: AttentionSelection = {},
): Promise<AttentionMap[]> {
  const { model } = subject;
  const { shape } = model;
  const asked = chosen("layer", layers, shape.layers);
  const chosenLayers =
    of === "bias" ? asked.filter((layer) => encodingOf(model, layer).bias !== undefined) : asked;
  const chosenHeads = chosen("head", heads, shape.heads);
  const longest = Math.max(0, ...contexts.map(({ length }) => length));
  if (longest > MOST_TOKENS)
    throw new InputError(
      `look: a context of ${longest} tokens has too many pairs to look at; give ${MOST_TOKENS} or fewer`,
    );
  if (chosenLayers.length === 0) return [];
  const nameOf = (layer: number) => `blocks.${layer}.attn.${of}`;
  const reader = openActivations(subject, chosenLayers.map(nameOf));
  const maps: AttentionMap[] = [];
  try {
    for await (const { index, tokens, activations } of reader.trace(contexts)) {
      for (const layer of chosenLayers) {
        const read = activations[nameOf(layer)] as Activation;
        for (const head of chosenHeads)
          maps.push({
            context: index,
            layer,
            head,
            values: valuesOf(read, head, tokens.length, sightOf(model, layer)),
          });
      }
    }
  } finally {
    reader.close();
  }
  return maps.sort((a, b) => a.context - b.context || a.layer - b.layer || a.head - b.head);
}

function chosen(what: string, asked: readonly number[] | undefined, count: number): number[] {
  const wrong = asked?.find((one) => !(Number.isInteger(one) && one >= 0 && one < count));
  if (wrong !== undefined)
    throw new InputError(`look: there is no ${what} ${wrong}; this model has ${what}s 0 to ${count - 1}`);
  return [...new Set(asked ?? Array.from({ length: count }, (_, i) => i))];
}

/**
 * One head of (H,T,S); a bias may lack the axis of heads, or have one of size 1, as any other of
 * its axes.
 */
function valuesOf({ shape, values }: Activation, head: number, T: number, sight: Sight): (number | null)[][] {
  const [H, rows, columns] = [1, 1, ...shape].slice(-3) as [number, number, number];
  const at = (i: number, j: number) => {
    const place = ((H === 1 ? 0 : head) * rows + (rows === 1 ? 0 : i)) * columns + (columns === 1 ? 0 : j);
    return shortened(values[place] as number);
  };
  return Array.from({ length: T }, (_, i) => {
    const [first, end] = keysSeen(sight, i, T);
    return Array.from({ length: T }, (_, j) => (j >= first && j < end ? at(i, j) : null));
  });
}

/** As many digits as float32 has. */
const shortened = (value: number) => Number(value.toPrecision(7));

/**
 * What the encoding adds to the tokens of a context, a row a position, (T,C); undefined where it
 * adds nothing there.
 *
 * @param count tokens of the context; default L_max
 * @throws PositionError where the encoding does not define their positions
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 16, position: { kind: "sinusoidal" } });
 * const model = createModel(config, 10);
 * const table = await positionTable({ model, params: initialize(model.specs, 1) });
 * assert.deepEqual([table?.length, table?.[0]], [16, [0, 1, 0, 1, 0, 1, 0, 1]]);
 */
export async function positionTable(
  { model, params, placing }: LookSubject,
  count = model.shape.context,
): Promise<number[][] | undefined> {
  if (model.encoding.embed === undefined) return undefined;
  const [scheme, rng] = placed(placing, count, 0);
  const places = definedPositions(model, scheme, count, rng);
  const rows = tf.tidy(() => model.encoding.embed?.(params, tf.tensor1d(places))) as tf.Tensor2D;
  const [, C] = rows.shape;
  const values = (await rows.data()) as Float32Array;
  rows.dispose();
  return Array.from({ length: count }, (_, t) =>
    Array.from(values.subarray((t * C) % values.length, ((t * C) % values.length) + C), shortened),
  );
}

/** How fast a pair of columns turns. */
export interface Frequency {
  readonly pair: number;
  readonly columns: readonly [number, number];
  /** ω, in radians a position. */
  readonly frequency: number;
  /** 2π/ω: positions of a whole turn; null where it never turns. */
  readonly wavelength: number | null;
}

/**
 * The pairs of columns that an encoding turns, as RoPE does, the fastest first; none where it turns none.
 *
 * @param length of contexts, for encodings that scale with it; default L_max
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 16, position: { kind: "rope" } });
 * const [fastest] = frequenciesOf(createModel(config, 10));
 * assert.deepEqual(fastest, { pair: 0, columns: [0, 2], frequency: 1, wavelength: 2 * Math.PI });
 */
export function frequenciesOf(
  { encoding, shape }: Pick<Subject["model"], "encoding" | "shape">,
  length = shape.context,
): Frequency[] {
  return (encoding.pairs?.(length) ?? []).map(({ columns, frequency }, pair) => ({
    ...{ pair, columns, frequency },
    wavelength: frequency === 0 ? null : (2 * Math.PI) / frequency,
  }));
}
