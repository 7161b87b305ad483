/** The commands of `whereabouts`: finds the one that was named, loads it alone, and says what went wrong. */
import yargs, { type CommandModule } from "yargs";
import { InputError } from "../src/errors.ts";
import { didYouMean } from "../src/nearest.ts";
import { IS_CLONE } from "../src/node/files/root.ts";
import { requireNoneKept, strayWords } from "./npm-options.ts";

/** One line a command: its name and its file, which exports a yargs CommandModule. */
const EVERYWHERE: Record<string, () => Promise<unknown>> = {
  start: () => import("./start.ts"),
  setup: () => import("./setup.ts"),
  doctor: () => import("./doctor.ts"),
  data: () => import("./data.ts"),
  train: () => import("./train.ts"),
  probe: () => import("./probe.ts"),
  compare: () => import("./compare.ts"),
  ablate: () => import("./ablate.ts"),
  sample: () => import("./sample.ts"),
  logits: () => import("./logits.ts"),
  import: () => import("./import.ts"),
  export: () => import("./export.ts"),
  encodings: () => import("./encodings.ts"),
};

/** What works on a clone: the package leaves these out. */
const OF_CLONES: Record<string, () => Promise<unknown>> = {
  test: () => import("./test.ts"),
  study: () => import("./study.ts"),
  bench: () => import("./bench.ts"),
  parity: () => import("./parity.ts"),
  pack: () => import("./pack.ts"),
  docs: () => import("./docs.ts"),
  playground: () => import("./playground.ts"),
};

const COMMANDS = IS_CLONE ? { ...EVERYWHERE, ...OF_CLONES } : EVERYWHERE;

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

/** Options whose value may begin with dashes, as arguments of another program do. */
const DASHED: ReadonlySet<string> = new Set(["--slurm"]);

/**
 * Runs a command line.
 *
 * @param words what follows `whereabouts`
 * @throws InputError for what it cannot take; whatever else the command throws.
 */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  const argv = withDashedValues(words);
  const name = argv[0] ?? "";
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
      throw error ?? new InputError(named ? strayWords(named, message, argv) : message);
    });
  for (const module of modules) parser.command(module);
  parser.middleware(requireSingleValues);
  await parser.parseAsync();
}

/** What messages call a command line. */
export const commandOf = ([name = ""]: readonly string[]): string =>
  name in COMMANDS ? `whereabouts ${name}` : "whereabouts";

/** yargs would take such a value for an option. */
function withDashedValues(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1) ?? "";
    if (DASHED.has(before) && word.startsWith("-")) joined[joined.length - 1] = `${before}=${word}`;
    else joined.push(word);
  }
  return joined;
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
