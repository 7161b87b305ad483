/** Commands as a person types them. */
import { IS_CLONE } from "../src/node/files/root.ts";

/** How npm is told to run a command, without the lines that it prints of its own. */
export function npmRun(name: string): string {
  if (!IS_CLONE) return `npx whereabouts ${name}`;
  return name === "start" || name === "test" ? `npm ${name}` : `npm run -s ${name}`;
}

/** A whole command, as it is run from where this one was: by npx, or from a clone by npm. */
export function commandLine(
  name: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const npx =
    !IS_CLONE ||
    (environment.npm_command === "exec" && /^"?whereabouts\b/.test(environment.npm_lifecycle_script ?? ""));
  const start = npx ? `npx whereabouts ${name}` : `${npmRun(name)} --`;
  return [start, ...words.map(quoted)].join(" ");
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./…-]+( …)?$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
