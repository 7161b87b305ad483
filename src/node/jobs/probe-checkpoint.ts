/** What the command `probe` does: asks a checkpoint, or every kept step of a run. */

import { InputError } from "../../errors.ts";
import { listed } from "../../figures/format.ts";
import { contiguous } from "../../model/positions.ts";
import { probes as listedProbes } from "../../probes/index.ts";
import type { Subject } from "../../probes/probe.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { modelHashes } from "../run/asked.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { listSteps, type SavedStep } from "../run/directory.ts";
import { type Own, ownOf } from "../run/own/index.ts";
import type { GivenProbes } from "../run/own/probes.ts";
import { probeSeed } from "./as-trained.ts";
import { type AskAllOptions, type AskedAll, type AskedModel, askAll, type Conditions } from "./asking.ts";
import { type Asked, askedSubject } from "./compared-pair.ts";

/** What a checkpoint is asked, and how. */
export interface ProbeOptions extends Asked, Pick<AskAllOptions, "onEvent"> {
  /** The name of the engine that is started. */
  readonly engine: string;
  /** Those to ask; left out, all listed ones that fit. */
  readonly probes?: GivenProbes | undefined;
  /** By probe, fields of its own. */
  readonly sizes?: Readonly<Record<string, object>>;
  /** Assignments that the checkpoint was loaded with. */
  readonly changes?: readonly string[];
  /** What the checkpoint was loaded with, where that is not listed. */
  readonly own?: Own | undefined;
  /** Asks what was asked before too. */
  readonly fresh?: boolean;
  /** Of a run, every kept step, and not the best alone. */
  readonly steps?: boolean;
  /** Where no probes are given: none is begun after so many seconds. */
  readonly seconds?: number;
  /** Hears what takes long, and what a person should know of the steps. */
  readonly tell?: (text: string) => void;
}

/**
 * Asks what fits a checkpoint, or the probes that are given. What was asked before, and is kept, is
 * not asked again.
 *
 * @param checkpoint its parameters stay the caller's
 * @throws InputError where none can be asked, or one that is given cannot
 * @example
 * const preset = parsePreset({ name: "tiny", model: { layers: 1, heads: 2, width: 8, context: 18, position: { kind: "learned" } }, data: { kind: "who", nouns: 4, verbs: 1 }, train: { steps: 2, batch: 4, warmup: 1 } }, "tiny");
 * const engine = await startEngine("cpu");
 * const { directory } = await runTraining(preset, { out: join(folder, "probed"), engine, versions: {} });
 * const checkpoint = await checkpoints.load(directory);
 * const given = { probes: probes.filter(({ name }) => name === "coverage"), files: {} };
 * const data = await dataOf(checkpoint);
 * const { answers } = await probeCheckpoint(checkpoint, { data, engine: engine.name, probes: given });
 * assert.equal(answers[0]?.rows[0]?.metric, "row_coverage");
 */
export async function probeCheckpoint(checkpoint: Checkpoint, options: ProbeOptions): Promise<AskedAll> {
  const {
    probes,
    data,
    seed = probeSeed(checkpoint),
    scheme = contiguous,
    changes,
    files,
    ablate,
    own,
    tell = () => {},
  } = options;
  const subject = await askedSubject(checkpoint, options);
  const conditions: Conditions = {
    ...{ seed, engine: options.engine, scheme, changes, files, ablate },
    own: checkpoint.preset === undefined ? own : ownOf(checkpoint.preset, own),
    text: data?.kind === "text" ? data.fingerprint : undefined,
    ...(options.sizes && { sizes: options.sizes }),
    ...(probes && { probeFiles: probes.files }),
    ...(options.fresh && { fresh: true }),
  };
  const asked: AskAllOptions = {
    probes: probes?.probes ?? listedProbes,
    named: probes !== undefined,
    seconds: options.seconds,
    ...(options.onEvent && { onEvent: options.onEvent }),
  };
  if (!options.steps) return askAll([{ checkpoint, subject: async () => subject }], conditions, asked);
  const steps = await stepsOf(checkpoint, tell);
  const { models, close } = modelsOf(steps, checkpoint, {
    subject,
    load: (path) => loadCheckpoint(path, changes, own?.known),
    subjectFor: (one) => askedSubject(one, options),
  });
  try {
    return await askAll(models, conditions, asked);
  } finally {
    close();
  }
}

/**
 * The kept steps of a run. Those that hold one model are named, for their rows would pass for two
 * measurements.
 */
async function stepsOf(
  { kind, run }: Checkpoint,
  tell: (text: string) => void,
): Promise<[SavedStep, ...SavedStep[]]> {
  const [first, ...others] = run === undefined || kind !== "run" ? [] : listSteps(run);
  if (first === undefined)
    throw new InputError("--steps: is of a run's directory, and this is one model; give the run");
  const steps: [SavedStep, ...SavedStep[]] = [first, ...others];
  const byHash = new Map<string, SavedStep[]>();
  for (const step of steps) {
    const hash = (await modelHashes(step.path))["model.safetensors"] ?? step.path;
    byHash.set(hash, [...(byHash.get(hash) ?? []), step]);
  }
  for (const [hash, same] of byHash) {
    if (same.length < 2) continue;
    const names = listed(same.map(({ step }) => `${step}`));
    tell(`steps ${names} hold the same model (sha256 ${hash.slice(0, 8)}): they are one measurement`);
  }
  if (others.length === 0)
    tell(`steps: only ${first.step} is kept; train with --set train.keep=all or powers to keep more`);
  return steps;
}

interface Loading {
  readonly subject: Subject;
  readonly load: (path: string) => Promise<Checkpoint>;
  readonly subjectFor: (checkpoint: Checkpoint) => Promise<Subject>;
}

/** Models of steps, of which one at a time is in memory beside the best. */
function modelsOf(
  steps: readonly [SavedStep, ...SavedStep[]],
  best: Checkpoint,
  { subject, load, subjectFor }: Loading,
): { models: [AskedModel, ...AskedModel[]]; close: () => void } {
  let loaded: Checkpoint | undefined;
  const close = () => {
    if (loaded !== undefined) disposeTree(loaded.params);
    loaded = undefined;
  };
  const modelOf = ({ step, path }: SavedStep): AskedModel => {
    const isBest = path === best.path;
    return {
      step,
      checkpoint: { ...best, path, kind: isBest ? "run" : "step" },
      async subject() {
        if (isBest) return subject;
        if (loaded?.path !== path) close();
        loaded ??= await load(path);
        return subjectFor(loaded);
      },
    };
  };
  const [first, ...others] = steps;
  return { models: [modelOf(first), ...others.map(modelOf)], close };
}
