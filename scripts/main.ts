/** The commands of `whereabouts`: finds the one that was named, loads it alone, and reports its errors. */
import yargs, { type CommandModule } from "yargs";
import { InputError, isInputError } from "../src/errors.ts";
import { didYouMean } from "../src/nearest.ts";
import { oneLine, printableLines } from "../src/printable.ts";
import { requireNoneKept, strayWords } from "./npm-options.ts";

/** One line a command: its name and its file, which exports a yargs CommandModule. */
const COMMANDS: Record<string, () => Promise<unknown>> = {
  start: () => import("./start.ts"),
  test: () => import("./test.ts"),
  setup: () => import("./setup.ts"),
  doctor: () => import("./doctor.ts"),
  data: () => import("./data.ts"),
  train: () => import("./train.ts"),
  probe: () => import("./probe.ts"),
  compare: () => import("./compare.ts"),
  ablate: () => import("./ablate.ts"),
  sample: () => import("./sample.ts"),
  logits: () => import("./logits.ts"),
  bench: () => import("./bench.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  parity: () => import("./parity.ts"),
  encodings: () => import("./encodings.ts"),
};

/** Exit codes that shells and schedulers can rely on. */
const FAILED = 1;
const BAD_ARGUMENTS = 2;

/** Options that may be given more than once, or take two values. */
const LISTS: ReadonlySet<string> = new Set([
  "_",
  "set",
  "ablate",
  "pair",
  "node",
  "files",
  "directories",
  "sizes",
  "with",
  "presets",
  "data",
  "grid",
]);

const argv = process.argv.slice(2);
const name = argv[0] ?? "";

// tfjs's wasm glue rethrows uncaught errors from a handler of its own, upon which Node prints 30 KB
// of its minified source. This handler comes first and ends the process.
process.on("uncaughtException", report);
process.on("unhandledRejection", report);
// A reader that has seen enough (`| head`) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  report(error);
});
// Nor one that reads no more progress: the work goes on, to its end or to what saves it.
process.stderr.on("error", () => {});

try {
  await run();
} catch (error) {
  report(error);
}

async function run(): Promise<void> {
  // Only the named command is loaded: TensorFlow.js alone takes half a second. The help needs them all.
  const load = COMMANDS[name];
  const known = Object.keys(COMMANDS).join(", ");
  if (load === undefined && name !== "" && !name.startsWith("-")) {
    const meant = didYouMean(name, Object.keys(COMMANDS));
    throw new InputError(`${name} is not a command${meant}; choose one of ${known}`);
  }
  const loaders = load === undefined ? Object.values(COMMANDS) : [load];
  const modules = (await Promise.all(loaders.map((loader) => loader()))) as CommandModule[]; // by the list's contract
  const named = load && modules[0];
  if (named) requireNoneKept(name, named, argv);
  const parser = yargs(argv)
    .scriptName("whereabouts")
    .usage("$0 COMMAND: what does a transformer know about where?")
    .strict()
    .strictCommands()
    .demandCommand(1, `name a command: ${known}`)
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new InputError(named ? strayWords(name, named, message) : message);
    });
  for (const module of modules) parser.command(module);
  parser.middleware(requireSingleValues);
  await parser.parseAsync();
}

/** yargs makes an array of an option that was given twice, whatever its type. */
function requireSingleValues(args: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(args)) {
    if (Array.isArray(value) && !LISTS.has(option))
      throw new InputError(
        `--${option}: was given ${value.length} times (${value.join(", ")}); give it once`,
      );
  }
}

function report(error: unknown): never {
  const bad = isInputError(error) || (error as Error)?.name === "YError";
  const text = error instanceof Error ? error.message : String(error);
  const line = oneLine(text).slice(0, 2_000);
  const command = name in COMMANDS ? `whereabouts ${name}` : "whereabouts";
  process.stderr.write(`${command}: ${line}\n`);
  if (process.env.DEBUG && error instanceof Error)
    process.stderr.write(`${printableLines(error.stack ?? "")}\n`);
  process.exit(bad ? BAD_ARGUMENTS : FAILED);
}
