/** Tensors between Hugging Face's names and ours, with nothing missing, nothing left over and every shape as expected. */
import { InputError } from "../../errors.ts";
import type { Model } from "../../model/config.ts";
import type { StoredTensor } from "../safetensors.ts";
import { quoted } from "../strict-json.ts";
import type { Architecture } from "./architecture.ts";
import type { TheirTensor } from "./rules.ts";

type Tensors = Record<string, StoredTensor>;

/** More names than these would drown the message. */
const MOST_LISTED = 12;

/**
 * Our parameters from their tensors. Takes what it uses out of `tensors`, so that a model is not held twice.
 *
 * @throws InputError that lists missing, unexpected and misshapen names.
 */
export function toOurs(architecture: Architecture, model: Model, tensors: Tensors, where: string): Tensors {
  const rules = architecture.rules(model);
  const found = new Map<string, string>();
  for (const { name } of rules.flatMap(({ theirs }) => theirs)) {
    const present = namesOf(architecture, name).find((candidate) => candidate in tensors);
    if (present !== undefined) found.set(name, present);
  }
  const wanted = rules.flatMap(({ theirs }) => theirs);
  const used = new Set(found.values());
  requireNone(where, architecture, {
    missing: wanted.filter(({ name }) => !found.has(name)).map(({ name }) => name),
    unexpected: Object.keys(tensors).filter(
      (name) => !used.has(name) && !architecture.ignored.test(withoutPrefix(architecture, name)),
    ),
    shapes: wanted.flatMap((tensor) => misshapen(tensor, tensors[found.get(tensor.name) ?? ""])),
  });
  const ours: Tensors = Object.create(null);
  for (const rule of rules) {
    const names = rule.theirs.map(({ name }) => found.get(name) as string);
    const parts = names.map((name) => (tensors[name] as StoredTensor).data as Float32Array); // checked by `misshapen`
    const shape = model.specs[rule.ours]?.shape ?? [];
    ours[rule.ours] = { shape, dtype: "F32", data: rule.toOurs(parts) };
    for (const name of names) delete tensors[name];
  }
  return ours;
}

/** Their tensors from our parameters. */
export function toTheirs(architecture: Architecture, model: Model, ours: Tensors): Tensors {
  const theirs: Tensors = Object.create(null);
  for (const rule of architecture.rules(model)) {
    const values = rule.toTheirs((ours[rule.ours] as StoredTensor).data as Float32Array); // parameters are float32
    rule.theirs.forEach(({ name, shape }, i) => {
      const data = values[i] as Float32Array;
      theirs[name] = { shape: sized(shape, data.length), dtype: "F32", data };
    });
  }
  return theirs;
}

/** The name, without the prefix, and under other names. */
function namesOf(architecture: Architecture, name: string): string[] {
  const names = [name, ...(architecture.aliases?.(name) ?? [])];
  return [...names, ...names.map((one) => withoutPrefix(architecture, one))];
}

const withoutPrefix = ({ prefix }: Architecture, name: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : name;

function misshapen({ name, shape }: TheirTensor, tensor: StoredTensor | undefined): string[] {
  if (tensor === undefined) return [];
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((size, axis) =>
      size === -1 ? (tensor.shape[axis] as number) > 0 : size === tensor.shape[axis],
    );
  if (fits && tensor.data instanceof Float32Array) return [];
  return [
    `${name} is ${tensor.dtype} (${tensor.shape}), expected (${shape.map((n) => (n < 0 ? "any" : n))})`,
  ];
}

/** The shape with its open size filled in. */
function sized(shape: readonly number[], length: number): number[] {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  return shape.map((size) => (size === -1 ? length / known : size));
}

function requireNone(
  where: string,
  { title }: Architecture,
  faults: Readonly<Record<string, readonly string[]>>,
): void {
  const texts = Object.entries(faults).flatMap(([fault, names]) => {
    if (names.length === 0) return [];
    const listed = names.slice(0, MOST_LISTED).map((name) => quoted(name).slice(1, -1));
    const more = names.length > MOST_LISTED ? [`and ${names.length - MOST_LISTED} more`] : [];
    return [`${fault}: ${[...listed, ...more].join("; ")}`];
  });
  if (texts.length > 0) {
    throw new InputError(`${where}: is not the ${title} of its config.json; ${texts.join(". ")}`);
  }
}
