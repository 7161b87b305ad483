/** How long a Hugging Face folder takes to its first logits, and how much memory, here and in transformers. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { wordsTokenizer } from "../../src/data/tokenizers/index.ts";
import { type TableColumn, textTable } from "../../src/figures/table.ts";
import { toTheirs } from "../../src/formats/huggingface/convert.ts";
import { gpt2 } from "../../src/formats/huggingface/gpt2.ts";
import { type StoredTensor, safetensorsChunks } from "../../src/formats/safetensors.ts";
import { modelSchema } from "../../src/model/config.ts";
import { createModel } from "../../src/model/model.ts";
import { type Command, lastLine, runCommand } from "../../src/node/files/command.ts";
import { indentedJson, writeDirectory } from "../../src/node/files/durable.ts";
import { terminalColumns } from "../../src/node/report/wrap.ts";
import { sizeOf } from "../../src/tensor/params.ts";
import { createRng } from "../../src/tensor/rng.ts";
import { PeerError, peerEnvironment } from "../peers/python.ts";
import type { ImportOutcome } from "./import-worker.ts";
import { processOf } from "./process.ts";

/** What stands for a folder with random weights of GPT-2's size. */
export const RANDOM = "random";

export interface ImportRow extends Omit<ImportOutcome, "logits"> {
  readonly library: "whereabouts" | "transformers";
  readonly round: number;
  readonly fileMB: number;
  /** Peak, less the weights and what was resident before the model, in sizes of the file. */
  readonly beyond: number;
  /** From the last logits of the other library in the same round. */
  readonly difference?: number;
}

interface ImportOptions {
  /** A Python with transformers; without it ours is timed alone. */
  readonly python: string | undefined;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

const PEER = fileURLToPath(new URL("../peers/huggingface.py", import.meta.url));

/** Ours and theirs in turn, each in a process of its own. @param given a folder, or `RANDOM` */
export async function importRows(
  given: string,
  { python, rounds, say }: ImportOptions,
): Promise<ImportRow[]> {
  const scratch = mkdtempSync(join(tmpdir(), "whereabouts-import-"));
  try {
    const folder = given === RANDOM ? join(scratch, "gpt2") : resolve(given);
    if (given === RANDOM) await writeRandom(folder);
    const fileMB = await megabytes(folder);
    const rows: ImportRow[] = [];
    for (let round = 1; round <= rounds; round++) {
      const row = ({ logits: _, ...outcome }: ImportOutcome) => ({
        ...{ round, fileMB, ...outcome },
        beyond: (outcome.peakRssMB - outcome.readyRssMB - outcome.weightsMB) / fileMB,
      });
      const ours = await once(processOf({ import: folder }));
      rows.push({ library: "whereabouts", ...row(ours) });
      if (python !== undefined) {
        const theirs = await once([python, PEER, "load", folder]);
        const difference = furthest(ours.logits, theirs.logits);
        rows.push({ library: "transformers", ...row({ ...theirs, weightsMB: ours.weightsMB }), difference });
      }
      say(`bench: round ${round} of ${rounds}`);
    }
    return rows;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const furthest = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length
    ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)
    : Number.MAX_VALUE;

async function once(command: Command): Promise<ImportOutcome> {
  const { code, output, signal } = await runCommand(command, { env: peerEnvironment() });
  const answer = output.split("\n").findLast((line) => line.startsWith("{"));
  if (code === 0 && answer !== undefined) return JSON.parse(answer) as ImportOutcome; // printed by our own programs
  throw new PeerError(`${command.slice(0, 3).join(" ")} failed: ${lastLine(output) || signal}`);
}

async function megabytes(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".safetensors"));
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) / 1e6;
}

/** A prime, so that no row of a matrix is another. */
const DRAWN = 65_521;

/** 124 million numbers would take a quarter of a minute to draw: so they are some of these in turn. */
async function writeRandom(folder: string): Promise<void> {
  const sizes = { layers: 12, heads: 12, width: 768, context: 1024 };
  const model = createModel(modelSchema().parse({ ...sizes, position: { kind: "learned" } }), 50_257);
  const rng = createRng(1, "bench/import");
  const drawn = Float32Array.from({ length: DRAWN }, () => 0.02 * rng.normal());
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, { shape }] of Object.entries(model.specs)) {
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => drawn[i % DRAWN] as number);
    tensors[name] = {
      shape,
      dtype: "F32",
      data: /\bln_.*weight$/.test(name) ? data.map((value) => 1 + value) : data,
    };
  }
  await writeDirectory(folder, {
    "config.json": indentedJson(gpt2.write(model, wordsTokenizer(["none"]), 0)),
    "model.safetensors": safetensorsChunks(toTheirs(gpt2, model, tensors), { format: "pt" }),
  });
}

const whole = (value: number) => value.toFixed(0);
const COLUMNS: readonly TableColumn[] = [
  { key: "library", heading: "library", align: "left" },
  { key: "round", heading: "round" },
  { key: "readyMs", heading: "libraries, ms", format: whole },
  { key: "loadedMs", heading: "loaded, ms", format: whole },
  { key: "logitsMs", heading: "logits, ms", format: whole },
  { key: "readyRssMB", heading: "MB before", format: whole },
  { key: "peakRssMB", heading: "peak MB", format: whole },
  { key: "weightsMB", heading: "weights", format: whole },
  { key: "beyond", heading: "beyond, of the file", format: (value) => value.toFixed(2) },
  { key: "difference", heading: "largest difference", format: (value) => value.toExponential(1) },
];

export const importTable = (rows: readonly ImportRow[]): string =>
  textTable(
    COLUMNS,
    rows.map((row) => ({ ...row })),
    terminalColumns(),
  );
