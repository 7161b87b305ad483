/**
 * `whereabouts study [FILE]`: trains what a study lacks, in parts; `--publish` writes what is
 * finished beside its file, and `--publish-checkpoints` its trained models.
 */

import { join, relative } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { InputError } from "../src/errors.ts";
import { count } from "../src/figures/format.ts";
import { ROOT } from "../src/node/files/root.ts";
import { runDirectories } from "../src/node/jobs/study/local-runs.ts";
import {
  isWork,
  runStudy,
  runText,
  type Standing,
  type StudyOptions,
  standingsOf,
} from "../src/node/jobs/study/run-study.ts";
import { readStudy, studyRuns } from "../src/node/jobs/study/study-file.ts";
import { publishStudy } from "../src/node/report/study/publish.ts";
import { publishCheckpoints } from "../src/node/report/study/publish-checkpoints.ts";
import { askedLessTexts, studyText } from "../src/node/report/study/study-text.ts";
import { quantity } from "../src/quantity.ts";
import { type EngineArguments, engineOfProcesses, engineOptions } from "./engine-option.ts";
import { onThisMachine } from "./executor-option.ts";
import { EXIT_INTERRUPTED, interruptible } from "./interrupt.ts";
import { countOption, numberOption } from "./number-option.ts";
import { printText, say } from "./print.ts";
import { publishedProvenance } from "./provenance.ts";
import { commandLine } from "./shell-words.ts";
import { sweepProgress } from "./sweep-progress.ts";

interface StudyArguments extends EngineArguments {
  readonly file: string;
  readonly runs: string;
  readonly sweeps?: string | undefined;
  readonly seeds?: number | undefined;
  readonly minutes?: number | undefined;
  readonly workers?: number | undefined;
  readonly plan: boolean;
  readonly ask: boolean;
  readonly retrain: boolean;
  readonly publish: boolean;
  readonly publishCheckpoints: boolean;
}

const FILE = join(ROOT, "checkpoints/published/study/study.json");

export const command = "study [file]";
export const describe = "the published study: go on with it, in parts, and publish what is finished";

export function builder(yargs: Argv) {
  return yargs
    .positional("file", { type: "string", default: FILE, defaultDescription: relative(ROOT, FILE) })
    .option("runs", {
      type: "string",
      requiresArg: true,
      default: "checkpoints/study",
      describe: "where its runs are; those of an ablation that are moved here are found",
    })
    .option("sweeps", { type: "string", requiresArg: true, describe: "names between commas (default: all)" })
    .option("seeds", countOption("seeds", 1000, { describe: "no seed above it (default: all)" }))
    .option(
      "minutes",
      numberOption("minutes", z.number().positive().max(1e6), {
        describe: "stop after so many, with the state saved; the same command goes on",
      }),
    )
    .option(
      "workers",
      countOption("workers", 1024, { describe: "processes side by side (default: by cores)" }),
    )
    .option("plan", { type: "boolean", default: false, describe: "say how far it is, and do nothing" })
    .option("ask", {
      type: "boolean",
      default: false,
      describe: "ask runs that are trained what they lack; train nothing",
    })
    .option("retrain", {
      type: "boolean",
      default: false,
      describe: "train published runs anew that lack an answer and are not here",
    })
    .option("publish", {
      type: "boolean",
      default: false,
      describe:
        "write tables, decisions, figures, the page and the README's part of what is finished; train nothing",
    })
    .option("publish-checkpoints", {
      type: "boolean",
      default: false,
      describe: "write the trained models that the study names, each with its card; train nothing",
    })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<StudyArguments>): Promise<void> {
  if (args.ask && args.retrain) throw new InputError("--ask: trains nothing; leave out --retrain");
  const study = readStudy(args.file);
  const all = studyRuns(study, args.sweeps?.split(","));
  const runs = all.filter(({ preset }) => preset.seed <= (args.seeds ?? Number.POSITIVE_INFINITY));
  const standing = () => standingsOf(study, runs, runDirectories(args.runs));
  if (args.publish) await publish(args, standing());
  if (args.publishCheckpoints) await publishModels(args, standing());
  if (args.publish || args.publishCheckpoints) return;
  const standings = standing();
  if (args.plan) return printText(studyText(standings));
  const work = args.ask ? "answers" : args.retrain ? "all" : "runs";
  if (!standings.some((one) => isWork(one, work))) return say(nothingToDo(standings, args.ask));
  await goOn(args, standings, work);
  printText(studyText(standing()));
}

function nothingToDo(standings: readonly Standing[], ask: boolean): string {
  const done = ask ? "no run that is trained lacks an answer" : "all of it is done";
  return [...askedLessTexts(standings), `study: ${done}; --publish writes it`].join("\n");
}

async function goOn(
  args: ArgumentsCamelCase<StudyArguments>,
  standings: readonly Standing[],
  work: NonNullable<StudyOptions["work"]>,
): Promise<void> {
  const engine = await engineOfProcesses(args);
  const { executor } = onThisMachine(args, engine, standings.length);
  const { signal: asked, release } = interruptible();
  const late = args.minutes === undefined ? undefined : AbortSignal.timeout(60_000 * args.minutes);
  const signal = late === undefined ? asked : AbortSignal.any([asked, late]);
  const result = await runStudy(standings, {
    ...{ folder: args.runs, executor, signal, work },
    onPart(part, index, of) {
      const { sweep } = (part[0] as Standing).run; // a part has one or more
      say(`study: part ${index + 1} of ${of}: ${sweep.name}, ${quantity(part.length, "run")}`);
      return sweepProgress(part.map(({ run }) => ({ ...run, data: sweep.name })));
    },
  });
  release();
  for (const { run, error } of result.failed) say(`study: FAILED: ${runText(run)}: ${error.message}`);
  if (result.interrupted) say(`study: stopped, state saved; ${commandLine("study", [])} goes on`);
  if (result.failed.length > 0) process.exitCode = 1;
  else if (asked.aborted) process.exitCode = EXIT_INTERRUPTED;
}

async function publish(
  { file, sweeps, seeds }: ArgumentsCamelCase<StudyArguments>,
  standings: readonly Standing[],
): Promise<void> {
  requireWhole("--publish", { sweeps, seeds });
  for (const path of await publishStudy(
    readStudy(file),
    standings,
    publishedProvenance(),
    file === FILE ? join(ROOT, "README.md") : undefined,
  ))
    say(`study: wrote ${path}`);
}

async function publishModels(
  { file, runs, sweeps, seeds }: ArgumentsCamelCase<StudyArguments>,
  standings: readonly Standing[],
): Promise<void> {
  requireWhole("--publish-checkpoints", { sweeps, seeds });
  const { written, kept, missing } = await publishCheckpoints(readStudy(file), standings);
  say(`study: wrote ${count(written.length)} models, kept ${count(kept.length)} that were published`);
  if (missing.length > 0)
    say(`study: no finished run in ${runs} for ${missing.join(", ")}: train them, and publish again`);
}

function requireWhole(option: string, { sweeps, seeds }: Pick<StudyArguments, "sweeps" | "seeds">): void {
  if (sweeps === undefined && seeds === undefined) return;
  throw new InputError(`${option}: is of the whole study; leave out --sweeps and --seeds`);
}
