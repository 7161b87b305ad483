/** The options with which `probe` shows what a model does, where its probes sum it up. */
import type { Options } from "yargs";
import { InputError } from "../src/errors.ts";
import type { Look } from "../src/figures/look.ts";
import { requireFinite } from "../src/finite.ts";
import { type LookOptions, lookAt, SOME_TOKENS } from "../src/node/jobs/look.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { MOST_TOKENS } from "../src/probes/look.ts";
import { countOption } from "./number-option.ts";
import { printJson, printText } from "./print.ts";

/** Spread into a command's builder. */
export const lookOptions = {
  look: {
    type: "boolean",
    default: false,
    describe:
      "instead, or on --page: attention patterns and biases of --pair's sentences or of the beginning of --text, position tables and RoPE frequencies; --json for all numbers",
  },
  layers: { type: "string", requiresArg: true, describe: "with --look: of these blocks alone, 0,3" },
  heads: { type: "string", requiresArg: true, describe: "with --look: of these heads alone, 0,3" },
  tokens: countOption("tokens", MOST_TOKENS, {
    describe: `with --look: of a text, so many (default: ${SOME_TOKENS})`,
  }),
} as const satisfies Record<string, Options>;

/** What a command gets from them. */
export interface LookArguments {
  readonly look: boolean;
  readonly layers?: string | undefined;
  readonly heads?: string | undefined;
  readonly tokens?: number | undefined;
}

/** What a model does with two sentences, or the beginning of a text. */
export async function lookOf(
  checkpoint: Checkpoint,
  asked: LookOptions,
  { layers, heads, tokens }: LookArguments,
): Promise<Look> {
  const some = { layers: listOf("layers", layers), heads: listOf("heads", heads), tokens };
  return requireFinite("look", await lookAt(checkpoint, { ...asked, ...some }));
}

export async function printLook(
  checkpoint: Checkpoint,
  asked: LookOptions,
  args: LookArguments & { readonly json: boolean },
): Promise<void> {
  const look = await lookOf(checkpoint, asked, args);
  if (args.json) printJson("look", look);
  else printText(`${(await import("../src/node/report/look-text.ts")).lookText(look)}\n`); // it loads figures
}

/** @throws InputError where it is no list of numbers */
function listOf(option: string, text: string | undefined): number[] | undefined {
  const parts = text?.split(",");
  if (parts?.some((part) => !/^\d{1,4}$/.test(part.trim())))
    throw new InputError(`--${option}: ${text} is no list of numbers; give such as 0,3`);
  return parts?.map(Number);
}
