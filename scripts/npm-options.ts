/**
 * Options that npm kept for itself: `npm run train models/rope.json --seed=7` hands over no --seed,
 * but npm_config_seed=7 in the environment.
 *
 * npm keeps every option that stands before `--`, and a run would go on with its defaults as if
 * nothing had been asked.
 */
import yargs, { type Argv, type CommandModule } from "yargs";
import { InputError } from "../src/errors.ts";
import { didYouMean } from "../src/nearest.ts";
import { npmRun, quoted } from "./shell-words.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What yargs knows of a command's options; its types leave `getOptions` out. */
interface Known {
  readonly key: Readonly<Record<string, unknown>>;
  readonly boolean: readonly string[];
  readonly hiddenOptions: readonly string[];
}

/**
 * @throws InputError where npm, which runs the command, kept an option of it that is not among its
 * arguments.
 */
export function requireNoneKept(
  name: string,
  module: CommandModule,
  argv: readonly string[],
  environment: Environment = process.env,
): void {
  if (environment.npm_lifecycle_event !== name) return;
  const known = optionsOf(module);
  const given = new Set(argv.filter((word) => word.startsWith("--")).map(plain));
  if (known.hiddenOptions.some((option) => given.has(plain(option)))) return; // a process that a command started
  const kept = keptOf(known, environment).filter(({ option }) => !given.has(plain(option)));
  if (kept.length === 0) return;
  const names = kept.map(({ option }) => `--${option}`).join(", ");
  const whole = kept.every(({ words }) => words !== undefined);
  // npm splits "--seed 7" and keeps the half: which word was its value cannot be known.
  const words = whole
    ? [...argv.slice(1), ...kept.flatMap(({ words: own }) => own ?? [])]
    : ["…", ...kept.flatMap(({ option, words: own }) => own ?? [`--${option}`, "…"])];
  throw new InputError(
    `npm kept ${names} for itself, and nothing was done; put all options after --: ${npmRun(name)} -- ${words.map(quoted).join(" ")}`,
  );
}

/** yargs' complaint of words that a command does not take, with what was probably meant. */
export function strayWords(
  module: CommandModule,
  message: string,
  argv: readonly string[],
  environment: Environment = process.env,
): string {
  const [name = ""] = argv;
  const found = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1];
  if (found === undefined) return message;
  const options = Object.keys(optionsOf(module).key).map((option) => `--${option}`);
  const words = found.split(", ");
  const [first = ""] = words;
  if (argv.some((word) => plain(word) === plain(first) && word.startsWith("--"))) {
    return `--${first} is not an option${didYouMean(`--${first}`, options)}; see whereabouts ${name} --help`;
  }
  const tooMany = `${words.join(", ")}: more than the command takes`;
  if (environment.npm_lifecycle_event !== name) return `${tooMany}; see whereabouts ${name} --help`;
  return `${tooMany}; if npm kept an option before it, put all options after --: ${npmRun(name)} -- …`;
}

interface Kept {
  readonly option: string;
  /** The option as it was written; undefined where its value is not known. */
  readonly words?: readonly string[];
}

function keptOf({ key, boolean }: Known, environment: Environment): Kept[] {
  const options = new Map(Object.keys(key).map((option) => [plain(option), option]));
  return Object.entries(environment).flatMap(([variable, value = ""]): Kept[] => {
    const found = /^npm_config_(.+)$/i.exec(variable)?.[1];
    const option = found === undefined ? undefined : options.get(plain(found));
    if (option === undefined) return [];
    if (boolean.includes(option)) return [{ option, words: [`--${value === "true" ? "" : "no-"}${option}`] }];
    if (value === "true" || value === "") return [{ option }];
    return [{ option, words: value.split("\n\n").flatMap((one) => [`--${option}`, one]) }];
  });
}

/** Options by the names that they are documented under. */
function optionsOf({ builder }: CommandModule): Known {
  const made =
    typeof builder === "function" ? (builder(yargs([])) as Argv) : yargs([]).options(builder ?? {});
  const { key, boolean, hiddenOptions } = (made as unknown as { getOptions(): Known }).getOptions();
  const own = Object.entries(key).filter(
    ([option]) => !["help", "version"].includes(option) && !hiddenOptions.includes(option),
  );
  return { key: Object.fromEntries(own), boolean, hiddenOptions };
}

/** npm writes "--top-k" as npm_config_top_k, and "--topK" as npm_config_topk. */
const plain = (option: string) =>
  option
    .replace(/^--(no-)?/, "")
    .replace(/=.*$/s, "")
    .replace(/[-_]/g, "")
    .toLowerCase();
