/** Tensors of a file as the parameters of a model. */
import { InputError } from "../errors.ts";
import type { ParamSpecs, Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { StoredTensor } from "./safetensors.ts";

type Tensors = Readonly<Record<string, StoredTensor>>;

/**
 * The tensors that a model asks for: no more, no fewer, of its shapes.
 *
 * @param where names their file in messages
 * @throws InputError that lists missing, unexpected and misshapen names.
 */
export function fittingTensors(tensors: Tensors, specs: ParamSpecs, where: string): Tensors {
  requireShapes(tensors, specs, where);
  return Object.fromEntries(Object.keys(specs).map((name) => [name, tensors[name] as StoredTensor]));
}

/** As `fittingTensors`, of shapes alone. */
export function requireShapes(
  tensors: Readonly<Record<string, Pick<StoredTensor, "shape">>>,
  specs: ParamSpecs,
  where: string,
): void {
  const expected = Object.keys(specs);
  const missing = expected.filter((name) => !(name in tensors));
  const unexpected = Object.keys(tensors).filter((name) => !Object.hasOwn(specs, name));
  const misshapen = expected
    .filter((name) => name in tensors && !sameShape(tensors[name]?.shape ?? [], specs[name]?.shape ?? []))
    .map((name) => `${name} is (${tensors[name]?.shape}), expected (${specs[name]?.shape})`);
  const faults = [
    missing.length > 0 ? `missing: ${missing.join(", ")}` : "",
    unexpected.length > 0 ? `unexpected: ${unexpected.join(", ")}` : "",
    misshapen.length > 0 ? `shapes: ${misshapen.join("; ")}` : "",
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new InputError(`${where}: does not fit config.json; ${faults.join("; ")}`);
}

/** As `toParam`, of each. */
export const toParams = (tensors: Tensors): Params =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toParam(tensor)]));

/**
 * Integers become float32, in which parameters are computed; what is float32 is not copied.
 *
 * The native engine copies values at their first use, until which they are held twice: so one is
 * used at once.
 */
export function toParam({ shape, data }: StoredTensor): tf.Tensor {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  const tensor = tf.tensor(values, [...shape], "float32");
  if (tensor.size > 0) tf.dispose(tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1)));
  return tensor;
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i]);
