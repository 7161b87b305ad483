/**
 * Models of Hugging Face's libraries here, and ours there: random tiny ones, every logit compared.
 *
 *     in    a model that transformers made and saved, read by us
 *     back  the same, exported by us and loaded by transformers
 *     out   a model of ours, exported and loaded by transformers; a step directory of a GPT-2 is loaded as it stands
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { createModel } from "../../src/model/model.ts";
import { writeDirectory } from "../../src/node/files/durable.ts";
import { checkpointFiles, loadCheckpoint } from "../../src/node/run/checkpoint.ts";
import { exportCheckpoint } from "../../src/node/run/exchange.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { initialize, type ParamSpec, type ParamSpecs } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { listed, parsePreset } from "../../src/train/preset.ts";
import { initialState } from "../../src/train/step.ts";
import { IDS, type Ids, OURS, PAD, sizes } from "./parity-models.ts";
import { huggingFace } from "./python.ts";

/** What is promised: float32 in another order of sums, logits of size 1 to 10. */
export const TOLERANCE = 1e-4;

export interface ParityRow {
  readonly model: string;
  readonly way: "in" | "back" | "out";
  /** Logits compared. */
  readonly logits: number;
  readonly largestDifference: number;
  /** Keys that transformers missed in our file, and that it did not expect. */
  readonly missing?: readonly string[];
  readonly unexpected?: readonly string[];
}

type Logits = readonly (readonly (readonly number[])[])[];

interface Case {
  readonly name: string;
  readonly ids: Ids;
  readonly logits: Logits;
}

interface Loaded {
  readonly missing_keys: string[];
  readonly unexpected_keys: string[];
  readonly mismatched_keys: string[];
  readonly logits: Logits;
}

/** What transformers is to compute in turn. */
interface Sent {
  readonly folder: string;
  readonly row: Pick<ParityRow, "model" | "way">;
  readonly ids: Ids;
  readonly logits: Logits;
}

/** Compares both ways; `folder` is an empty folder for the models. */
export async function compareWithHuggingFace(python: string, folder: string): Promise<ParityRow[]> {
  const theirs = join(folder, "theirs");
  mkdirSync(theirs);
  await huggingFace(python, "make", theirs);
  const { cases } = JSON.parse(readFileSync(join(theirs, "cases.json"), "utf8")) as { cases: Case[] };
  const rows: ParityRow[] = [];
  const sent: Sent[] = [];
  for (const { name, ids, logits } of cases) {
    const own = await logitsIn(join(theirs, name), ids);
    rows.push({ model: name, way: "in", ...difference(own, logits) });
    const back = join(folder, `back-${name}`);
    await exportCheckpoint(join(theirs, name), back);
    sent.push({ folder: back, row: { model: name, way: "back" }, ids, logits: own });
  }
  for (const [name, { as, ids = IDS, ...fields }] of Object.entries(OURS)) {
    const step = join(folder, `ours-${name.replace(/\W+/g, "-")}`);
    await writeModel(step, fields);
    const out = name.endsWith("a step directory") ? step : `${step}-exported`;
    if (out !== step) await exportCheckpoint(step, out, listed, { architecture: as });
    sent.push({ folder: out, row: { model: name, way: "out" }, ids, logits: await logitsIn(step, ids) });
  }
  for (const one of sent) writeFileSync(join(one.folder, "ids.json"), JSON.stringify(one.ids));
  const answer = join(folder, "loaded.json");
  await huggingFace(python, "read", answer, ...sent.map((one) => one.folder));
  const loaded = JSON.parse(readFileSync(answer, "utf8")) as Loaded[];
  sent.forEach(({ row, logits }, i) => {
    const { missing_keys, unexpected_keys, mismatched_keys, logits: got } = loaded[i] as Loaded;
    const unexpected = [...unexpected_keys, ...mismatched_keys];
    rows.push({ ...row, ...difference(logits, got), missing: missing_keys, unexpected });
  });
  return rows;
}

/** Whether a row keeps what is promised. */
export const agrees = ({ largestDifference, missing = [], unexpected = [] }: ParityRow): boolean =>
  largestDifference < TOLERANCE && missing.length + unexpected.length === 0;

/** Writes a random model of ours as a step directory. */
async function writeModel(path: string, fields: object): Promise<void> {
  // RoBERTa wants a padding token, and counts none that it reads: one that is not among the ids.
  const tokenizer = wordsTokenizer(
    Array.from({ length: 17 }, (_, id) => (id === PAD ? "<pad>" : String(id))),
  );
  const objective = "attention" in fields ? "masked" : "causal";
  const preset = parsePreset(
    { name: "parity", model: { ...sizes, ...fields }, train: { objective } },
    "parity",
  );
  const model = createModel(preset.model, tokenizer.vocabSize);
  const fresh = initialState(model, 1);
  const state = { ...fresh, params: initialize(moved(model.specs), 1) };
  await writeDirectory(path, await checkpointFiles(preset, model, tokenizer, state));
}

/** Away from the initial values, so that a bias of zero or a gain of one shows. */
function moved(specs: ParamSpecs): ParamSpecs {
  const away = (spec: ParamSpec): ParamSpec => ({
    ...spec,
    init: (rng, index) => spec.init(rng, index) + 0.3 * rng.normal(),
  });
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, away(spec)]));
}

async function logitsIn(checkpoint: string, ids: Ids): Promise<Logits> {
  const { model, params } = await loadCheckpoint(checkpoint);
  const logits: number[][][] = [];
  for (const row of ids) logits.push(await logitsOf(model, params, row));
  tf.dispose(Object.values(params));
  return logits;
}

function difference(a: Logits, b: Logits): Pick<ParityRow, "logits" | "largestDifference"> {
  const [x, y] = [a.flat(2), b.flat(2)];
  if (x.length !== y.length) return { logits: x.length, largestDifference: Number.POSITIVE_INFINITY };
  // Math.max keeps a NaN, so that it does not pass as agreement.
  const largest = x.reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] as number))), 0);
  return { logits: x.length, largestDifference: largest };
}
