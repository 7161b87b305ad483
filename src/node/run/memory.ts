/** Whether a training can fit this machine at all, said before anything is made for it. */
import { totalmem } from "node:os";
import type { EncodingDefinition } from "../../encodings/encoding.ts";
import { encodings } from "../../encodings/index.ts";
import type { EngineName } from "../../engine/engine.ts";
import { InputError } from "../../errors.ts";
import { createModel, type Model } from "../../model/model.ts";
import { countParameters } from "../../tensor/params.ts";
import type { Preset } from "../../train/preset.ts";

const FLOAT_BYTES = 4;
/** A parameter, its gradient and its two moments. */
const PER_PARAMETER = 4;

/**
 * Bytes that a step of training cannot do without, far fewer than it takes: the parameters, and of
 * every block what its gradient is made from, 8·C numbers a token and the causal half of the
 * attention weights.
 */
export function leastBytes({ shape, specs }: Model, batch: number): number {
  const { layers, heads: H, width: C, context: T } = shape;
  const activations = batch * T * layers * (8 * C + (H * T) / 2);
  return FLOAT_BYTES * (PER_PARAMETER * countParameters(specs) + activations);
}

/**
 * Makes sure that a preset's training is not larger than the machine.
 *
 * @param known the encodings that the preset may name
 * @param available bytes; default: the machine's memory, or what of it the process may use
 * @throws InputError with both sizes; and what the encoding's `create` throws.
 */
export function requireMemory(
  { name, model: config, train }: Preset,
  engine: EngineName,
  known: readonly EncodingDefinition[] = encodings,
  available = memoryOfMachine(),
): void {
  if (engine === "native-gpu") return; // a card has memory of its own
  const needed = leastBytes(createModel(config, 1, known), train.batch); // the vocabulary is not known yet
  if (needed <= available) return;
  throw new InputError(
    `${name}: a step of ${train.batch} contexts of ${config.context} tokens takes ${gigabytes(needed)} GB or more, and there are ` +
      `${gigabytes(available)} GB; lower train.batch, model.context, the model's sizes, or a window or table of model.position`,
  );
}

function memoryOfMachine(): number {
  const limit = process.constrainedMemory(); // 0, or more than there is, where nothing limits it
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

const gigabytes = (bytes: number) => (bytes / 1e9).toPrecision(3);
