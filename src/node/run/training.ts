/**
 * A run from its preset to its directory: locked, resumed where it stopped, saved when it is interrupted.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AnyData } from "../../data/index.ts";
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import type { StartedEngine } from "../../engine/engine.ts";
import { createModel, type Model } from "../../model/model.ts";
import { trainLoop } from "../../train/loop.ts";
import { optimizers } from "../../train/optimizers.ts";
import type { Preset } from "../../train/preset.ts";
import { rehearse } from "../../train/rehearsal.ts";
import { disposeState, initialState, type StepResult, type TrainState } from "../../train/step.ts";
import type { Lock } from "../files/lock.ts";
import { checkpointFiles, loadState } from "./checkpoint.ts";
import { openData, textFingerprint } from "./data.ts";
import { cleanStaging, latestStep, removeIfEmpty, writeStep } from "./directory.ts";
import { requireRunOrEmpty, requireSameText } from "./identity.ts";
import { pruneSteps } from "./keep.ts";
import { appendLog, readLog, requireAppendable, rewindLog } from "./log.ts";
import { type Losses, lossesPerCharacter } from "./losses.ts";
import { requireMemory } from "./memory.ts";
import { runDirectoryName } from "./names.ts";
import { type Own, ownOf } from "./own/index.ts";
import { requireFiniteHooks } from "./own/trial.ts";
import { stepToGoOnFrom } from "./resume.ts";
import { endRun, readRunJson, writeRunJson } from "./run-json.ts";
import { lockRun, type RunLockOptions } from "./run-lock.ts";
import { runRecord } from "./run-record.ts";
import { beginFrom, begunText, closeSource, openSource, requireSameSource, type Source } from "./source.ts";
import { stepTokenizer } from "./step-config.ts";
import { unlessAborted } from "./text/turns.ts";
import type { ShowWork } from "./text/watch.ts";

/** Where and on which engine a run is made, and what it tells. */
export interface RunOptions extends RunLockOptions {
  /** The run's directory; default `checkpoints/` and a name made from the preset. */
  readonly out?: string | undefined;
  /** A checkpoint whose weights it begins with, where both have them. */
  readonly from?: string | undefined;
  readonly engine: StartedEngine;
  readonly versions: Readonly<Record<string, string>>;
  /** What the user brings beside the lists. */
  readonly own?: Own | undefined;
  /** What to tell a person. */
  readonly onStart?: (start: { directory: string; step: number }) => void;
  readonly onStep?: (result: StepResult) => void;
  /** @param perCharacter the same losses in nats a character, where the tokens are those of a text */
  readonly onValidation?: (step: number, losses: Losses, perCharacter?: Losses) => void;
  /** Hears how far preparing the data is. */
  readonly onPrepareWork?: ShowWork;
  /** Folder of texts and tokens; the user's cache when left out. */
  readonly cache?: string;
}

/** How a run ended. */
export interface RunResult {
  readonly directory: string;
  /** "skipped": it had been finished before. */
  readonly outcome: "finished" | "interrupted" | "skipped";
  readonly step: number;
}

/**
 * Trains a preset in its directory. The same preset gives the same directory: a finished run is
 * skipped, an unfinished one goes on from its last saved step, to the
 * same bits where no GPU computes.
 *
 * @throws InputError where the directory belongs to another configuration or process, or cannot be written.
 * @example
 * const model = { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "none" } };
 * const preset = parsePreset({ name: "tiny", model, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const options = { out: join(folder, "trained"), engine: await startEngine("cpu"), versions: {} };
 * assert.equal((await runTraining(preset, options)).outcome, "finished");
 */
export async function runTraining(preset: Preset, given: RunOptions): Promise<RunResult> {
  const own = ownOf(preset, given.own);
  requireMemory(preset, given.engine.name, own.known.encodings);
  await requireFiniteHooks(preset, own);
  const source =
    given.from === undefined ? undefined : await openSource(given.from, own.known, given.onPrepare);
  try {
    return await runIn(preset, { ...given, own, source });
  } finally {
    closeSource(source);
  }
}

async function runIn(preset: Preset, options: Prepared): Promise<RunResult> {
  const { own, source } = options;
  const directory = options.out ?? join("checkpoints", runDirectoryName(preset, source?.sha256));
  requireRunOrEmpty(directory);
  const isNew = !existsSync(directory);
  const fingerprint = await unlessAborted(options.signal, () => textFingerprint(preset.data, options.signal)); // a text that is not there makes no directory
  if (fingerprint === "aborted") return { directory, outcome: "interrupted", step: stepIn(directory) };
  const lock = await lockRun(directory, options);
  if (lock === undefined) return { directory, outcome: "interrupted", step: stepIn(directory) };
  try {
    const before = readRunJson(directory);
    requireSameSource(directory, before, source);
    requireSameText(directory, preset.data, [before?.textSha256, fingerprint]);
    const last = await stepToGoOnFrom(directory, preset, own, options.onPrepare);
    const trained = last !== undefined && last.step >= preset.train.steps;
    if (trained && before?.status === "finished") return { directory, outcome: "skipped", step: last.step };
    cleanStaging(directory);
    await rewindLog(directory, last?.step ?? -1);
    const data = await prepared(preset, last?.path, options);
    if (data === "aborted") return { directory, outcome: "interrupted", step: last?.step ?? 0 };
    if (data.kind === "text") requireSameText(directory, preset.data, [before?.textSha256, data.fingerprint]);
    return await trainIn(directory, lock, preset, data, last?.path, options);
  } finally {
    lock.release();
    if (isNew) removeIfEmpty(directory);
  }
}

async function trainIn(
  directory: string,
  lock: Lock,
  preset: Preset,
  data: AnyData,
  from: string | undefined,
  options: Prepared,
): Promise<RunResult> {
  const model = createModel(preset.model, data.tokenizer.vocabSize, options.own.known.encodings);
  const start = await startOf(preset, model, data.tokenizer, from, options);
  const task = { model, data, train: preset.train, seed: preset.seed };
  rehearse(task, start);
  lock.requireHeld();
  await writeRunJson(directory, runRecord(directory, preset, data, options));
  requireAppendable(directory);
  const prune = () => pruneSteps(directory, preset, options.own.known, options.onPrepare ?? (() => {}));
  await prune(); // a crash may have come before it
  options.onStart?.({ directory, step: start.step });
  const began = performance.now() - 1000 * Number(readLog(directory).at(-1)?.seconds ?? 0); // as if it had never been stopped
  const tokensPerStep = preset.train.batch * preset.model.context;
  const log = (step: number, losses: Losses) => {
    lock.requireHeld();
    const seconds = Math.round(performance.now() - began) / 1000;
    const perCharacter = lossesPerCharacter(data, preset.train, losses);
    for (const [split, loss] of Object.entries(losses)) {
      const lossPerCharacter = perCharacter && { lossPerCharacter: perCharacter[split] };
      appendLog(directory, { step, split, loss, ...lossPerCharacter, tokens: step * tokensPerStep, seconds });
    }
    options.onValidation?.(step, losses, perCharacter);
  };
  let state: TrainState;
  try {
    state = await trainLoop(task, start, {
      ...(options.onStep ? { onStep: options.onStep } : {}),
      onValidation: log,
      onSave: async (saved) => {
        const files = await checkpointFiles(preset, model, data.tokenizer, saved);
        lock.requireHeld();
        await writeStep(directory, saved.step, files);
        await prune();
      },
      shouldStop: () => options.signal?.aborted ?? false,
    });
  } catch (error) {
    if (lock.isHeld()) await endRun(directory, "failed").catch(() => {}); // a full disk refuses this too
    throw error;
  }
  const outcome = state.step >= preset.train.steps ? "finished" : "interrupted";
  lock.requireHeld();
  await endRun(directory, outcome);
  disposeState(state);
  return { directory, outcome, step: state.step };
}

/** The last saved step, the source's weights where they fit, or fresh ones. */
async function startOf(
  { seed, train: { optimizer } }: Preset,
  model: Model,
  tokenizer: Tokenizer,
  from: string | undefined,
  { source, onPrepare }: Prepared,
): Promise<TrainState> {
  if (from !== undefined) return loadState(from, model, optimizers[optimizer].slots);
  if (source === undefined) return initialState(model, seed, optimizer);
  const begun = beginFrom(source, model, tokenizer, { seed, optimizer });
  onPrepare?.(begunText(source, begun));
  return begun.state;
}

/** Options of which what the preset does not name was taken out. */
type Prepared = RunOptions & { readonly own: Own; readonly source: Source | undefined };

const stepIn = (directory: string): number => latestStep(directory)?.step ?? 0;

/** The data of a run, which goes on with the tokenizer that it began with. */
function prepared(preset: Preset, from: string | undefined, options: Prepared): Promise<AnyData | "aborted"> {
  const { cache, onPrepare: tell, onPrepareWork: show, signal } = options;
  const tokenizer = from === undefined ? undefined : stepTokenizer(from);
  return unlessAborted(options.signal, () =>
    openData(preset.data, preset.seed, { tokenizer, cache, tell, show, signal, own: options.own }),
  );
}
