/** What a run's folder is called: a preset, its data, its seed, and a hash of all that it asks. */
import { createHash } from "node:crypto";
import { basename } from "node:path";

/** The fields of a resolved config that name its folder; all others count in the hash. */
export interface NamedConfig {
  readonly name: string;
  readonly seed: number;
  readonly data: {
    readonly kind: string;
    readonly corpus?: unknown;
    readonly path?: unknown;
    readonly task?: unknown;
  };
}

/**
 * What says how a config is computed, not what: left out of the hash, so that a run which moves to
 * another engine or to more threads is resumed and not begun again. run.json records both.
 */
const NOT_ASKED: ReadonlySet<string> = new Set(["engine", "threads", "out"]);

/** Which steps are kept changes none of them. */
const NOT_ASKED_OF_TRAINING: ReadonlySet<string> = new Set(["keep"]);

/**
 * Fields that came later, with what was done before there were any: left out of the hash where they
 * say just that, so that a run of before keeps its folder, and what is published its configuration.
 */
const CAME_LATER: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  model: { normKind: "layer", mlp: "gelu", qkNorm: false },
  train: { optimizer: "adamw", beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
};

/**
 * Folder name of a resolved config: preset, data, seed and six digits of its hash, such as
 * `rope-shakespeare-s1-3f9c2a`.
 *
 * @param from SHA-256 of the weights that the run begins with; they count in the hash
 * @throws TypeError for a config that JSON cannot hold
 */
export function runDirectoryName(config: NamedConfig, from?: string): string {
  const { kind, corpus, path, task } = config.data;
  const file = typeof path === "string" ? basename(path).replace(/\.[A-Za-z0-9]+$/, "") : undefined;
  const data = String([corpus, task, file].find((field) => typeof field === "string") ?? kind);
  return `${slug(config.name)}-${slug(data)}-s${config.seed}-${configHash(from === undefined ? config : { ...config, from }).slice(0, 6)}`;
}

/**
 * SHA-256, in hex, of a config's canonical JSON: names sorted, no white space, `engine`, `threads`,
 * `out` and `train.keep` left out. Two folders of one name whose run.json differ in it are
 * different runs.
 *
 * @throws TypeError for a config that JSON cannot hold
 */
export function configHash(config: object): string {
  return createHash("sha256")
    .update(canonicalJson(askedOf(config)))
    .digest("hex");
}

/** The fields of a config that say what is computed. */
export function askedOf(config: object): Record<string, unknown> {
  const fields = without(NOT_ASKED, config);
  for (const [part, later] of Object.entries(CAME_LATER)) {
    const value = fields[part];
    if (typeof value === "object" && value !== null) fields[part] = asBefore(value, later);
  }
  const { train } = fields;
  if (typeof train === "object" && train !== null) fields.train = without(NOT_ASKED_OF_TRAINING, train);
  return fields;
}

const asBefore = (part: object, later: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(part).filter(([field, value]) => !(field in later && later[field] === value)),
  );

const without = (fields: ReadonlySet<string>, config: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([field]) => !fields.has(field)));

/** A part of a file name that every file system and shell takes, at most 40 characters. */
function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/[^A-Za-z0-9._]+/g, "-");
  return plain.slice(0, 40).replace(/^[-.]+|[-.]+$/g, "") || "unnamed";
}

/** JSON with sorted names, which does not depend on the order in which a config was put together. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`config: ${value} is not a number that JSON holds`);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
}
