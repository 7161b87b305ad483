/**
 * The checkpoint whose weights a run begins with: `train PRESET --from CHECKPOINT`. Weights that both
 * have are taken, by name and shape; the rest is as fresh as without. So a model goes on under another
 * encoding, longer contexts or another text.
 */
import { createHash } from "node:crypto";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { InputError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import type { Params } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree } from "../../tensor/tree.ts";
import type { optimizers } from "../../train/optimizers.ts";
import type { Known } from "../../train/preset.ts";
import { initialState, type TrainState } from "../../train/step.ts";
import { loadCheckpoint } from "./checkpoint.ts";
import type { RunRecord } from "./run-json.ts";

/** A checkpoint, and what its weights are, whatever files they came from. */
export interface Source {
  readonly path: string;
  /** Of the parameters' names, shapes and values. */
  readonly sha256: string;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
}

/**
 * Loads it; its parameters are the caller's to dispose of.
 *
 * @param tell hears what is to be known of a model that comes from elsewhere
 * @throws InputError as `loadCheckpoint`
 */
export async function openSource(
  path: string,
  known: Known,
  tell: (text: string) => void = () => {},
): Promise<Source> {
  const { params, tokenizer, notes } = await loadCheckpoint(path, [], known);
  for (const note of notes) tell(note);
  return { path, sha256: await hashOf(params), params, tokenizer };
}

async function hashOf(params: Params): Promise<string> {
  const hash = createHash("sha256");
  for (const name of Object.keys(params).sort()) {
    const x = params[name] as tf.Tensor;
    hash.update(`${name} ${x.shape}\n`);
    const { buffer, byteOffset, byteLength } = await x.data();
    hash.update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

/**
 * A run goes on with the source that it began with.
 *
 * @throws InputError with both hashes
 */
export function requireSameSource(
  directory: string,
  record: RunRecord | undefined,
  source: Source | undefined,
): void {
  if (record === undefined || record.from?.sha256 === source?.sha256) return;
  const text = (one: { readonly path: string; readonly sha256: string } | undefined) =>
    one === undefined ? "fresh weights" : `the weights of ${one.path} (sha256 ${one.sha256.slice(0, 8)})`;
  throw new InputError(
    `${directory}: holds a run that began with ${text(record.from)}, now ${text(source)}; give the --from that it began with, another --out, or delete it`,
  );
}

/** Where training begins: the source's weights where they fit, fresh ones elsewhere; no step done. */
export interface Begun {
  readonly state: TrainState;
  /** Names of parameters that came from the source. */
  readonly taken: readonly string[];
  readonly fresh: readonly string[];
  /** What the source has and the model has not, or in another shape. */
  readonly left: readonly string[];
}

/**
 * @throws InputError where the tokens are others than the source's, or no weight fits
 */
export function beginFrom(
  { path, params, tokenizer }: Source,
  model: Model,
  own: Tokenizer,
  { seed, optimizer }: { readonly seed: number; readonly optimizer: keyof typeof optimizers },
): Begun {
  requireSameTokens(path, tokenizer, own);
  const state = initialState(model, seed, optimizer);
  const fits = (name: string) => `${params[name]?.shape}` === `${model.specs[name]?.shape}`;
  const names = Object.keys(model.specs);
  const taken = names.filter(fits);
  if (taken.length === 0)
    throw new InputError(
      `--from: ${path}: no weight has the name and shape of one of the preset's model; give a checkpoint of its sizes`,
    );
  const from = new Set(taken);
  const begun = Object.fromEntries(
    names.map((name) => [name, from.has(name) ? tf.clone(params[name] as tf.Tensor) : state.params[name]]),
  ) as Params;
  for (const name of taken) state.params[name]?.dispose();
  return {
    state: { ...state, params: begun },
    taken,
    fresh: names.filter((name) => !from.has(name)),
    left: Object.keys(params).filter((name) => !from.has(name)),
  };
}

/** A row of the embedding is a token: with another vocabulary it would be another one. */
function requireSameTokens(path: string, theirs: Tokenizer, ours: Tokenizer): void {
  const count = Math.max(theirs.vocabSize, ours.vocabSize);
  const text = (tokenizer: Tokenizer, id: number) =>
    id < tokenizer.vocabSize ? JSON.stringify(tokenizer.token(id)) : "none";
  for (let id = 0; id < count; id++) {
    const [a, b] = [text(theirs, id), text(ours, id)];
    if (a === b) continue;
    throw new InputError(
      `--from: ${path}: its token ${id} is ${a}, that of the preset's data ${b}; give data with the tokens that it was trained on`,
    );
  }
}

/** A line for a person: how many weights were taken, and the names of the others. */
export function begunText({ path, sha256 }: Source, { taken, fresh, left }: Begun): string {
  const named = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${shortened(names).join(", ")}`];
  const count = `${taken.length} of ${taken.length + fresh.length} parameters are those of ${path} (sha256 ${sha256.slice(0, 8)})`;
  return [count, ...named("fresh", fresh), ...named("left behind", left)].join("; ");
}

/** The same name of several blocks once, "h.*.attn.sinks". */
const shortened = (names: readonly string[]) => [
  ...new Set(names.map((name) => name.replace(/^h\.\d+\./, "h.*."))),
];

export const closeSource = (source: Source | undefined): void => {
  if (source !== undefined) disposeTree(source.params);
};
