/**
 * What probes read of a forward pass besides its last token: any tapped activations of any
 * contexts, as numbers.
 *
 * One context comes at a time, so that what is held is the activations of one batch.
 */
import { compile } from "../engine/compile.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { definedPositions, requireDefined } from "../model/positions.ts";
import { keepInto } from "../model/taps.ts";
import { requireTokens } from "../model/tokens.ts";
import { forward } from "../model/transformer.ts";
import type { Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { groupsOf } from "./groups.ts";
import { placed } from "./placing.ts";
import type { Subject } from "./probe.ts";

/** One activation of one context, row-major. */
export interface Activation {
  /** Without the batch's axis: (T,C), (H,T,S), … */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a model makes of one context. */
export interface Traced {
  /** Which of the contexts it is. */
  readonly index: number;
  readonly tokens: readonly number[];
  /** (T) */
  readonly positions: Float32Array;
  readonly activations: Readonly<Record<string, Activation>>;
}

export interface ActivationReader {
  /**
   * Contexts of any lengths, those of one length one after another.
   *
   * @param by is added to all positions; default 0
   * @throws InputError for an id outside the vocabulary; PositionError; NotFiniteError
   */
  trace(contexts: readonly (readonly number[])[], by?: number): AsyncGenerator<Traced>;
  close(): void;
}

interface Inputs extends TensorTree {
  readonly params: Params;
  /** (B,T), int32 */
  readonly tokens: tf.Tensor2D;
  /** (T) */
  readonly positions: tf.Tensor1D;
}

type Outputs = Record<string, tf.Tensor>;

/** Tokens of one forward pass, at most. */
const TOKENS = 1024;

/**
 * @param names as in `model/taps.ts`, and "logits", (T,V); those that the model lacks are left out.
 *   An activation without a batch's axis, `pos_embed` and some of a `bias`, is the same for all
 *   contexts.
 */
export function openActivations(
  { model, params, placing }: Pick<Subject, "model" | "params" | "placing">,
  names: readonly string[],
): ActivationReader {
  const pass = compile(
    ({ params, tokens, positions }: Inputs): Outputs => {
      const kept: Outputs = {};
      const logits = forward(model, params, tokens, positions, { tap: keepInto(kept, names) });
      return names.includes("logits") ? { ...kept, logits } : kept;
    },
    { name: "activations" },
  );
  async function* traceGroup(group: readonly Indexed[], size: number, by: number): AsyncGenerator<Traced> {
    const T = (group[0] as Indexed).tokens.length;
    const filled = Array.from({ length: size }, (_, i) => (group[i % group.length] as Indexed).tokens);
    const [scheme, rng] = placed(placing, T, 0);
    const placedAt = definedPositions(model, scheme, T, rng);
    const positions =
      by === 0
        ? placedAt
        : requireDefined(
            model,
            placedAt.map((position) => position + by),
          );
    const inputs = {
      tokens: tf.tensor2d(requireTokens(model, filled.flat()), [size, T], "int32"),
      positions: tf.tensor1d(positions),
    };
    const outputs = pass({ params, ...inputs });
    const read = await valuesOf(outputs);
    disposeTree({ ...outputs, ...inputs });
    for (const [i, { tokens, index }] of group.entries()) {
      const activations = Object.fromEntries(
        [...read].map(([name, all]) => [name, ofContext(name, all, size, i)]),
      );
      for (const { values } of Object.values(activations))
        await requireFiniteValues("probe", values, () => ({ model, params, tokens, positions }));
      yield { index, tokens, positions, activations };
    }
  }
  return {
    async *trace(contexts, by = 0) {
      const indexed = contexts.map((tokens, index) => ({ tokens, index }));
      for (const same of groupsOf(indexed, ({ tokens }) => tokens.length)) {
        const T = (same[0] as Indexed).tokens.length;
        const size = Math.max(1, Math.min(same.length, Math.floor(TOKENS / T)));
        for (const group of groupsOf(same, () => 0, size)) yield* traceGroup(group, size, by);
      }
    },
    close: () => pass.close(),
  };
}

interface Indexed {
  readonly tokens: readonly number[];
  readonly index: number;
}

async function valuesOf(outputs: Outputs): Promise<Map<string, Activation>> {
  const read = new Map<string, Activation>();
  for (const [name, tensor] of Object.entries(outputs))
    read.set(name, { shape: tensor.shape, values: (await tensor.data()) as Float32Array });
  return read;
}

/** The part of context i. A bias may lack the batch's axis, or have one of size 1. */
function ofContext(name: string, { shape, values }: Activation, size: number, i: number): Activation {
  const whole = name.endsWith(".bias") ? 4 : 3;
  if (shape.length < whole) return { shape, values };
  if (shape[0] !== size) return { shape: shape.slice(1), values };
  const length = values.length / size;
  return { shape: shape.slice(1), values: values.subarray(i * length, (i + 1) * length) };
}
