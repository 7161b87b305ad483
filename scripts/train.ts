/** `whereabouts train PRESET`: trains a preset in its run directory, or goes on where it stopped. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { ownOf } from "../src/node/run/own/index.ts";
import { readPreset } from "../src/node/run/preset.ts";
import { runTraining } from "../src/node/run/training.ts";
import { versions } from "../src/node/run/versions.ts";
import { seedSchema } from "../src/train/preset.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { EXIT_INTERRUPTED, interruptible } from "./interrupt.ts";
import { numberOption } from "./number-option.ts";
import { loadWatched, type OwnArguments, ownOptions } from "./own-option.ts";
import { withTensorboard } from "./tensorboard.ts";
import { trainingProgress } from "./training-progress.ts";
import { trainingSummary } from "./training-summary.ts";

interface TrainArguments extends EngineArguments, OwnArguments {
  readonly preset: string;
  readonly seed?: number | undefined;
  readonly set: readonly string[];
  readonly from?: string | undefined;
  readonly out?: string | undefined;
  readonly tensorboard: boolean;
}

export const command = "train <preset>";
export const describe = "train a preset, or go on where it stopped";

export function builder(yargs: Argv) {
  return yargs
    .positional("preset", {
      type: "string",
      demandOption: true,
      describe: "a JSON file such as models/learned.json",
    })
    .option(
      "seed",
      numberOption("seed", seedSchema, {
        describe: "of parameters, data order and all other random numbers",
      }),
    )
    .option("set", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "change a field: --set train.steps=500",
    })
    .option("from", {
      type: "string",
      requiresArg: true,
      describe: "a checkpoint whose weights to begin with, where both models have them",
    })
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "the run's directory (default: a name made from the preset)",
    })
    .options(ownOptions)
    .option("tensorboard", {
      type: "boolean",
      default: false,
      describe: "write losses for TensorBoard too, into the run's directory (native engine)",
    })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<TrainArguments>): Promise<void> {
  const seed = args.seed === undefined ? [] : [`seed=${args.seed}`];
  const own = await loadWatched(args);
  const preset = readPreset(args.preset, [...args.set, ...seed], own.known);
  const engine = await startWithSetup({
    engine: args.engine ?? preset.engine,
    threads: args.threads ?? preset.threads,
  });
  const progress = trainingProgress(preset.name, preset.train.steps);
  const events = args.tensorboard ? withTensorboard(progress) : progress;
  const { signal, release } = interruptible();
  const result = await runTraining(preset, {
    from: args.from,
    out: args.out,
    engine,
    versions: versions(engine),
    own,
    signal,
    ...progress,
    ...events,
  });
  progress.end();
  release();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (result.outcome === "skipped") say(`train: ${result.directory} is finished already`);
  process.stdout.write(`${result.directory}\n`);
  if (result.outcome !== "interrupted") {
    for (const line of trainingSummary({ ...result, preset, own: ownOf(preset, own) })) say(line);
    return;
  }
  say(
    result.step === 0
      ? "train: interrupted before the first step; nothing to save"
      : `train: interrupted at step ${result.step}, state saved; the same command goes on from there`,
  );
  process.exitCode = EXIT_INTERRUPTED;
}
