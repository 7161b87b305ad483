/** `whereabouts sample CHECKPOINT --prompt TEXT --tokens N`: goes on with a text, a story or a task. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { openingIds } from "../src/data/index.ts";
import { InputError } from "../src/errors.ts";
import { knownOf } from "../src/formats/huggingface/origin.ts";
import { createGenerator, type Step } from "../src/model/generate.ts";
import type { Scheme } from "../src/model/positions.ts";
import { type Sampling, sampler, samplingSchema } from "../src/model/sampling.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { endsOfCheckpoint, promptIds } from "../src/node/run/prompt.ts";
import { withoutParts } from "../src/node/run/without-parts.ts";
import { quantity } from "../src/quantity.ts";
import { anySeed, createRng } from "../src/tensor/rng.ts";
import { type AblateArguments, ablateOption } from "./ablate-option.ts";
import { type CheckpointArguments, checkpointArgument, policyOption } from "./checkpoint-option.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { parseIds } from "./ids-option.ts";
import { countOption, numberOption } from "./number-option.ts";
import { loadWithOwn, type OwnArguments, ownOptions } from "./own-option.ts";
import { tell } from "./print.ts";
import { outputOf } from "./sample-output.ts";
import { type SchemeArguments, schemeOf, schemeOptions } from "./scheme-option.ts";

interface SampleArguments
  extends EngineArguments,
    OwnArguments,
    SchemeArguments,
    CheckpointArguments,
    AblateArguments {
  readonly prompt?: string | undefined;
  readonly ids?: string | undefined;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
  readonly seed: number;
  readonly samples: number;
  readonly json: boolean;
}

export const command = "sample <checkpoint>";
export const describe = "go on with a text, a story or a task";

export function builder(yargs: Argv) {
  return yargs
    .positional("checkpoint", checkpointArgument)
    .option("prompt", { type: "string", requiresArg: true, describe: "the text to go on with" })
    .option("ids", { type: "string", requiresArg: true, describe: "token ids in its place: 1,2,3" })
    .options({
      tokens: countOption("tokens", MOST.tokens, {
        default: 100,
        describe: "most tokens to add; the end of a story or task comes first",
      }),
      temperature: numberOption("temperature", samplingSchema.shape.temperature.unwrap(), {
        default: 1,
        describe: "divides the logits; 0 takes the likeliest token",
      }),
      "top-k": numberOption("top-k", samplingSchema.shape.topK.unwrap(), {
        describe: "draw from so many likeliest tokens",
      }),
      "top-p": numberOption("top-p", samplingSchema.shape.topP.unwrap(), {
        describe: "draw from the likeliest tokens of this much probability",
      }),
      seed: numberOption("seed", anySeed, { default: 1, describe: "of the draws" }),
      samples: countOption("samples", MOST.samples, {
        default: 1,
        describe: "continuations of the prompt",
      }),
    })
    .options(schemeOptions)
    .options(policyOption)
    .options(ablateOption)
    .option("json", { type: "boolean", default: false, describe: "print texts and ids as JSON" })
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<SampleArguments>): Promise<void> {
  const request = requestOf(args); // bad input is refused before any work
  await startWithSetup(args);
  const checkpoint = await withoutParts((await loadWithOwn(args)).checkpoint, args);
  tell("sample", ...knownOf(checkpoint));
  const { tokenizer, preset } = checkpoint;
  const ends = endsOfCheckpoint(checkpoint);
  const prompt = request.ids ?? promptIds(request.prompt, checkpoint);
  const output = outputOf({ ...request, tokenizer, opening: openingIds(tokenizer, preset?.data) });
  const rows = Array.from({ length: request.samples }, () => [...prompt]);
  const begun = performance.now();
  for await (const step of generated(checkpoint, rows, ends.stops, request)) {
    step.forEach((id, row) => {
      if (id !== undefined) rows[row]?.push(id);
    });
    output.grown(rows);
  }
  output.done(rows);
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  const count = rows.reduce((sum, row) => sum + row.length - prompt.length, 0);
  tell("sample", `${quantity(count, "token")} in ${seconds} s`);
}

/** Far above what fits in memory, so that a slip of the finger is an error and no hour of waiting. */
const MOST = { tokens: 1_000_000, samples: 1024 };

interface Request {
  readonly prompt: string;
  readonly ids: readonly number[] | undefined;
  readonly tokens: number;
  readonly samples: number;
  readonly seed: number;
  readonly sampling: Sampling;
  readonly scheme: Scheme;
  readonly json: boolean;
}

function requestOf(args: SampleArguments): Request {
  const { prompt, ids, tokens, samples, seed, temperature, topK, topP, json } = args;
  if ((prompt === undefined) === (ids === undefined)) {
    throw new InputError(
      `--prompt: ${prompt === undefined ? "is missing" : "was given beside --ids"}; give a text, or token ids with --ids`,
    );
  }
  return {
    prompt: prompt ?? "",
    ids: ids === undefined ? undefined : parseIds(ids),
    tokens,
    samples,
    seed,
    sampling: { temperature, topK, topP },
    scheme: schemeOf(args),
    json,
  };
}

/** The steps of generation; each sample draws from a stream of its own, whatever the number of samples. */
async function* generated(
  { model, params }: Checkpoint,
  prompts: readonly (readonly number[])[],
  stop: readonly number[],
  { tokens, seed, sampling, scheme }: Request,
): AsyncGenerator<Step> {
  const streams = prompts.map((_, row) => createRng(seed, `sample/${row}`));
  const generator = createGenerator(model, params);
  try {
    yield* generator.generate(prompts, {
      tokens,
      choose: sampler(sampling, streams),
      stop,
      scheme,
      rng: createRng(seed, "positions"),
    });
  } finally {
    generator.close();
  }
}
