/**
 * What PyTorch's script reads of a training of ours: numbers of four bytes, one after another, in
 * this machine's byte order.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../../src/data/batches.ts";
import type { TextData } from "../../src/data/text.ts";
import type { TokenStore } from "../../src/data/token-store.ts";
import { createModel } from "../../src/model/config.ts";
import { initialValues } from "../../src/tensor/params.ts";
import type { Preset } from "../../src/train/preset.ts";

/** Paths of the files. */
export interface PeerFiles {
  /** All tokens of training. */
  readonly train: string;
  /** Windows that a run is judged by, (N,L+1). */
  readonly validation: string;
  /** Windows of each step, (steps·B,L+1), where both are to see the same. */
  readonly batches?: string;
  /** Initial values of the parameters in the order of `parameters`, where both are to begin with the same. */
  readonly start?: string;
  readonly parameters?: readonly (readonly [name: string, shape: readonly number[]])[];
}

/** Writes them for the seed of the preset. */
export function writePeerFiles(
  folder: string,
  preset: Preset,
  data: TextData,
  text: TokenStore,
  sameStart: boolean,
): PeerFiles {
  const path = (name: string, values: Int32Array | Float32Array) => {
    writeFileSync(join(folder, name), values);
    return join(folder, name);
  };
  const { seed } = preset;
  const files: PeerFiles = {
    train: path("train.i32", text.windows([0], text.length)),
    validation: path(`validation-${seed}.i32`, validationWindows(data, preset)),
  };
  if (!sameStart) return files;
  const specs = Object.entries(createModel(preset.model, data.tokenizer.vocabSize).specs);
  const values = specs.flatMap(([name, spec]) => [...initialValues(name, spec, seed)]);
  return {
    ...files,
    batches: path(`batches-${seed}.i32`, trainingWindows(data, preset)),
    start: path(`start-${seed}.f32`, Float32Array.from(values)),
    parameters: specs.map(([name, { shape }]) => [name, shape] as const),
  };
}

/** The windows that a run of this data is judged by, (N,L+1). */
export function validationWindows(data: TextData, { model, train }: Preset): Int32Array {
  return windowsOf(train.evalBatches, (index) =>
    data.validation("heldout", index, train.batch, model.context),
  );
}

/** The windows that it is trained on, (steps·B,L+1). */
export function trainingWindows(data: TextData, { model, train }: Preset): Int32Array {
  return windowsOf(train.steps, (step) => data.batch(step, train.batch, model.context));
}

/** Inputs and the last target of each row make its window again. */
function windowsOf(count: number, batchAt: (index: number) => Batch): Int32Array {
  const windows: number[] = [];
  for (let index = 0; index < count; index++) {
    const { tokens, targets, batch, length } = batchAt(index);
    for (let row = 0; row < batch; row++) {
      const end = (row + 1) * length;
      windows.push(...tokens.subarray(end - length, end), targets[end - 1] as number);
    }
  }
  return Int32Array.from(windows);
}
