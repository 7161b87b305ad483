/** `whereabouts probe CHECKPOINT`: asks a trained model what it knows of order and length. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { z } from "zod";
import { assigned } from "../src/assignments.ts";
import { InputError, isInputError } from "../src/errors.ts";
import { requireFinite } from "../src/finite.ts";
import { comparisonText, measurementsText } from "../src/node/report/probe-text.ts";
import { probesText } from "../src/node/report/probes-text.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { saveMeasurements } from "../src/node/run/measurements.ts";
import { probesGiven } from "../src/node/run/own/probes.ts";
import { dataOf, subjectOf } from "../src/node/run/subject.ts";
import { metricsOf, probes } from "../src/probes/index.ts";
import { type Comparison, comparePair } from "../src/probes/pair.ts";
import type { Measurement, Probe, Subject } from "../src/probes/probe.ts";
import { probeNamed, probesFor, runProbe, whyNot } from "../src/probes/run.ts";
import { anySeed } from "../src/tensor/rng.ts";
import { type AblateArguments, ablateOption, withoutParts } from "./ablate-option.ts";
import { type CheckpointArguments, checkpointArgument, policyOption } from "./checkpoint-option.ts";
import { type EngineArguments, engineOptions, startWithSetup } from "./engine-option.ts";
import { numberOption } from "./number-option.ts";
import { loadWithOwn, type OwnArguments, ownOptions } from "./own-option.ts";
import { printJson, printText, say, tell } from "./print.ts";
import { type SchemeArguments, schemeOf, schemeOptions } from "./scheme-option.ts";

interface ProbeArguments
  extends EngineArguments,
    OwnArguments,
    SchemeArguments,
    CheckpointArguments,
    AblateArguments {
  readonly probe?: string | undefined;
  readonly pair?: readonly string[] | undefined;
  readonly with: readonly string[];
  readonly pairs?: string | undefined;
  readonly text?: string | undefined;
  readonly seed: number;
  readonly json: boolean;
}

export const command = "probe <checkpoint>";
export const describe = "ask a trained model what it knows of order and length";

export function builder(yargs: Argv) {
  return yargs
    .epilogue(`Probes:\n\n${probesText(probes)}`)
    .positional("checkpoint", checkpointArgument)
    .option("probe", {
      type: "string",
      requiresArg: true,
      defaultDescription: "all that fit the data",
      describe: `names, or files that export a probe of your own, between commas. ${probes.map(({ name, question }) => `${name}: ${question}`).join(" ")}`,
    })
    .option("pair", {
      type: "string",
      array: true,
      nargs: 2,
      describe: 'compare two sentences: --pair "dog bites man" "man bites dog"',
    })
    .option("with", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "change a size of a probe: --with length.factor=2",
    })
    .option("pairs", {
      type: "string",
      requiresArg: true,
      describe:
        'a file of {"context": …, "swapped": …, "answer": …}, one a line, or of BLiMP\'s {"sentence_good": …, "sentence_bad": …}, for probes of order',
    })
    .option("text", { type: "string", requiresArg: true, describe: "a text, for probes of length" })
    .options(schemeOptions)
    .option(
      "seed",
      numberOption("seed", anySeed, { default: 1, describe: "of the probes' own random numbers" }),
    )
    .options(policyOption)
    .options(ablateOption)
    .option("json", { type: "boolean", default: false, describe: "print all measurements as JSON" })
    .options(ownOptions)
    .options(engineOptions);
}

export async function handler(args: ArgumentsCamelCase<ProbeArguments>): Promise<void> {
  const named = args.probe === undefined ? undefined : await probesGiven(args.probe); // a wrong name is refused before any work
  const known = [...new Set([...probes, ...(named ?? [])])];
  const sizes = sizesOf(args.with, known);
  const seed = args.seed;
  const scheme = schemeOf(args);
  await startWithSetup(args);
  const { checkpoint: whole, own } = await loadWithOwn(args, "refuse");
  tell("probe", ...whole.notes);
  const data = await dataOf(whole, say, own);
  const { pairs, text } = args;
  const options = { data, files: { pairs, text }, placing: { scheme, seed } };
  const checkpoint = await withoutParts(whole, args, () => subjectOf(whole, options));
  if (args.pair !== undefined) {
    const [first, second, ...more] = args.pair;
    if (first === undefined || second === undefined || more.length > 0)
      throw new InputError('--pair: takes two sentences, such as --pair "dog bites man" "man bites dog"');
    const { model, params, tokenizer } = checkpoint;
    const opening = data?.bos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
    const asked = { model, params, tokenizer, placing: { scheme, seed } };
    const questions = data?.questionsAfter?.(first) ?? [];
    const comparisons = await comparePair(asked, first, second, { opening, questions });
    print(args.json, comparisons, (all: Comparison[]) => comparisonText(first, second, all));
    return;
  }
  const subject = subjectOf(checkpoint, options);
  const unchanged = pairs === undefined && text === undefined && args.with.length === 0;
  const asTrained =
    unchanged && args.set.length === 0 && args.ablate.length === 0 && scheme.kind === "contiguous";
  const measured: [name: string, rows: Measurement[]][] = [];
  const keep = async () => asTrained && (await save(checkpoint, measured));
  try {
    for (const probe of named ?? fittingProbes(subject)) {
      const { name, question } = probe;
      tell(`probe ${name}`, question);
      measured.push([name, await runProbe(probe, subject, seed, sizes[name])]);
    }
  } catch (error) {
    await keep(); // of the probes before this one
    throw error;
  }
  const rows = measured.flatMap(([, of]) => of);
  print(args.json, rows, (all: Measurement[]) => measurementsText(all, metricsOf(known)));
  await keep(); // what was measured is told first, whether or not it can be kept
}

/** By probe, the fields of its own that `--with PROBE.FIELD=VALUE` changes. */
function sizesOf(changes: readonly string[], known: readonly Probe[]): Readonly<Record<string, object>> {
  const schema = z.object(Object.fromEntries(known.map(({ name, config }) => [name, config.optional()])));
  const given = assigned({}, changes, schema);
  for (const name of Object.keys(given)) probeNamed(name, known);
  return given as Record<string, object>; // each is the path of a field
}

/** Those that have what they need; of the others, stderr says what they lack. */
function fittingProbes(subject: Subject): readonly Probe[] {
  const fitting = probesFor(subject);
  for (const probe of probes) {
    const reason = whyNot(subject, probe);
    if (reason !== undefined) tell("left out", reason);
  }
  if (fitting.length > 0) return fitting;
  throw new InputError(
    "nothing is known of what this model was trained on; give --pairs FILE or --text FILE, or compare two sentences with --pair",
  );
}

/** Keeps the measurements of a run, which are those of its best step, beside its steps: `probes/order.json`. */
async function save(
  { kind, run }: Checkpoint,
  measured: readonly (readonly [name: string, rows: readonly Measurement[]])[],
): Promise<void> {
  if (kind !== "run" || run === undefined) return; // a step that was named is not the run's answer
  try {
    for (const [name, rows] of measured) await saveMeasurements(run, name, rows);
  } catch (error) {
    if (!isInputError(error)) throw error;
    tell("probe", `the results could not be saved: ${error.message}`);
  }
}

function print<T>(asJson: boolean, value: T, text: (value: T) => string): void {
  if (asJson) printJson("probe", value);
  else printText(`${text(requireFinite("probe", value))}\n`);
}
