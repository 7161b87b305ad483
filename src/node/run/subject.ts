/**
 * From a checkpoint to what probes question: its model, the material that there is, and how it was
 * trained.
 */
import { basename } from "node:path";
import { type AnyData, endsOf, endsOfForeign, type Material, openingIds } from "../../data/index.ts";
import { memoryStore, windowsOf } from "../../data/token-store.ts";
import { pairMaterial } from "../../data/user-pairs.ts";
import type { Placing } from "../../probes/placing.ts";
import type { Subject } from "../../probes/probe.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { openData, textFingerprint } from "./data.ts";
import { historyOf } from "./history.ts";
import { requireSameText } from "./identity.ts";
import type { Own } from "./own/index.ts";
import { readRunJson } from "./run-json.ts";
import { wholeText } from "./text/read.ts";

/** Files that a person brings: material for any model. */
export interface UserFiles {
  /** Lines of JSON, each a pair of orders or a minimal pair (`data/user-pairs.ts`). */
  readonly pairs?: string | undefined;
  /** A text, UTF-8. */
  readonly text?: string | undefined;
}

/** What a checkpoint is asked about, beside what it was trained on. */
export interface SubjectOptions {
  /** The data that the model was trained on, where it is known (`dataOf`). */
  readonly data?: AnyData | undefined;
  readonly files?: UserFiles;
  /** Where the tokens of contexts stand; default 0, 1, 2, … */
  readonly placing?: Placing;
}

/**
 * What probes question. A file takes the place of the same material of the training data.
 *
 * @throws InputError where a file cannot be read, or holds what the model's tokenizer lacks.
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * const checkpoint = await checkpoints.load(directory);
 * const subject = subjectOf(checkpoint, { data: await dataOf(checkpoint) });
 * assert.ok(probesFor(subject).some(({ name }) => name === "order"));
 */
export function subjectOf(checkpoint: Checkpoint, { data, files = {}, placing }: SubjectOptions): Subject {
  const { model, params, tokenizer, preset } = checkpoint;
  const { pairs, windows, problems } = data ?? {};
  const material = { pairs, windows, problems, ...materialOf(checkpoint, files) };
  const training = preset && data && { train: preset.train, seed: preset.seed, data };
  const { kind, run } = checkpoint;
  const ofRun = kind === "run" && run !== undefined && model.ablated === undefined;
  return {
    ...{ model, params, tokenizer, material, training, placing },
    history: ofRun ? historyOf(run, model) : undefined,
  };
}

function materialOf({ preset, tokenizer }: Checkpoint, { pairs, text }: UserFiles): Material {
  const { opening } = preset ? endsOf(preset.data, tokenizer) : endsOfForeign(tokenizer);
  const opened = openingIds(tokenizer, preset?.data);
  return {
    ...(pairs !== undefined && pairMaterial(wholeText(pairs), tokenizer, opened, pairs)),
    ...(text !== undefined && {
      windows: windowsOf(storeOf(wholeText(text), tokenizer), basename(text), opening),
    }),
  };
}

const storeOf = (text: string, tokenizer: Checkpoint["tokenizer"]) =>
  memoryStore(Int32Array.from(tokenizer.encode(text)), [...text].length);

/**
 * The data that a checkpoint was trained on; undefined where that is not known, or its tokens are
 * not those of that data.
 *
 * @param tell is told what takes long: a text that is fetched or encoded.
 * @param own a task or a corpus that is not listed
 * @throws InputError where the text is another than its run was trained on.
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "run"), engine, versions: {} });
 * const data = await dataOf(await checkpoints.load(directory));
 * assert.equal(data?.kind, "who");
 */
export async function dataOf(
  { tokenizer, preset, run }: Checkpoint,
  tell: (text: string) => void = () => {},
  own?: Own,
): Promise<AnyData | undefined> {
  if (preset === undefined) return undefined;
  const trained = run === undefined ? undefined : readRunJson(run)?.textSha256;
  const requireText = (now: string | undefined) =>
    requireSameText(run ?? "", preset.data, [trained, now], "put the text back that it was trained on");
  requireText(await textFingerprint(preset.data)); // before another text is encoded
  const data = await openData(preset.data, preset.seed, { tokenizer, tell, own });
  if (data.kind === "text") requireText(data.fingerprint);
  const vocabulary = (of: Checkpoint["tokenizer"]) => JSON.stringify(of.toJSON());
  return vocabulary(tokenizer) === vocabulary(data.tokenizer) ? data : undefined;
}
