/** Parameters between a safetensors file and the engine. */
import { firstNotFinite, NotFiniteError } from "../../finite.ts";
import { fittingTensors } from "../../formats/fitting-tensors.ts";
import type { StoredTensor } from "../../formats/safetensors.ts";
import { placeIn } from "../../model/not-finite.ts";
import type { ParamSpecs, Params } from "../../tensor/params.ts";
import { readSafetensors } from "./safetensors-file.ts";

type Tensors = Readonly<Record<string, StoredTensor>>;

/**
 * Reads the tensors that a model asks for: no more, no fewer, of its shapes.
 *
 * @param sum SHA-256 that the bytes read have to have
 * @throws InputError that lists missing, unexpected and misshapen names; DamagedError where the
 *   bytes are others
 */
export async function readParameters(path: string, specs: ParamSpecs, sum?: string): Promise<Tensors> {
  return fittingTensors((await readSafetensors(path, sum)).tensors, specs, path);
}

/** Names the tensors that hold a number that is none, and where. */
export function notFiniteNotes(tensors: Tensors, where: string): string[] {
  return Object.entries(tensors).flatMap(([name, { shape, data }]) => {
    const index = firstNotFinite(data);
    const value = `${data[index]} at ${placeIn(shape, index)}`;
    return index === -1 ? [] : [`${where}: ${name} holds numbers that are not finite, first ${value}`];
  });
}

/**
 * Lets tensors pass that hold finite numbers alone.
 *
 * @param remedy what else can be done, for the message
 * @throws NotFiniteError that names the first that does not
 */
export function requireFiniteTensors<T extends Tensors>(tensors: T, where: string, remedy: string): T {
  const [note] = notFiniteNotes(tensors, where);
  if (note !== undefined) throw new NotFiniteError(`${note}; ${remedy}`);
  return tensors;
}

/** Values of parameters, to be written. */
export async function stored(params: Params): Promise<Record<string, StoredTensor>> {
  const entries = Object.entries(params).map(async ([name, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    return [name, { shape: tensor.shape, dtype: "F32", data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
