/**
 * Which rows of the encoding's tables were ever trained?
 *
 *     row_coverage   share of a table's rows that got a gradient from some batch of training
 *     dead_rows      runs of rows that got none: they still hold their initial values, but for weight decay
 *
 * Batches of training, at the trained length and positions, are fed to the checkpoint, and a row
 * counts where its gradient is not exactly zero. What a context of L_max tokens never reads
 * (buckets of distances past it, rows past a clipped window) is read for the first time past L_max.
 * A table is any parameter of the encoding with two axes; its rows are distances, buckets or
 * positions, or, for a projection, components, which all count. Where training drew positions at
 * random, the batches are a sample of its draws. Neither has a standard error: more batches can
 * only find more rows.
 */
import { z } from "zod";
import { compile } from "../engine/compile.ts";
import { encodingOf, type Model } from "../model/model.ts";
import { requireFiniteValues } from "../model/not-finite.ts";
import { type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { trainingBatch } from "../train/loop.ts";
import { type BatchTensors, meanLoss } from "../train/objective.ts";
import { defineProbe, type Metric, type Row, type SubjectWith } from "./probe.ts";

const METRICS = {
  row_coverage: {
    title: "row coverage",
    unit: "ratio",
    better: "neither",
    meaning:
      "The share of a table's rows that some batch of training gave a gradient; the others are as they were drawn.",
  },
  dead_rows: {
    title: "dead rows",
    unit: "rows",
    better: "neither",
    meaning: "A run of rows, from … to, that no batch of training gave a gradient.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export const coverage = defineProbe({
  name: "coverage",
  question: "Which rows of its position tables were ever trained?",
  needs: ["training"],
  metrics: METRICS,
  config: z.strictObject({
    /** Batches of training that are fed, spread evenly over its steps. */
    batches: z.int().positive().max(65_536).default(8),
  }),
  async run(subject, { batches }) {
    const names = tablesOf(subject.model);
    if (names.length === 0) return [];
    const hits = await rowHits(subject, names, batches);
    return names.flatMap((name) => rowsOf(name, hits.get(name) as number[], batches));
  },
});

/** Names of the encoding's parameters with two axes, shared ones first. */
function tablesOf(model: Model): string[] {
  const { encoding, shape, specs } = model;
  const own = (layer: number) => Object.keys(encodingOf(model, layer).layerParams ?? {});
  const names = [
    ...Object.keys(encoding.params ?? {}),
    ...Array.from({ length: shape.layers }, (_, layer) =>
      own(layer).map((name) => `h.${layer}.attn.${name}`),
    ).flat(),
  ];
  return names.filter((name) => specs[name]?.shape.length === 2);
}

interface Inputs extends TensorTree {
  readonly params: Params;
  readonly batch: BatchTensors;
}

/** In how many batches each row of each table got a gradient. */
async function rowHits(
  subject: SubjectWith<"training">,
  names: readonly string[],
  batches: number,
): Promise<Map<string, number[]>> {
  const { model, params } = subject;
  const { train, seed, data } = subject.training;
  const gradients = compile((inputs: Inputs) => rowGradients(model, names, inputs), { name: "coverage" });
  const hits = new Map(
    names.map((name) => [name, new Array<number>(model.specs[name]?.shape[0] ?? 0).fill(0)]),
  );
  for (let n = 0; n < batches; n++) {
    const step = Math.floor((n * train.steps) / batches);
    const batch = trainingBatch({ model, data, train, seed }, step);
    const sizes = gradients({ params, batch });
    for (const name of names) {
      const counts = hits.get(name) as number[];
      const ofRows = await param(sizes, name).data();
      await requireFiniteValues(`probe coverage: gradient of ${name}`, ofRows, () => ({ model, params }));
      ofRows.forEach((size, row) => {
        counts[row] = (counts[row] as number) + (size === 0 ? 0 : 1);
      });
    }
    disposeTree({ ...sizes, batch });
  }
  gradients.close();
  return hits;
}

/** Σ |∂loss/∂table| along each row, by the table's name. */
function rowGradients(
  model: Model,
  names: readonly string[],
  { params, batch }: Inputs,
): Record<string, tf.Tensor> {
  const { grads } = tf.valueAndGrads((...tables: tf.Tensor[]) => {
    const changed = Object.fromEntries(names.map((name, i) => [name, tables[i] as tf.Tensor]));
    return meanLoss(model, { ...params, ...changed }, batch);
  })(names.map((name) => param(params, name)));
  return Object.fromEntries(names.map((name, i) => [name, tf.sum(tf.abs(grads[i] as tf.Tensor), 1)]));
}

function rowsOf(parameter: string, hits: readonly number[], n: number): Row<keyof typeof METRICS>[] {
  const trained = hits.filter((count) => count > 0).length;
  const dead = runsOfZeros(hits).map(([from, to]) => ({
    metric: "dead_rows" as const,
    value: to - from + 1,
    n,
    se: null,
    at: { parameter, from, to },
  }));
  const share = {
    metric: "row_coverage" as const,
    value: trained / hits.length,
    n,
    se: null,
    at: { parameter },
  };
  return [share, ...dead];
}

/** First and last index of each run of zeros. */
function runsOfZeros(counts: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  counts.forEach((count, i) => {
    const last = runs.at(-1);
    if (count !== 0) return;
    if (last?.[1] === i - 1) last[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}
