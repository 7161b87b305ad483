/** `whereabouts logits CHECKPOINT --ids 1,2,3`: prints the logits of one sequence as JSON, and nothing else. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { parseConfig } from "../src/config.ts";
import { InputError } from "../src/errors.ts";
import { schemeSchema } from "../src/model/positions.ts";
import { logitsOf } from "../src/probes/logits.ts";
import { loadCheckpoint } from "../src/run/checkpoint.ts";
import { createRng } from "../src/tensor/rng.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";

interface LogitsArguments extends EngineArguments {
  readonly checkpoint: string;
  readonly ids: string;
  readonly scheme: string;
  readonly by?: number | undefined;
  readonly range?: number | undefined;
  readonly trained?: number | undefined;
  readonly limit?: number | undefined;
  readonly seed: number;
  readonly set: readonly string[];
}

export const command = "logits <checkpoint>";
export const describe = "print the logits of a sequence of token ids as JSON";

export function builder(yargs: Argv) {
  return yargs
    .positional("checkpoint", {
      type: "string",
      demandOption: true,
      describe: "a run, step or Hugging Face directory",
    })
    .option("ids", { type: "string", demandOption: true, requiresArg: true, describe: "token ids: 1,2,3" })
    .option("scheme", {
      type: "string",
      default: "contiguous",
      describe: "contiguous, shifted, randomized, interpolated, clamped or wrapped",
    })
    .option("by", { type: "number", requiresArg: true, describe: "shifted: the first position" })
    .option("range", { type: "number", requiresArg: true, describe: "randomized: positions to draw from" })
    .option("trained", {
      type: "number",
      requiresArg: true,
      describe: "interpolated: positions to squeeze into",
    })
    .option("limit", {
      type: "number",
      requiresArg: true,
      describe: "clamped, wrapped: how many positions there are",
    })
    .option("seed", { type: "number", default: 1, describe: "randomized: of the draw" })
    .option("set", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "change a field: --set model.position.beyond=clamp",
    })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<LogitsArguments>): Promise<void> {
  const ids = parseIds(args.ids);
  const { scheme: kind, by, range, trained, limit } = args;
  const given = Object.entries({ kind, by, range, trained, limit }).filter(
    ([, value]) => value !== undefined,
  );
  const scheme = parseConfig(schemeSchema, Object.fromEntries(given), "--scheme");
  const rng = createRng(parseConfig(z.int(), args.seed, "--seed"), "positions");
  await startWithSetup(args);
  const { model, params } = await loadCheckpoint(args.checkpoint, args.set);
  const logits = await logitsOf(model, params, ids, { scheme, rng });
  process.stdout.write(`${JSON.stringify({ logits })}\n`);
}

function parseIds(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => !/^\d+$/.test(part))) {
    throw new InputError(`--ids: "${text}" is not a list of token ids; write --ids 1,2,3`);
  }
  return parts.map(Number);
}
