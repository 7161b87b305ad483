/** Parameters between a safetensors file and the engine. */
import { InputError } from "../../errors.ts";
import { firstNotFinite, NotFiniteError } from "../../finite.ts";
import type { StoredTensor } from "../../formats/safetensors.ts";
import { placeIn } from "../../model/not-finite.ts";
import type { ParamSpecs, Params } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
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
  const { tensors } = await readSafetensors(path, sum);
  const expected = Object.keys(specs);
  const missing = expected.filter((name) => !(name in tensors));
  const unexpected = Object.keys(tensors).filter((name) => !Object.hasOwn(specs, name));
  const misshapen = expected
    .filter(
      (name) =>
        name in tensors && !sameShape((tensors[name] as StoredTensor).shape, specs[name]?.shape ?? []),
    )
    .map((name) => `${name} is (${tensors[name]?.shape}), expected (${specs[name]?.shape})`);
  const faults = [
    missing.length > 0 ? `missing: ${missing.join(", ")}` : "",
    unexpected.length > 0 ? `unexpected: ${unexpected.join(", ")}` : "",
    misshapen.length > 0 ? `shapes: ${misshapen.join("; ")}` : "",
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new InputError(`${path}: does not fit config.json; ${faults.join("; ")}`);
  return Object.fromEntries(expected.map((name) => [name, tensors[name] as StoredTensor]));
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

/** Integers become float32, in which parameters are computed; what is float32 is not copied. */
export function toParams(tensors: Tensors): Params {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const values = data instanceof Float32Array ? data : Float32Array.from(data);
    return [name, tf.tensor(values, [...shape], "float32")] as const;
  });
  return Object.fromEntries(entries);
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** Values of parameters, to be written. */
export async function stored(params: Params): Promise<Record<string, StoredTensor>> {
  const entries = Object.entries(params).map(async ([name, tensor]) => {
    const data = (await tensor.data()) as Float32Array;
    return [name, { shape: tensor.shape, dtype: "F32", data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
