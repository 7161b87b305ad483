/** Parameters between a safetensors file and the engine. */
import { firstNotFinite, NotFiniteError } from "../../finite.ts";
import { fittingTensors, requireShapes, toParam } from "../../formats/fitting-tensors.ts";
import type { StoredTensor } from "../../formats/safetensors.ts";
import { placeIn } from "../../model/not-finite.ts";
import type { ParamSpecs, Params } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import { readSafetensors, streamSafetensors } from "./safetensors-file.ts";

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
export const notFiniteNotes = (tensors: Tensors, where: string): string[] =>
  Object.entries(tensors).flatMap(([name, tensor]) => notFiniteNote(name, tensor, where) ?? []);

function notFiniteNote(name: string, { shape, data }: StoredTensor, where: string): string | undefined {
  const index = firstNotFinite(data);
  if (index === -1) return undefined;
  return `${where}: ${name} holds numbers that are not finite, first ${data[index]} at ${placeIn(shape, index)}`;
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

/** What gets parameters one by one. */
export type Give = (name: string, parameter: StoredTensor) => void;

/**
 * Puts parameters into the engine as they are read, so that a model is not held twice; those of a
 * reading that fails are disposed of.
 *
 * @returns what `read` does, the parameters, and notes that name those with numbers that are none
 */
export async function uploaded<R>(
  where: string,
  read: (give: Give) => Promise<R>,
): Promise<{ readonly result: R; readonly params: Params; readonly notes: readonly string[] }> {
  const params: Record<string, tf.Tensor> = {};
  const notes: string[] = [];
  try {
    const result = await read((name, parameter) => {
      const note = notFiniteNote(name, parameter, where);
      if (note !== undefined) notes.push(note);
      params[name] = toParam(parameter);
    });
    return { result, params, notes };
  } catch (error) {
    tf.dispose(Object.values(params));
    throw error;
  }
}

/** The parameters that a model asks for, as `readParameters` checks them, and what is to be known of them. */
export async function loadParameters(
  path: string,
  specs: ParamSpecs,
  sum?: string,
): Promise<{ readonly params: Params; readonly notes: readonly string[] }> {
  const { params, notes } = await uploaded(path, async (give) => {
    const shapes: Record<string, Pick<StoredTensor, "shape">> = Object.create(null);
    const take: Give = (name, tensor) => {
      shapes[name] = { shape: tensor.shape };
      give(name, tensor);
    };
    await streamSafetensors(path, take, sum);
    requireShapes(shapes, specs, path);
  });
  return { params: inOrder(params, specs), notes };
}

/** Parameters in the order of the model's own list. */
export const inOrder = (params: Params, specs: ParamSpecs): Params =>
  Object.fromEntries(Object.keys(specs).map((name) => [name, params[name] as tf.Tensor]));

/** Values of parameters, to be written. */
export async function stored(params: Params): Promise<Record<string, StoredTensor>> {
  const entries = Object.entries(params).map(async ([name, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    return [name, { shape: tensor.shape, dtype: "F32", data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
