/**
 * `whereabouts ablate PRESET…`: trains presets over seeds and data, probes each run, and decides
 * which differ.
 */
import { join } from "node:path";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { answersOf, plainAnswer, referenceIn } from "../src/compare/answers.ts";
import { rankAgreements } from "../src/compare/rank-agreement.ts";
import { InputError } from "../src/errors.ts";
import { writeFileDurably } from "../src/node/files/durable.ts";
import { sweepDirectory, sweepHash } from "../src/node/jobs/sweep/directory.ts";
import { estimateSweep } from "../src/node/jobs/sweep/estimate.ts";
import { planSweep, type SweepPlan, seedsOf } from "../src/node/jobs/sweep/plan.ts";
import { nameOf, runSweep, type SweepResult } from "../src/node/jobs/sweep/run-sweep.ts";
import type { EngineFacts } from "../src/node/native/known-start.ts";
import { agreementText, comparisonText } from "../src/node/report/comparison-text.ts";
import { runsCsv } from "../src/node/report/csv.ts";
import { planText } from "../src/node/report/plan-text.ts";
import { probesGiven } from "../src/node/run/own/probes.ts";
import { jsonText } from "../src/printable.ts";
import { probes as listed, metricsOf } from "../src/probes/index.ts";
import type { Metric } from "../src/probes/probe.ts";
import { writeComparison } from "./comparison-page.ts";
import { type EngineArguments, engineOfProcesses, engineOptions, startWithSetup } from "./engine-option.ts";
import { type ExecutorArguments, executorOf, executorOptions, requireExecutor } from "./executor-option.ts";
import { EXIT_INTERRUPTED, interruptible } from "./interrupt.ts";
import { numberOption } from "./number-option.ts";
import { loadWatched, type OwnArguments, ownOptions } from "./own-option.ts";
import { printText, say } from "./print.ts";
import { sweepProgress } from "./sweep-progress.ts";
import { gridOf, wordsOf } from "./sweep-words.ts";
import { checkedSizes } from "./with-option.ts";

interface AblateArguments extends EngineArguments, ExecutorArguments, OwnArguments {
  readonly presets: readonly string[];
  readonly seeds: string;
  readonly data: readonly string[];
  readonly set: readonly string[];
  readonly grid: readonly string[];
  readonly context?: string | undefined;
  readonly probe: string;
  readonly with: readonly string[];
  readonly against?: string | undefined;
  readonly matchParameters: boolean;
  readonly equivalence?: number | undefined;
  readonly plan: boolean;
  readonly out?: string | undefined;
  readonly threads?: number | undefined;
}

export const command = "ablate <presets..>";
export const describe = "train presets over seeds and data, probe them, and decide which differ";

const list = { type: "string", array: true, nargs: 1, default: [] as string[] } as const;

export function builder(yargs: Argv) {
  return yargs
    .positional("presets", { type: "string", array: true, demandOption: true, describe: "JSON files" })
    .option("seeds", {
      type: "string",
      requiresArg: true,
      default: "5",
      describe: "how many, 1 … N, or which: 1,4,9",
    })
    .option("data", {
      ...list,
      describe:
        'who, a task or a corpus, between commas, or a JSON object of "data"; left out, each preset\'s own',
    })
    .option("set", { ...list, describe: "change a field of every preset: --set train.steps=200" })
    .option("grid", { ...list, describe: "a field that takes several values: --grid model.context=32,64" })
    .option("context", {
      type: "string",
      requiresArg: true,
      describe: "L_max, one or several: --context 32,64 is --grid model.context=32,64",
    })
    .option("probe", {
      type: "string",
      requiresArg: true,
      default: "order,length,exact,learning",
      describe:
        "what every run is asked, where its data offers what the probe needs: names, or files that export a probe of your own, between commas",
    })
    .option("with", {
      ...list,
      describe: "change a size of a probe, as `probe --help` lists them: --with length.factor=2",
    })
    .option("against", {
      type: "string",
      requiresArg: true,
      describe: "the condition that all others are compared with (default: all pairs)",
    })
    .option("match-parameters", {
      type: "boolean",
      default: false,
      describe: "where an encoding has more parameters than --against, compare with that of a wider MLP too",
    })
    .option(
      "equivalence",
      numberOption("equivalence", z.number().positive().max(1e12), {
        describe: "differences below it do not matter, in each metric's unit",
      }),
    )
    .option("plan", {
      type: "boolean",
      default: false,
      describe: "say what would be done, and what it costs",
    })
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "the sweep's directory (default: one named by its plan)",
    })
    .options(executorOptions)
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<AblateArguments>): Promise<void> {
  const began = performance.now();
  if (!args.plan) requireExecutor(args);
  const own = await loadWatched(args);
  const { probes: asked, files: probeFiles } = await probesGiven(args.probe);
  const probes = asked.map(({ name }) => name);
  const sizes = checkedSizes(args.with, asked);
  if (args.matchParameters && args.against === undefined)
    throw new InputError("--match-parameters: widens the condition of --against; give that too");
  const plan = planSweep({
    matched: args.matchParameters ? args.against : undefined,
    ...{ presets: args.presets, seeds: seedsOf(args.seeds), data: args.data.flatMap(wordsOf) },
    ...{ set: args.set, grid: gridOf(args), probes, probeFiles, sizes, known: own.known },
  });
  referenceIn(plan.runs, args.against);
  const directory = args.out ?? sweepDirectory(plan);
  if (args.plan) {
    await startWithSetup(args); // a step is measured here
    printText(`${planText(await estimateSweep(plan, directory, own), directory)}\n`);
    return;
  }
  const engine = await engineOfProcesses(args);
  const { executor, text } = executorOf(args, engine, plan.runs.length, directory);
  say(`ablate: ${plan.runs.length} runs in ${directory}; ${text}`);
  const { signal, release } = interruptible();
  const result = await runSweep(plan, {
    ...{ directory, executor, own, signal, onEvent: sweepProgress(plan.runs) },
    onRetry: (runs) => say(`ablate: tries once more: ${runs.map(nameOf).join("; ")}`),
  });
  release();
  await finish(plan, result, {
    directory,
    started: engine,
    began,
    args,
    metrics: metricsOf([...listed, ...asked]),
  });
}

interface Finishing {
  readonly directory: string;
  readonly started: EngineFacts;
  readonly began: number;
  readonly args: AblateArguments;
  /** Of every probe that is listed or was given. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** What is there is told and kept, whatever failed. */
async function finish(
  plan: SweepPlan,
  { runs, failed, interrupted }: SweepResult,
  { directory, started: engine, began, args, metrics }: Finishing,
): Promise<void> {
  const tellFailed = () =>
    failed.map(({ run, error }) => say(`ablate: FAILED: ${nameOf(run)}: ${error.message}`));
  if (interrupted.length > 0) {
    tellFailed();
    const how = args.detach ? "leaves" : "interrupted";
    say(
      `ablate: ${how} with ${runs.length} of ${plan.runs.length} runs done, state saved; the same command goes on`,
    );
    if (!args.detach) process.exitCode = EXIT_INTERRUPTED;
    return;
  }
  const { against, equivalence: margin } = args;
  const answers = answersOf(runs, metrics, { against, margin, controls: plan.controls });
  for (const answer of answers) printText(`${comparisonText(answer, runs)}\n\n`);
  const ranks = rankAgreements(runs, metrics);
  for (const found of ranks) printText(`${agreementText(found)}\n\n`);
  const decisions = answers.map(plainAnswer);
  await writeFileDurably(join(directory, "results.csv"), runsCsv(runs));
  await writeFileDurably(join(directory, "results.json"), `${jsonText("ablate", decisions, 1)}\n`);
  if (ranks.length > 0)
    await writeFileDurably(join(directory, "ranks.json"), `${jsonText("ablate", ranks, 1)}\n`);
  const facts = { sweep: `${directory}, plan ${sweepHash(plan).slice(0, 12)}` };
  await writeComparison(join(directory, "report.html"), "ablate", { answers, runs, engine, began, facts });
  printText(`results: ${join(directory, "results.csv")}\n`);
  tellFailed();
  if (failed.length > 0) process.exitCode = 1;
}
