/**
 * Asks probes of a model, or of each step of a run; what was asked before, and is kept, is not
 * asked again.
 */
import { InputError, isInputError } from "../../errors.ts";
import { duration } from "../../figures/format.ts";
import type { Measurement, Probe, Subject } from "../../probes/probe.ts";
import { runProbe, whyNot } from "../../probes/run.ts";
import { askedHash, type Question } from "../run/asked.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { keptAnswers } from "../run/kept-answers.ts";
import type { FileOf } from "../run/own/probes.ts";
import { isAsTrained } from "./as-trained.ts";

/** A model that is asked. */
export interface AskedModel {
  readonly checkpoint: Pick<Checkpoint, "path" | "kind" | "run" | "preset">;
  /** The step of a run whose steps are all asked; its rows name it. */
  readonly step?: number | undefined;
  /** Called where an answer is not kept: it may have to be loaded. */
  subject(): Promise<Subject>;
}

/** What all probes are asked with. */
export interface Conditions extends Omit<Question, "checkpoint" | "probe" | "config" | "probeFile"> {
  /** By probe, the fields of its own that differ from its defaults. */
  readonly sizes?: Readonly<Record<string, object>>;
  /** By probe, the file of one that is not listed. */
  readonly probeFiles?: Readonly<Record<string, Pick<FileOf, "sha256">>> | undefined;
  /** Asks what was asked before too. */
  readonly fresh?: boolean;
}

/** One question: a probe of a model. */
export interface Asking {
  /** The rows, where they are kept. */
  kept(): Promise<Measurement[] | undefined>;
  /**
   * Asks, and keeps the rows.
   *
   * @param unkept hears why they could not be kept, which is no error then
   * @throws InputError as `runProbe`, and where they cannot be kept and nobody hears of it
   */
  ask(unkept?: (reason: string) => void): Promise<Measurement[]>;
}

/** One question, and where its answer is kept. */
export async function askingOf(model: AskedModel, probe: Probe, conditions: Conditions): Promise<Asking> {
  const { sizes = {}, probeFiles = {}, fresh = false, ...others } = conditions;
  const { checkpoint } = model;
  const config = sizes[probe.name] ?? {};
  const asked = await askedHash({
    ...others,
    checkpoint,
    probe,
    config,
    probeFile: probeFiles[probe.name]?.sha256,
  });
  const ofRun = checkpoint.kind === "run" || model.step !== undefined;
  const store = keptAnswers(
    ofRun ? checkpoint.run : undefined,
    checkpoint.kind === "run" && isAsTrained(probe, config, { ...others, checkpoint }),
  );
  const withStep = (rows: readonly Measurement[]) =>
    rows.map((row) => (model.step === undefined ? row : { ...row, at: { step: model.step, ...row.at } }));
  return {
    async kept() {
      const rows = fresh ? undefined : await store.find(probe.name, asked);
      return rows && withStep(rows);
    },
    async ask(unkept) {
      const rows = await runProbe(probe, await model.subject(), conditions.seed, config);
      try {
        await store.keep(probe.name, asked, rows);
      } catch (error) {
        if (unkept === undefined || !isInputError(error)) throw error;
        unkept(`the results could not be saved: ${error.message}`);
      }
      return withStep(rows);
    },
  };
}

/** What happens, in its order. */
export type AskingEvent =
  | {
      readonly kind: "asking";
      readonly probe: Probe;
      readonly step?: number | undefined;
      readonly index: number;
      readonly of: number;
      readonly kept: boolean;
    }
  | { readonly kind: "left out" | "unkept"; readonly reason: string };

export interface AskAllOptions {
  /** Those to ask. */
  readonly probes: readonly Probe[];
  /**
   * Whether a person named them: then one that cannot be asked is an error, which waits for the
   * answers of the others.
   */
  readonly named: boolean;
  /** No probe is begun after so many. */
  readonly seconds?: number | undefined;
  readonly onEvent?: (event: AskingEvent) => void;
}

/** The answer of one probe. */
export interface ProbeRows {
  readonly probe: Probe;
  readonly rows: readonly Measurement[];
}

/** What all probes answered, and what was left out. */
export interface AskedAll {
  readonly answers: readonly ProbeRows[];
  /** What was not asked, and why: a sentence each. */
  readonly leftOut: readonly string[];
  /**
   * Of the first probe that was named and could not be asked: for the caller to throw, once the
   * answers are told.
   */
  readonly refused?: Error | undefined;
}

/**
 * Asks every probe of every model, probe by probe, so that what time leaves out are whole probes.
 *
 * @param models one model, or the steps of a run
 * @throws InputError where none can be asked
 */
export async function askAll(
  models: readonly [AskedModel, ...AskedModel[]],
  conditions: Conditions,
  options: AskAllOptions,
): Promise<AskedAll> {
  const { probes, named, seconds = Number.POSITIVE_INFINITY, onEvent = () => {} } = options;
  const leftOut: string[] = [];
  const leave = (reason: string) => {
    leftOut.push(reason);
    onEvent({ kind: "left out", reason });
  };
  const fitting = named ? probes : await fittingOf(models[0], probes, leave);
  const until = performance.now() + 1000 * seconds;
  const answers: ProbeRows[] = [];
  let refused: Error | undefined;
  let answered = 0; // one is, whatever the time: each call goes on
  for (const [index, probe] of fitting.entries()) {
    try {
      const rows: Measurement[] = [];
      for (const [m, model] of models.entries()) {
        const asking = await askingOf(model, probe, conditions);
        const kept = await asking.kept();
        if (kept === undefined && m === 0 && answered > 0 && performance.now() > until)
          throw new InputError(
            `probe ${probe.name}: was not begun after ${duration(seconds)}; ask again, and it goes on from there, or give --minutes`,
          );
        onEvent({
          ...{ kind: "asking", probe, step: model.step, kept: kept !== undefined },
          ...{ index: index * models.length + m, of: fitting.length * models.length },
        });
        const unkept = (reason: string) => onEvent({ kind: "unkept", reason });
        rows.push(...(kept ?? (await asking.ask(unkept))));
        if (kept === undefined) answered++;
      }
      answers.push({ probe, rows });
    } catch (error) {
      if (!isInputError(error)) throw error;
      if (named) refused ??= error;
      if (named) leftOut.push(error.message);
      else leave(error.message);
    }
  }
  if (answers.length > 0) return { answers, leftOut, refused };
  if (refused !== undefined) throw refused;
  throw new InputError("no probe fits this model; give --pairs FILE, --text FILE or two sentences (--pair)");
}

/** Those that have what they need. */
async function fittingOf(
  model: AskedModel,
  probes: readonly Probe[],
  leave: (reason: string) => void,
): Promise<Probe[]> {
  const subject = await model.subject();
  return probes.filter((probe) => {
    const reason = whyNot(subject, probe);
    if (reason !== undefined) leave(reason);
    return reason === undefined;
  });
}
