/** `whereabouts compare DIR…`: runs, checkpoints and imported models side by side, over seeds. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { answersOf, plainAnswer, referenceIn } from "../src/compare/answers.ts";
import { rankAgreements } from "../src/compare/rank-agreement.ts";
import { InputError } from "../src/errors.ts";
import { vocabulariesSentence } from "../src/figures/vocabularies.ts";
import { didYouMean } from "../src/nearest.ts";
import { comparedRuns, namedRuns } from "../src/node/jobs/compared-runs.ts";
import { COMPARISON_PAGE } from "../src/node/report/comparison-page.ts";
import { agreementText, comparisonText } from "../src/node/report/comparison-text.ts";
import { requirePageFile } from "../src/node/report/page-file.ts";
import { probes as listed, metrics } from "../src/probes/index.ts";
import type { Probe } from "../src/probes/probe.ts";
import { writeComparison } from "./comparison-page.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { type MaterialArguments, materialOptions } from "./material-option.ts";
import { numberOption } from "./number-option.ts";
import { loadWatched, type OwnArguments, ownOptions } from "./own-option.ts";
import { printJson, printText, say, tell } from "./print.ts";
import { probeProgress } from "./probe-progress.ts";
import { checkedSizes } from "./with-option.ts";

interface CompareArguments extends EngineArguments, OwnArguments, MaterialArguments {
  readonly directories: readonly string[];
  readonly against?: string | undefined;
  readonly metric?: string | undefined;
  readonly equivalence?: number | undefined;
  readonly page?: string | undefined;
  readonly json: boolean;
}

/** What is asked where no metric is named: order, length, answers, and how soon they were learned. */
const ASKED = ["order", "length", "exact", "learning"];
/** The same about files of a person's own. */
const ASKED_OF_FILES = ["order", "minimal", "length"];

export const command = "compare <directories..>";
export const describe = "runs, checkpoints or models that exist, side by side, over seeds";

export function builder(yargs: Argv) {
  return yargs
    .positional("directories", {
      type: "string",
      array: true,
      demandOption: true,
      describe:
        "runs, steps, Hugging Face models, or folders of runs; runs that differ in their seed alone are one condition",
    })
    .option("against", {
      type: "string",
      requiresArg: true,
      describe: "the condition that all others are compared with (default: all pairs)",
    })
    .option("metric", {
      type: "string",
      requiresArg: true,
      describe:
        "metrics of any probe, between commas (default: those of order, length, exact and learning that judge)",
    })
    .option(
      "equivalence",
      numberOption("equivalence", z.number().positive().max(1e12), {
        describe:
          "differences below it do not matter, in the metric's unit: then two conditions can be the same",
      }),
    )
    .options(materialOptions)
    .option("page", {
      type: "string",
      requiresArg: true,
      describe:
        "write a page for people: verdicts, forest plots, curves; its figures beside it, as SVG and PNG",
    })
    .option("json", { type: "boolean", default: false, describe: "print all decisions as JSON" })
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<CompareArguments>): Promise<void> {
  const began = performance.now();
  const wanted = args.metric?.split(",");
  if (args.page !== undefined) requirePageFile(args.page, COMPARISON_PAGE);
  const { pairs, text } = args;
  const files = pairs === undefined && text === undefined ? undefined : { pairs, text };
  const probes = probesOf(wanted, files ? ASKED_OF_FILES : ASKED);
  const sizes = checkedSizes(args.with, listed);
  const own = await loadWatched(args);
  const named = namedRuns(args.directories, own.known, files !== undefined);
  referenceIn(named, args.against);
  const engine = await startWithSetup(args);
  const progress = probeProgress();
  const lacking: string[] = [];
  const runs = await comparedRuns(named, {
    ...{ engine: engine.name, probes, sizes, files, own, tell: say, onEvent: progress.onEvent },
    onRun: (directory, index, of) => say(`compare: ${index + 1} of ${of}: ${directory}`),
    onLack: (directory, reason) => lacking.push(`${directory}: ${reason}`),
  });
  progress.end();
  const differ = vocabulariesSentence(runs);
  if (differ !== undefined) tell("compare", differ.replaceAll("`", ""));
  const { against, equivalence: margin } = args;
  const answers = answersOf(runs, metrics, { against, margin }, wanted);
  if (answers.length === 0)
    throw new InputError(
      [
        `compare: no two of these have ${wanted?.join(", ") ?? "a measurement that judges"} at one place`,
        ...lacking,
      ].join("; "),
    );
  if (args.json) printJson("compare", answers.map(plainAnswer));
  else {
    const ranks = rankAgreements(runs, metrics).map(agreementText);
    const texts = [...answers.map((answer) => comparisonText(answer, runs)), ...ranks];
    printText(`${texts.join("\n\n")}\n`);
  }
  if (args.page !== undefined) await writeComparison(args.page, "compare", { answers, runs, engine, began });
}

/** The probes that measure what is wanted. @throws InputError for a metric that none has */
function probesOf(wanted: readonly string[] | undefined, asked: readonly string[]): readonly Probe[] {
  if (wanted === undefined) return listed.filter(({ name }) => asked.includes(name));
  const unknown = wanted.find((metric) => metrics[metric] === undefined);
  if (unknown !== undefined)
    throw new InputError(
      `--metric: no probe measures ${unknown}${didYouMean(unknown, Object.keys(metrics))}; npm run -s probe -- --help lists them`,
    );
  return listed.filter((probe) => wanted.some((metric) => metric in probe.metrics));
}
