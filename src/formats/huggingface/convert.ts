/**
 * Tensors between Hugging Face's names and ours, with nothing missing, nothing left over and every
 * shape as expected.
 */
import { InputError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import type { ReusedMemory } from "../reused-memory.ts";
import type { StoredTensor } from "../safetensors.ts";
import { isFloatDtype } from "../safetensors-dtypes.ts";
import { quoted } from "../strict-json.ts";
import { type Architecture, storedName, withoutPrefix } from "./architecture.ts";
import type { Ignored } from "./ignored.ts";
import type { Rule, TheirTensor } from "./rules.ts";

type Tensors = Record<string, StoredTensor>;
type Owned = Float32Array<ArrayBuffer>; // what is read is never shared between threads

/** More names than these would drown the message. */
const MOST_LISTED = 12;

/** What a file says of its tensors before it is read, by name. */
export type TensorHeaders = Readonly<Record<string, Pick<StoredTensor, "shape" | "dtype">>>;

/** Tensors of theirs become parameters of ours one by one, so that a model is not held twice. */
export interface Conversion {
  /** Takes a tensor of the headers, each once, in any order. */
  take(name: string, tensor: StoredTensor): void;
  /**
   * When all are taken.
   *
   * @returns names of every tensor, or part of one, that no parameter of ours came from
   * @throws InputError for tensors that are not what they are set aside as.
   */
  end(): readonly string[];
}

interface ConversionOptions {
  readonly where: string;
  /** As in `TheirModel`. */
  readonly firstRow?: number | undefined;
  /** Gets a parameter of ours when the last of its tensors was taken. */
  readonly give: (name: string, parameter: StoredTensor) => void;
  /** Gets the memory of tensors back that became others of ours. */
  readonly memory?: Pick<ReusedMemory, "free"> | undefined;
}

/**
 * Our parameters from their tensors.
 *
 * @throws InputError that lists missing, unexpected and misshapen names.
 */
export function conversionOf(
  architecture: Architecture,
  model: Model,
  headers: TensorHeaders,
  { where, firstRow = 0, give, memory }: ConversionOptions,
): Conversion {
  const rules = architecture.rules(model, firstRow);
  const found = requireFitting(architecture, rules, headers, where);
  const ruleOf = new Map(
    rules.flatMap((rule) => rule.theirs.map(({ name }) => [found.get(name) as string, rule] as const)),
  );
  const parts = new Map<string, Float32Array>();
  const [notes, aside, unlike] = [new Set<string>(), new Set<string>(), [] as string[]]; // one note for all layers
  return {
    take(name, tensor) {
      const rule = ruleOf.get(name);
      if (rule === undefined) {
        const { what, holds } = ignoredOf(architecture, name) as Ignored; // else it was unexpected
        if (holds?.(tensor, model) === false) unlike.push(`${name} is not ${what}`);
        else aside.add(`${where}: ${name.replace(/\.\d+\./, ".*.")} is not used: ${what}`);
        return;
      }
      parts.set(name, tensor.data as Float32Array); // checked by `misshapen`
      const names = rule.theirs.map((their) => found.get(their.name) as string);
      if (!names.every((one) => parts.has(one))) return;
      const values = names.map((one) => parts.get(one) as Float32Array);
      for (const one of names) parts.delete(one);
      const leftOut = rule.leavesOut?.(values);
      if (leftOut !== undefined) notes.add(`${where}: ${leftOut}`);
      const shape = model.specs[rule.ours]?.shape ?? [];
      const data = rule.toOurs(values);
      for (const value of values) if (value.buffer !== data.buffer) memory?.free(value as Owned);
      give(rule.ours, { shape, dtype: "F32", data });
    },
    end() {
      requireNone(where, architecture, { "not what it is set aside as": unlike });
      return [...aside, ...notes];
    },
  };
}

/** @returns the name under which each tensor of the rules is stored */
function requireFitting(
  architecture: Architecture,
  rules: readonly Rule[],
  headers: TensorHeaders,
  where: string,
): ReadonlyMap<string, string> {
  const wanted = rules.flatMap(({ theirs }) => theirs);
  const found = new Map<string, string>();
  for (const { name } of wanted) {
    const present = storedName(architecture, name, headers);
    if (present !== undefined) found.set(name, present);
  }
  const used = new Set(found.values());
  requireNone(where, architecture, {
    missing: wanted.filter(({ name }) => !found.has(name)).map(({ name }) => name),
    unexpected: Object.keys(headers).filter(
      (name) => !used.has(name) && ignoredOf(architecture, name) === undefined,
    ),
    shapes: wanted.flatMap((tensor) => misshapen(tensor, headers[found.get(tensor.name) ?? ""])),
  });
  return found;
}

const ignoredOf = (architecture: Architecture, name: string): Ignored | undefined =>
  architecture.ignored.find((one) => one.name.test(withoutPrefix(architecture, name)));

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

function misshapen({ name, shape }: TheirTensor, tensor: TensorHeaders[string] | undefined): string[] {
  if (tensor === undefined) return [];
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((size, axis) =>
      size === -1 ? (tensor.shape[axis] as number) > 0 : size === tensor.shape[axis],
    );
  if (fits && isFloatDtype(tensor.dtype)) return [];
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
