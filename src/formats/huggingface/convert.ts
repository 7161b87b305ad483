/**
 * Tensors between Hugging Face's names and ours, with nothing missing, nothing left over and every
 * shape as expected.
 */
import { InputError } from "../../errors.ts";
import type { Model } from "../../model/config.ts";
import type { StoredTensor } from "../safetensors.ts";
import { quoted } from "../strict-json.ts";
import { type Architecture, storedName, withoutPrefix } from "./architecture.ts";
import type { TheirTensor } from "./rules.ts";

type Tensors = Record<string, StoredTensor>;

/** More names than these would drown the message. */
const MOST_LISTED = 12;

export interface Converted {
  readonly tensors: Tensors;
  /** Names every tensor, or part of one, that no parameter of ours came from. */
  readonly notes: readonly string[];
}

/**
 * Our parameters from their tensors. Takes what it uses out of `tensors`, so that a model is not held twice.
 *
 * @throws InputError that lists missing, unexpected and misshapen names.
 */
export function toOurs(
  architecture: Architecture,
  model: Model,
  tensors: Tensors,
  { where, firstRow = 0 }: { readonly where: string; readonly firstRow?: number | undefined },
): Converted {
  const rules = architecture.rules(model, firstRow);
  const found = new Map<string, string>();
  for (const { name } of rules.flatMap(({ theirs }) => theirs)) {
    const present = storedName(architecture, name, tensors);
    if (present !== undefined) found.set(name, present);
  }
  const wanted = rules.flatMap(({ theirs }) => theirs);
  const used = new Set(found.values());
  const others = setAside(architecture, model, tensors, used);
  requireNone(where, architecture, {
    missing: wanted.filter(({ name }) => !found.has(name)).map(({ name }) => name),
    unexpected: others.unexpected,
    "not what it is set aside as": others.unlike,
    shapes: wanted.flatMap((tensor) => misshapen(tensor, tensors[found.get(tensor.name) ?? ""])),
  });
  const notes = others.notes.map((note) => `${where}: ${note}`);
  const ours: Tensors = Object.create(null);
  for (const rule of rules) {
    const names = rule.theirs.map(({ name }) => found.get(name) as string);
    const parts = names.map((name) => (tensors[name] as StoredTensor).data as Float32Array); // checked by `misshapen`
    const shape = model.specs[rule.ours]?.shape ?? [];
    const leftOut = rule.leavesOut?.(parts);
    if (leftOut !== undefined) notes.push(`${where}: ${leftOut}`);
    ours[rule.ours] = { shape, dtype: "F32", data: rule.toOurs(parts) };
    for (const name of names) delete tensors[name];
  }
  return { tensors: ours, notes };
}

/** What is stored and used for no parameter. */
function setAside(
  architecture: Architecture,
  model: Model,
  tensors: Tensors,
  used: ReadonlySet<string>,
): { unexpected: string[]; unlike: string[]; notes: string[] } {
  const [unexpected, unlike] = [[] as string[], [] as string[]];
  const notes = new Set<string>(); // one for those of all layers
  for (const [name, tensor] of Object.entries(tensors)) {
    if (used.has(name)) continue;
    const known = architecture.ignored.find((one) => one.name.test(withoutPrefix(architecture, name)));
    if (known === undefined) unexpected.push(name);
    else if (known.holds?.(tensor, model) === false) unlike.push(`${name} is not ${known.what}`);
    else notes.add(`${name.replace(/\.\d+\./, ".*.")} is not used: ${known.what}`);
  }
  return { unexpected, unlike, notes: [...notes] };
}

/** Their tensors from our parameters. */
export function toTheirs(architecture: Architecture, model: Model, ours: Tensors, firstRow = 0): Tensors {
  const theirs: Tensors = Object.create(null);
  for (const rule of architecture.rules(model, firstRow)) {
    const values = rule.toTheirs((ours[rule.ours] as StoredTensor).data as Float32Array); // parameters are float32
    rule.theirs.forEach(({ name, shape }, i) => {
      const data = values[i] as Float32Array;
      theirs[name] = { shape: sized(shape, data.length), dtype: "F32", data };
    });
    const [first] = rule.theirs;
    if (rule.copy !== undefined && first) theirs[rule.copy] = theirs[first.name] as StoredTensor;
  }
  return theirs;
}

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
