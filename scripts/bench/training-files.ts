/**
 * What PyTorch's script reads of a training of ours: numbers of four bytes, one after another, in
 * this machine's byte order.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Batch } from "../../src/data/batches.ts";
import type { Data } from "../../src/data/index.ts";
import type { TextData } from "../../src/data/text.ts";
import type { TokenStore } from "../../src/data/token-store.ts";
import { InputError } from "../../src/errors.ts";
import { createModel } from "../../src/model/model.ts";
import { initialValues } from "../../src/tensor/params.ts";
import type { Preset } from "../../src/train/preset.ts";

/** Paths of the files. */
export interface PeerFiles {
  /** All tokens of training; left out where `batches` has those of each step. */
  readonly train?: string;
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
  if (sameStart) return { train: trainFile(folder, text), ...writeSameStart(folder, preset, data) };
  const validation = writeNumbers(
    join(folder, `validation-${preset.seed}.i32`),
    validationWindows(data, preset),
  );
  return { train: trainFile(folder, text), validation };
}

const trainFile = (folder: string, text: TokenStore): string =>
  writeNumbers(join(folder, "train.i32"), text.windows([0], text.length));

/**
 * Our batches and initial values, and the windows that a run is judged by: of any data whose targets
 * all count.
 *
 * @throws InputError where some do not
 */
export function writeSameStart(folder: string, preset: Preset, data: Data): PeerFiles {
  const write = (name: string, values: Int32Array | Float32Array) =>
    writeNumbers(join(folder, `${name}-${preset.seed}`), values);
  const specs = Object.entries(createModel(preset.model, data.tokenizer.vocabSize).specs);
  const values = specs.flatMap(([name, spec]) => [...initialValues(name, spec, preset.seed)]);
  return {
    validation: write("validation.i32", validationWindows(data, preset)),
    batches: write("batches.i32", trainingWindows(data, preset)),
    start: write("start.f32", Float32Array.from(values)),
    parameters: specs.map(([name, { shape }]) => [name, shape] as const),
  };
}

function writeNumbers(path: string, values: Int32Array | Float32Array): string {
  writeFileSync(path, values);
  return path;
}

/** The windows that a run of this data is judged by, (N,L+1). */
export function validationWindows(data: Data, { model, train }: Preset): Int32Array {
  const [split] = data.splits as [string];
  return windowsOf(train.evalBatches, (index) => data.validation(split, index, train.batch, model.context));
}

/** The windows that it is trained on, (steps·B,L+1). */
export function trainingWindows(data: Data, { model, train }: Preset): Int32Array {
  return windowsOf(train.steps, (step) => data.batch(step, train.batch, model.context));
}

/** Inputs and the last target of each row make its window again. */
function windowsOf(count: number, batchAt: (index: number) => Batch): Int32Array {
  const windows: number[] = [];
  for (let index = 0; index < count; index++) {
    const { tokens, targets, weights, batch, length } = batchAt(index);
    if (weights?.includes(0))
      throw new InputError(
        "--sweep: the data has targets that do not count, which PyTorch's script does not know; choose other data with --set, or leave --peer out",
      );
    for (let row = 0; row < batch; row++) {
      const end = (row + 1) * length;
      windows.push(...tokens.subarray(end - length, end), targets[end - 1] as number);
    }
  }
  return Int32Array.from(windows);
}
