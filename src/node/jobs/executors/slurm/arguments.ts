/** Arguments of sbatch that a person gives: partition, account, time, memory, and what else a cluster asks for. */
import { InputError } from "../../../../errors.ts";

/** What an array is made with, or what would keep its id from being printed. Prefixes are taken for it too. */
const OURS = [
  ...[
    "array",
    "chdir",
    "clusters",
    "error",
    "input",
    "job-name",
    "open-mode",
    "output",
    "parsable",
    "requeue",
  ],
  ...["no-requeue", "help", "test-only", "usage", "version", "wait", "wrap"],
];

/** As much as anybody types. */
const MOST_CHARACTERS = 4096;

/**
 * The words of `--partition=x --time=1:00:00`, or of `partition=x time=1:00:00`; a word in quotes may
 * hold spaces.
 *
 * @throws InputError for what is no option of sbatch's, or one that the array is made with
 */
export function sbatchArguments(text: string): string[] {
  if (text.length > MOST_CHARACTERS || /\p{Cc}/u.test(text))
    throw new InputError(`--slurm: holds control characters, or more than ${MOST_CHARACTERS}; check it`);
  return wordsOf(text).map((word) => {
    const option = word.replace(/^--/, "");
    const name = option.split("=", 1)[0] as string;
    if (!/^[a-z][a-z-]*$/.test(name))
      throw new InputError(`--slurm: ${word} is no long option of sbatch; write --partition=x, not -p x`);
    if (name === "cpus-per-task") throw new InputError(`--slurm: ${word}: give --threads instead`);
    const ours = OURS.find((one) => one.startsWith(name));
    if (ours !== undefined)
      throw new InputError(
        `--slurm: ${word}: --${ours} is not yours to give: the array is made with its own`,
      );
    return `--${option}`;
  });
}

function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  const rest = text.replace(/"[^"]*"|'[^']*'/g, "");
  if (/["']/.test(rest)) throw new InputError(`--slurm: ${text} has a quote that is not closed; close it`);
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}
