/** `whereabouts start`, which is `npm start`: the main job, from nothing to the answer. */
import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ArgumentsCamelCase, Argv } from "yargs";
import { InputError, isInputError } from "../src/errors.ts";
import { placedIn } from "../src/figures/headline.ts";
import { placedSentence, seedsText } from "../src/figures/placed.ts";
import type { DemoResult } from "../src/figures/results.ts";
import { textTable } from "../src/figures/table.ts";
import { writeError, writeFileDurably } from "../src/node/files/durable.ts";
import { makeFolder } from "../src/node/files/make-folder.mjs";
import { readRegularText } from "../src/node/files/regular.ts";
import { ROOT } from "../src/node/files/root.ts";
import { demoResult } from "../src/node/jobs/demo-result.ts";
import { requireDone } from "../src/node/jobs/executors/executor.ts";
import { localExecutor, shareOf } from "../src/node/jobs/executors/local.ts";
import { trainingJob } from "../src/node/jobs/job.ts";
import { type DemoStudy, demoPage } from "../src/node/report/demo.ts";
import { demoTable } from "../src/node/report/demo-table.ts";
import { studyReference } from "../src/node/report/study/reference.ts";
import { terminalColumns, wrapped } from "../src/node/report/wrap.ts";
import { commitOf } from "../src/node/run/commit.ts";
import { readPreset } from "../src/node/run/preset.ts";
import { versions } from "../src/node/run/versions.ts";
import { type Preset, seedSchema } from "../src/train/preset.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { EXIT_INTERRUPTED, interruptible } from "./interrupt.ts";
import { jobProgress } from "./job-progress.ts";
import { numberOption } from "./number-option.ts";
import { say } from "./print.ts";
import { workerOf } from "./worker-command.ts";

/** What the report shows of a causal model. */
const CAUSAL = ["order", "length", "exact"];
/**
 * The loss of a masked model is of other tokens than a causal one's: beside each other they would
 * be compared.
 */
const MASKED = ["order"];

/**
 * No positions; none and no mask either, which cannot know order; and the four encodings that people
 * ask about first. Each as the study trains it, so that its intervals are of these runs.
 */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  none: CAUSAL,
  "none-bidirectional": MASKED,
  learned: CAUSAL,
  sinusoidal: CAUSAL,
  rope: CAUSAL,
  alibi: CAUSAL,
};
const REPORT = "checkpoints/demo/report.html";
const STUDY = "checkpoints/published/study/study.json";

interface StartArguments extends EngineArguments {
  readonly seed: number;
  readonly set: readonly string[];
}

export const command = "start";
export const describe = "the main job: train five encodings and a control, probe them, write the report";

export function builder(yargs: Argv) {
  return yargs
    .option("seed", numberOption("seed", seedSchema, { default: 1, describe: "of all random numbers" }))
    .option("set", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "change a field of every preset: --set train.steps=500",
    })
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<StartArguments>): Promise<void> {
  const began = performance.now();
  const { seed } = args;
  const asked = Object.entries(ASKED).map(([name, probes]) => ({
    preset: readPreset(presetPath(name), [`seed=${seed}`, ...args.set]),
    probes,
  }));
  const presets = asked.map(({ preset }) => preset);
  requireWritableReport();
  const engine = await startWithSetup(args);
  const { workers, threads } = shareOf(engine.threads, presets.length);
  process.stderr.write(
    `engine: ${engine.name}, ${engine.detail}; processes side by side: ${workers}, threads each: ${threads}\n`,
  );
  const executor = localExecutor({ engine: engine.name, workers, threads, command: workerOf(command) });
  const { signal, release } = interruptible();
  const onEvent = jobProgress(presets);
  const jobs = asked.map(({ preset, probes }) => trainingJob(preset, probes));
  const done = requireDone(await executor.run(jobs, { signal, onEvent, stopAtFailure: true }));
  if (done === undefined) {
    process.stderr.write("start: interrupted, state saved; the same command goes on from there\n");
    process.exitCode = EXIT_INTERRUPTED;
    return;
  }
  release();
  const results: DemoResult[] = [];
  for (const { directory, measurements } of done)
    results.push(await demoResult(directory, Object.keys(measurements)));
  await report(
    results,
    presets,
    { ...versions(engine) },
    `${engine.name} (${engine.detail})`,
    (performance.now() - began) / 1000,
  );
}

async function report(
  results: readonly DemoResult[],
  presets: readonly Preset[],
  versionsOf: Record<string, string>,
  engine: string,
  seconds: number,
): Promise<void> {
  const study = placesInStudy(results, presets);
  const provenance = {
    commit: commitOf(ROOT),
    engine,
    seeds: [...new Set(presets.map(({ seed }) => seed))],
    seconds,
    versions: versionsOf,
    date: new Date().toISOString().slice(0, 10),
  };
  const page = await demoPage(results, provenance, study);
  const { columns, rows, caption } = demoTable(results);
  process.stdout.write(`\n${textTable(columns, rows, terminalColumns())}\n\n${wrapped(caption)}\n\n`);
  const said = placedSentence(study.placed);
  if (said !== undefined)
    process.stdout.write(
      `${wrapped(`${said.replaceAll("`", "")} The study has ${seedsText(study.placed)} seeds.`)}\n\n`,
    );
  await writeFileDurably(REPORT, page); // after the table: a full disk leaves that
  process.stdout.write(
    `report: ${resolve(REPORT)}\nopen it in a browser: ${pathToFileURL(resolve(REPORT))}\n`,
  );
}

/** The run's numbers among the study's; what cannot be read of the study is told, and the run stands alone. */
function placesInStudy(results: readonly DemoResult[], presets: readonly Preset[]): DemoStudy {
  try {
    const rows = studyReference(join(ROOT, STUDY), "who", presets);
    const placed = placedIn(rows, results);
    const most = Math.max(0, ...placed.map(({ seeds }) => seeds.length));
    return { placed, isOfStudy: presets.every(({ seed }) => seed >= 1 && seed <= most) };
  } catch (error) {
    if (!isInputError(error)) throw error;
    say(`start: is shown without the study: ${error.message}`);
    return { placed: [], isOfStudy: false };
  }
}

/**
 * What would be found out after all training: that the page cannot be written, or that somebody's
 * file has its name.
 */
function requireWritableReport(): void {
  try {
    makeFolder(dirname(REPORT));
    accessSync(dirname(REPORT), constants.W_OK);
  } catch (error) {
    throw writeError(REPORT, error);
  }
  if (existsSync(REPORT) && !readRegularText(REPORT).includes("whereabouts"))
    throw new InputError(`${REPORT}: is there and is no report of whereabouts; move it away`);
}

const presetPath = (name: string) => join(ROOT, "models", `${name}.json`);
