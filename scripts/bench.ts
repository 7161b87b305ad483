/**
 * `whereabouts bench`: times training steps side by side, how time and memory grow with the
 * context, and whole trainings.
 */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { textTable } from "../src/figures/table.ts";
import { requireFinite } from "../src/finite.ts";
import type { NativeEngine } from "../src/node/files/progress.ts";
import { terminalColumns } from "../src/node/report/wrap.ts";
import { probeNamed } from "../src/probes/run.ts";
import { MOST_STEPS } from "../src/train/config.ts";
import { casesOf, requireNative } from "./bench/asked.ts";
import type { Case } from "./bench/cases.ts";
import { enduranceRows } from "./bench/endurance.ts";
import { generationRows } from "./bench/generation.ts";
import { growthRows } from "./bench/growth.ts";
import { importRows, importTable, RANDOM } from "./bench/importing.ts";
import { pairedRows } from "./bench/paired.ts";
import { probeRows, probesTable } from "./bench/probes.ts";
import { type BenchRow, benchColumns } from "./bench/rows.ts";
import { sweep, train } from "./bench/whole.ts";
import { setUpNative } from "./engine-option.ts";
import { countOption } from "./number-option.ts";
import { printJson } from "./print.ts";

interface BenchArguments {
  readonly engine: NativeEngine;
  readonly json: boolean;
  readonly sizes?: readonly string[] | undefined;
  readonly encodings?: string | undefined;
  readonly threads?: string | undefined;
  readonly probes: boolean;
  readonly only?: string | undefined;
  readonly precision: string;
  readonly peer?: string | undefined;
  readonly python: string;
  readonly rounds: number;
  readonly growth: boolean;
  readonly endurance?: number | undefined;
  readonly generate: boolean;
  readonly train?: string | undefined;
  readonly import?: string | undefined;
  readonly sweep: boolean;
  readonly set: readonly string[];
  readonly seeds: number;
  readonly sameStart: boolean;
}

export const command = "bench";
export const describe = "time training steps, or generation, on this machine, beside PyTorch's where asked";

export function builder(yargs: Argv): Argv<BenchArguments> {
  return yargs
    .option("engine", {
      choices: ["native", "native-gpu"] as const,
      default: "native",
      describe:
        "whose steps, generation, growth or endurance to time; beside native-gpu PyTorch runs on the GPU",
    })
    .option("json", { type: "boolean", default: false, describe: "print the rows as JSON" })
    .option("sizes", {
      type: "string",
      array: true,
      nargs: 1,
      defaultDescription: "three, or two for --generate and --probes",
      describe: "layers,heads,width,context,batch; may be given more than once",
    })
    .option("encodings", {
      type: "string",
      requiresArg: true,
      defaultDescription: "none,sinusoidal,learned,relative; learned for --probes",
      describe:
        "position encodings, or all; where none is among them, each is timed in turn with it: ratioToNone",
    })
    .option("threads", {
      type: "string",
      requiresArg: true,
      defaultDescription: "1,2; 2 for --probes; 1 for native-gpu",
      describe: "numbers of threads",
    })
    .option("precision", {
      type: "string",
      requiresArg: true,
      default: "float32",
      describe: "of the matmuls",
    })
    .option("peer", { choices: ["pytorch"] as const, describe: "time its step in turn with ours" })
    .option("python", {
      type: "string",
      requiresArg: true,
      default: "python3",
      describe: "a Python with torch",
    })
    .option(
      "rounds",
      countOption("rounds", 10_000, { what: "turns", default: 5, describe: "turns of 20 steps each" }),
    )
    .option("growth", {
      type: "boolean",
      default: false,
      describe: "instead: steps from 64 to 1,024 tokens, and evaluation to 16,384",
    })
    .option(
      "endurance",
      countOption("endurance", MOST_STEPS, {
        what: "steps",
        describe: "instead: take so many steps, and tell the memory after each tenth of them",
      }),
    )
    .option("generate", {
      type: "boolean",
      default: false,
      describe: "instead: tokens a second of generation to the end of the context, remembered and read anew",
    })
    .option("probes", {
      type: "boolean",
      default: false,
      describe: "instead: seconds and peak memory of each listed probe, at 2,4,64,32 and at GPT-2's size",
    })
    .option("only", { type: "string", requiresArg: true, describe: "probes of --probes, or of --sweep" })
    .option("train", {
      type: "string",
      requiresArg: true,
      describe: "instead: train this preset on text here and in PyTorch, and compare their last losses",
    })
    .option("import", {
      type: "string",
      requiresArg: true,
      describe: `instead: time and memory to the first logits of a Hugging Face folder, or of "${RANDOM}" weights of GPT-2's size`,
    })
    .option("sweep", {
      type: "boolean",
      default: false,
      describe:
        "instead: the presets of --encodings over seeds, in one process and in two; beside PyTorch's two",
    })
    .option("set", {
      type: "string",
      array: true,
      nargs: 1,
      default: [],
      describe: "with --train and --sweep: change a field of the preset, --set train.steps=500",
    })
    .option("seeds", countOption("seeds", 1000, { default: 3, describe: "of --train and --sweep: how many" }))
    .option("same-start", {
      type: "boolean",
      default: false,
      describe: "with --train: give PyTorch our initial weights and batches too",
    }) as unknown as Argv<BenchArguments>; // --peer has one choice, and yargs spells --same-start twice
}

export async function handler(args: ArgumentsCamelCase<BenchArguments>): Promise<void> {
  requireNative(args);
  if (args.sweep) return sweep(args);
  if (args.train !== undefined) return train(args.train, args);
  if (args.import !== undefined) return importOf(args.import, args);
  const cases = casesOf(args); // bad input is refused before the set-up
  if (args.engine === "native") await setUpNative(); // native-gpu says itself how it is installed
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { python: args.peer && args.python, rounds: args.rounds, say };
  const [first] = cases as [Case];
  if (args.probes) return probesOf(cases, args, say);
  const rows =
    args.endurance !== undefined
      ? await enduranceRows(first, args.endurance, say)
      : args.growth
        ? await growthRows(first, options)
        : await (args.generate ? generationRows : pairedRows)(cases, options);
  if (args.json) printJson("bench", { rows });
  else process.stdout.write(`${table(requireFinite("bench", rows))}\n`);
}

async function importOf(given: string, { python, peer, rounds, json }: BenchArguments) {
  await setUpNative();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const rows = await importRows(given, { python: peer && python, rounds, say });
  if (json) printJson("bench", { rows });
  else process.stdout.write(`${importTable(requireFinite("bench", rows))}\n`);
}

async function probesOf(cases: readonly Case[], args: BenchArguments, say: (text: string) => void) {
  const names = args.only?.split(",").map((name) => probeNamed(name).name);
  const rows = await probeRows(cases, say, names);
  if (args.json) printJson("bench", { rows });
  else process.stdout.write(`${probesTable(rows)}\n`);
}

function table(rows: readonly BenchRow[]): string {
  return textTable(
    benchColumns(rows),
    rows.map(({ cached, ...row }) => ({ ...row, ...(cached !== undefined && { cached: String(cached) }) })),
    terminalColumns(),
  );
}
