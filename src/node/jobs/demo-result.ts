/** What the table and the report of the main job show of one run, from what is saved of it. */
import { basename } from "node:path";
import type { AnyData } from "../../data/index.ts";
import { InputError } from "../../errors.ts";
import type { Matrix } from "../../figures/charts/position-heatmap.ts";
import type { DemoResult, PairResult } from "../../figures/results.ts";
import { comparePair } from "../../probes/pair.ts";
import type { Measurement, Subject } from "../../probes/probe.ts";
import { countParameters } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { readLog } from "../run/log.ts";
import { readMeasurements } from "../run/measurements.ts";
import { dataOf, subjectOf } from "../run/subject.ts";

/**
 * Reads a run and its saved measurements; compares the pair of sentences that the report draws.
 *
 * @param probes those whose rows are shown
 * @throws InputError where the directory is no run, or lacks a probe's rows
 */
export async function demoResult(directory: string, probes: readonly string[]): Promise<DemoResult> {
  const checkpoint = await loadCheckpoint(directory);
  try {
    if (checkpoint.preset === undefined)
      throw new InputError(`${directory}: was trained by no preset; give the directory of a run`);
    const data = await dataOf(checkpoint);
    const rows = probes.flatMap((name) => readMeasurements(directory, name));
    const result = await checkpointResult(checkpoint, rows);
    const pair = await pairOf(subjectOf(checkpoint, { data }), data);
    return { ...result, ...(pair ? { pair } : {}) };
  } finally {
    disposeTree(checkpoint.params);
  }
}

/** What figures show of a checkpoint and its rows; one that no preset trained is called by its folder. */
export async function checkpointResult(
  checkpoint: Checkpoint,
  measurements: readonly Measurement[],
): Promise<DemoResult> {
  const { path, preset, run, model } = checkpoint;
  const positionTable = await positionTableOf(checkpoint);
  // The loss of a masked model is of other tokens than a causal one's: beside each other they would
  // be compared.
  const log = run === undefined || preset?.train.objective === "masked" ? [] : readLog(run);
  return {
    preset: preset?.name ?? basename(path),
    encoding: model.definition.kind,
    title: model.definition.title,
    config: preset ?? { model: model.config },
    parameters: countParameters(model.specs),
    log: log.flatMap(({ step, split, loss }) =>
      split !== undefined && typeof loss === "number" ? [{ step, split, loss }] : [],
    ),
    measurements,
    ...(positionTable ? { positionTable } : {}),
  };
}

/** A fact that the world "who" never trains on, and its reverse. */
const SENTENCES = ["dog bites man", "man bites dog"] as const;
const ANSWERS = ["dog", "man"] as const;

async function pairOf(subject: Subject, data: AnyData | undefined): Promise<PairResult | undefined> {
  const questions = data?.questionsAfter?.(SENTENCES[0]) ?? [];
  const { bos, vocabSize } = subject.tokenizer;
  const opening = data?.bos && bos !== undefined ? [bos] : [];
  const comparisons = await comparePair(subject, ...SENTENCES, { questions, opening, top: vocabSize });
  const asked = comparisons.find(({ continuation }) => continuation.startsWith(". who bites"));
  if (asked === undefined) return undefined;
  const likely = (sentence: 0 | 1, answer: string) =>
    asked.next[sentence].find(({ token }) => token === answer)?.probability ?? 0;
  const both = (sentence: 0 | 1) => [likely(sentence, ANSWERS[0]), likely(sentence, ANSWERS[1])] as const;
  return {
    sentences: SENTENCES,
    continuation: asked.continuation,
    answers: ANSWERS,
    probabilities: [both(0), both(1)],
    divergenceBits: asked.divergenceBits,
  };
}

/** Numbers of a table that is drawn: a page would be of nothing else than the 786,432 of GPT-2's. */
const MOST_DRAWN = 2 ** 15;

/** What the encoding adds to the tokens at positions 0 … L_max − 1, (L_max,C), if it adds anything. */
async function positionTableOf({ model, params }: Checkpoint): Promise<Matrix | undefined> {
  const { encoding, shape } = model;
  if (encoding.embed === undefined || shape.context * shape.width > MOST_DRAWN) return undefined;
  const table = tf.tidy(() =>
    (encoding.embed as NonNullable<typeof encoding.embed>)(params, tf.range(0, shape.context, 1, "float32")),
  );
  const values = (await table.data()) as Float32Array;
  table.dispose();
  return { rows: shape.context, columns: shape.width, values };
}
