/** One preset of the main job, once it is trained: all that the table and the report show of it. */

import type { AnyData } from "../../data/index.ts";
import type { Matrix } from "../../figures/charts/position-heatmap.ts";
import type { DemoResult, PairResult } from "../../figures/results.ts";
import { comparePair } from "../../probes/pair.ts";
import type { Measurement, Subject } from "../../probes/probe.ts";
import { probesFor, runProbe } from "../../probes/run.ts";
import { countParameters } from "../../tensor/params.ts";
import { tf } from "../../tensor/tf.ts";
import { disposeTree } from "../../tensor/tree.ts";
import type { Preset } from "../../train/preset.ts";
import { type Checkpoint, loadCheckpoint } from "../run/checkpoint.ts";
import { readLog } from "../run/log.ts";
import { dataOf, subjectOf } from "../run/subject.ts";

/**
 * Probes what a preset became in its run directory.
 *
 * @param onProbe hears the question of each probe before it is asked.
 */
export async function probeRun(
  preset: Preset,
  directory: string,
  onProbe: (question: string) => void,
): Promise<DemoResult> {
  const checkpoint = await loadCheckpoint(directory);
  const data = await dataOf(checkpoint);
  const subject = subjectOf(checkpoint, { data });
  const measurements: Measurement[] = [];
  // The loss of a masked model is of other tokens than a causal one's: beside each other they would be compared.
  const masked = preset.train.objective === "masked";
  for (const { name, question } of probesFor(subject)) {
    if (masked && name !== "order") continue;
    onProbe(question);
    measurements.push(...(await runProbe(name, subject, preset.seed)));
  }
  const positionTable = await positionTableOf(checkpoint);
  const pair = await pairOf(subject, data);
  disposeTree(checkpoint.params);
  return {
    preset: preset.name,
    encoding: preset.model.position.kind,
    title: checkpoint.model.definition.title,
    config: preset,
    parameters: countParameters(checkpoint.model.specs),
    log: readLog(directory).flatMap(({ step, split, loss }) =>
      !masked && split !== undefined && typeof loss === "number" ? [{ step, split, loss }] : [],
    ),
    measurements,
    ...(positionTable ? { positionTable } : {}),
    ...(pair ? { pair } : {}),
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

/** What the encoding adds to the tokens at positions 0 … L_max − 1, (L_max,C), if it adds anything. */
async function positionTableOf({ model, params }: Checkpoint): Promise<Matrix | undefined> {
  const { encoding, shape } = model;
  if (encoding.embed === undefined) return undefined;
  const table = tf.tidy(() =>
    (encoding.embed as NonNullable<typeof encoding.embed>)(params, tf.range(0, shape.context, 1, "float32")),
  );
  const values = (await table.data()) as Float32Array;
  table.dispose();
  return { rows: shape.context, columns: shape.width, values };
}
