/**
 * `whereabouts logits CHECKPOINT --ids 1,2,3`: prints the logits of one sequence as JSON, and
 * nothing else.
 */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { InputError } from "../src/errors.ts";
import { knownOf } from "../src/formats/huggingface/origin.ts";
import { promptIds } from "../src/node/run/prompt.ts";
import { withoutParts } from "../src/node/run/without-parts.ts";
import { logitsOf } from "../src/probes/logits.ts";
import { anySeed, createRng } from "../src/tensor/rng.ts";
import { type AblateArguments, ablateOption } from "./ablate-option.ts";
import { type CheckpointArguments, checkpointArgument, policyOption } from "./checkpoint-option.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { parseIds } from "./ids-option.ts";
import { numberOption } from "./number-option.ts";
import { loadWithOwn, type OwnArguments, ownOptions } from "./own-option.ts";
import { printJson, tell } from "./print.ts";
import { type SchemeArguments, schemeOf, schemeOptions } from "./scheme-option.ts";

interface LogitsArguments
  extends EngineArguments,
    OwnArguments,
    SchemeArguments,
    CheckpointArguments,
    AblateArguments {
  readonly ids?: string | undefined;
  readonly prompt?: string | undefined;
  readonly seed: number;
}

export const command = "logits <checkpoint>";
export const describe = "print the logits of a sequence of token ids as JSON";

export function builder(yargs: Argv) {
  return yargs
    .positional("checkpoint", checkpointArgument)
    .option("ids", { type: "string", requiresArg: true, describe: "token ids: 1,2,3" })
    .option("prompt", {
      type: "string",
      requiresArg: true,
      describe: "a text in their place; its ids and tokens are printed too",
    })
    .options(schemeOptions)
    .option("seed", numberOption("seed", anySeed, { default: 1, describe: "randomized: of the draw" }))
    .options(policyOption)
    .options(ablateOption)
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<LogitsArguments>): Promise<void> {
  const given = args.ids === undefined ? undefined : parseIds(args.ids);
  const { prompt } = args;
  if ((given === undefined) === (prompt === undefined))
    throw new InputError(
      `--ids: ${given === undefined ? "is missing" : "was given beside --prompt"}; give token ids, or a text with --prompt`,
    );
  const scheme = schemeOf(args);
  const rng = createRng(args.seed, "positions");
  await startWithSetup(args);
  const checkpoint = await withoutParts((await loadWithOwn(args)).checkpoint, args);
  const { model, params, tokenizer } = checkpoint;
  tell("logits", ...knownOf(checkpoint));
  const ids = given ?? promptIds(prompt ?? "", checkpoint);
  const logits = await logitsOf(model, params, ids, { scheme, rng });
  const spoken = { ids, tokens: ids.map((id) => tokenizer.token(id)) };
  printJson("logits", { ...(prompt !== undefined && spoken), logits });
}
