/** `whereabouts bench`: times training steps side by side, and how time and memory grow with the context. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { encodings } from "../src/encodings/index.ts";
import { InputError } from "../src/errors.ts";
import { textTable } from "../src/report/table.ts";
import { growthRows } from "./bench/growth.ts";
import { pairedRows } from "./bench/paired.ts";
import { type BenchRow, benchColumns, type Case, DEFAULT_SIZES, parseSize, type Size } from "./bench/rows.ts";
import { serve } from "./bench/worker.ts";
import { setUpNative } from "./engine-option.ts";

interface BenchArguments {
  readonly json: boolean;
  readonly sizes: readonly string[];
  readonly encodings: string;
  readonly threads: string;
  readonly precision: string;
  readonly peer?: string | undefined;
  readonly python: string;
  readonly rounds: number;
  readonly growth: boolean;
  readonly worker?: string | undefined;
}

export const command = "bench";
export const describe = "time training steps on this machine, beside PyTorch's where asked";

export function builder(yargs: Argv): Argv<BenchArguments> {
  return yargs
    .option("json", { type: "boolean", default: false, describe: "print the rows as JSON" })
    .option("sizes", {
      type: "string",
      array: true,
      nargs: 1,
      default: [...DEFAULT_SIZES],
      describe: "layers,heads,width,context,batch; may be given more than once",
    })
    .option("encodings", {
      type: "string",
      requiresArg: true,
      default: "none,sinusoidal,learned,relative",
      describe: "position encodings, or all",
    })
    .option("threads", { type: "string", requiresArg: true, default: "1,2", describe: "numbers of threads" })
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
    .option("rounds", { type: "number", requiresArg: true, default: 5, describe: "turns of 20 steps each" })
    .option("growth", {
      type: "boolean",
      default: false,
      describe: "instead: steps from 64 to 1,024 tokens, and evaluation to 16,384",
    })
    .option("worker", { type: "string", hidden: true }) as Argv<BenchArguments>; // --peer has one choice
}

export async function handler(args: ArgumentsCamelCase<BenchArguments>): Promise<void> {
  if (args.worker !== undefined) return serve(JSON.parse(args.worker) as Case);
  const cases = casesOf(args); // bad input is refused before the set-up
  await setUpNative();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const rows = args.growth
    ? await growthRows(cases[0] as Case, say)
    : await pairedRows(cases, { python: args.peer && args.python, rounds: args.rounds, say });
  process.stdout.write(`${args.json ? JSON.stringify({ rows }) : table(rows)}\n`);
}

function casesOf(args: BenchArguments): Case[] {
  const known = encodings.map(({ kind }) => kind);
  const kinds = args.encodings === "all" ? known : args.encodings.split(",");
  for (const kind of kinds) {
    if (!known.includes(kind)) throw new InputError(`--encodings: ${kind} is not one of ${known.join(", ")}`);
  }
  const threads = args.threads.split(",").map((text) => {
    if (!/^[1-9]\d{0,2}$/.test(text)) throw new InputError(`--threads: ${text} is not a number of threads`);
    return Number(text);
  });
  if (args.precision !== "float32" && args.precision !== "bfloat16") {
    throw new InputError(`--precision: ${args.precision} is not float32 or bfloat16`);
  }
  if (!(Number.isInteger(args.rounds) && args.rounds > 0)) {
    throw new InputError(`--rounds: ${args.rounds} is not a number of turns; give a whole number from 1`);
  }
  const { precision } = args;
  const sizes: Size[] = args.sizes.map(parseSize);
  return sizes.flatMap((size) =>
    threads.flatMap((n) => kinds.map((encoding): Case => ({ ...size, threads: n, encoding, precision }))),
  );
}

function table(rows: readonly BenchRow[]): string {
  return textTable(
    benchColumns(rows),
    rows.map((row) => ({ ...row })),
  );
}
