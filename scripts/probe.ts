/** `whereabouts probe CHECKPOINT`: asks a trained model what it knows of order and length. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { InputError } from "../src/errors.ts";
import { requireFinite } from "../src/finite.ts";
import { knownOf } from "../src/formats/huggingface/origin.ts";
import { probeSeed } from "../src/node/jobs/as-trained.ts";
import { comparedPair } from "../src/node/jobs/compared-pair.ts";
import { probeCheckpoint } from "../src/node/jobs/probe-checkpoint.ts";
import { measurementsCsv } from "../src/node/report/csv.ts";
import { requirePageFile } from "../src/node/report/page-file.ts";
import { comparisonText, measurementsText } from "../src/node/report/probe-text.ts";
import { probesText } from "../src/node/report/probes-text.ts";
import { probesGiven } from "../src/node/run/own/probes.ts";
import { dataOf } from "../src/node/run/subject.ts";
import { probes as listed, metricsOf } from "../src/probes/index.ts";
import type { Comparison } from "../src/probes/pair.ts";
import { anySeed } from "../src/tensor/rng.ts";
import { type AblateArguments, ablateOption } from "./ablate-option.ts";
import { type CheckpointArguments, checkpointArgument, policyOption } from "./checkpoint-option.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { type LookArguments, lookOf, lookOptions, printLook } from "./look-option.ts";
import { type MaterialArguments, materialOptions } from "./material-option.ts";
import { numberOption } from "./number-option.ts";
import { loadWithOwn, type OwnArguments, ownOptions } from "./own-option.ts";
import { printJson, printText, say, tell } from "./print.ts";
import { probeProgress } from "./probe-progress.ts";
import { type SchemeArguments, schemeOf, schemeOptions } from "./scheme-option.ts";
import { sizesOf } from "./with-option.ts";

interface ProbeArguments
  extends EngineArguments,
    OwnArguments,
    SchemeArguments,
    CheckpointArguments,
    AblateArguments,
    MaterialArguments,
    LookArguments {
  readonly probe?: string | undefined;
  readonly pair?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly steps?: "all" | undefined;
  readonly minutes?: number | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly csv: boolean;
  readonly page?: string | undefined;
}

/** In which all probes answer of a model of two layers. */
const MINUTES = 2;
/** Next tokens of a sentence that are told. */
const TOP = 5;
/** A week. */
const MOST_MINUTES = 10_080;

export const command = "probe <checkpoint>";
export const describe = "ask a trained model what it knows of order and length";

export function builder(yargs: Argv) {
  return yargs
    .epilogue(`Probes, with what they need, what they measure, and their sizes:\n\n${probesText(listed)}`)
    .positional("checkpoint", checkpointArgument)
    .option("probe", {
      type: "string",
      requiresArg: true,
      defaultDescription: "all that fit the data",
      describe: "names of probes, listed below, or files that export one of your own, between commas",
    })
    .option("pair", {
      type: "string",
      array: true,
      nargs: 2,
      describe: 'compare two sentences: --pair "dog bites man" "man bites dog"',
    })
    .options(materialOptions)
    .options(schemeOptions)
    .option(
      "seed",
      numberOption("seed", anySeed, {
        describe: "of the probes' own random numbers (default: the run's seed, of other models 1)",
      }),
    )
    .options(policyOption)
    .options(ablateOption)
    .options(lookOptions)
    .option("steps", {
      choices: ["all"] as const,
      describe: "ask every kept step of a run, and not the best alone",
    })
    .option(
      "minutes",
      numberOption("minutes", z.number().positive().max(MOST_MINUTES), {
        describe: `begin no further probe after so many minutes (default: ${MINUTES} without --probe, else no limit)`,
      }),
    )
    .option("fresh", { type: "boolean", default: false, describe: "ask what was asked before too" })
    .option("json", { type: "boolean", default: false, describe: "print all measurements as JSON" })
    .option("csv", { type: "boolean", default: false, describe: "print all measurements as CSV" })
    .option("page", {
      type: "string",
      requiresArg: true,
      describe:
        "write one page for people: three sentences, figures, all rows; with --pair, the two sentences too",
    })
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<ProbeArguments>): Promise<void> {
  const probes = args.probe === undefined ? undefined : await probesGiven(args.probe); // a wrong name is refused before any work
  const known = [...new Set([...listed, ...(probes?.probes ?? [])])];
  const sizes = sizesOf(args.with, known);
  const [scheme, pair] = [schemeOf(args), pairOf(args)];
  const { page, json } = args;
  // What draws figures takes as long to load as all the rest.
  if (page !== undefined)
    requirePageFile(page, (await import("../src/node/report/probe-page.ts")).PROBE_PAGE);
  const began = performance.now();
  const engine = await startWithSetup(args);
  const { checkpoint, own } = await loadWithOwn(args, "refuse");
  tell("probe", ...knownOf(checkpoint));
  const { fresh, ablate, set: changes, pairs, text } = args;
  const seed = args.seed ?? probeSeed(checkpoint);
  const data = await dataOf(checkpoint, say, own);
  const asked = { data, seed, scheme, files: { pairs, text }, ablate };
  if (args.look && page === undefined) return printLook(checkpoint, { ...asked, pair }, args);
  const top = page === undefined ? TOP : checkpoint.model.vocabSize; // the page compares what either sentence makes likely
  const comparisons = pair && requireFinite("probe", await comparedPair(checkpoint, pair, { ...asked, top }));
  const told = comparisons?.map(
    ({ next: [a, b], ...one }): Comparison => ({
      ...{ ...one, next: [a.slice(0, TOP), b.slice(0, TOP)] },
    }),
  );
  if (pair && told && json) printJson("probe", told);
  else if (pair && told) printText(`${comparisonText(...pair, told)}\n`);
  if (comparisons !== undefined && page === undefined) return;
  const progress = probeProgress();
  const seconds = 60 * (args.minutes ?? (probes === undefined ? MINUTES : Number.POSITIVE_INFINITY));
  const all = await probeCheckpoint(checkpoint, {
    ...{ ...asked, engine: engine.name, probes, sizes, changes, own, fresh, seconds },
    ...{ steps: args.steps !== undefined, tell: say, onEvent: progress.onEvent },
  });
  progress.end();
  const rows = requireFinite(
    "probe",
    all.answers.flatMap((answer) => answer.rows),
  );
  if (comparisons === undefined) {
    if (json) printJson("probe", rows);
    else if (args.csv) printText(measurementsCsv(all.answers));
    else printText(`${measurementsText(rows, metricsOf(known))}\n`);
  }
  if (page !== undefined) {
    const comparison = pair && comparisons && { sentences: pair, comparisons };
    const look = args.look || pair ? await lookOf(checkpoint, { ...asked, pair }, args) : undefined;
    const { writePage } = await import("./probe-page.ts");
    await writePage(page, { ...all, checkpoint, comparison, look }, { ...args, seed, engine, began });
  }
  if (all.refused !== undefined) throw all.refused; // the others have answered
}

/** @throws InputError where it is not two sentences, or rows are wanted of it */
function pairOf({ pair, csv, json }: ProbeArguments): readonly [string, string] | undefined {
  if (csv && json) throw new InputError("--csv: is given with --json; give one of them");
  if (pair === undefined) return undefined;
  const [first, second, ...more] = pair;
  if (first === undefined || second === undefined || more.length > 0)
    throw new InputError('--pair: takes two sentences, such as --pair "dog bites man" "man bites dog"');
  if (csv) throw new InputError("--csv: is for the rows of probes, which --pair has none of; give --json");
  return [first, second];
}
