/** How commands write: data to stdout, all else to stderr, and nothing of a file as it stands. */
import { jsonText, oneLine, printableLines } from "../src/printable.ts";

/** One line of JSON on stdout. */
export function printJson(what: string, value: unknown): void {
  process.stdout.write(`${jsonText(what, value)}\n`);
}

/** Text on stdout that may quote a model or a file. */
export function printText(text: string): void {
  process.stdout.write(printableLines(text));
}

/** A line on stderr. */
export function say(text: string): void {
  process.stderr.write(`${oneLine(text)}\n`);
}

/** Lines on stderr after the name of a command. */
export function tell(command: string, ...notes: readonly string[]): void {
  for (const note of notes) say(`${command}: ${note}`);
}

/** "a GPT-2", "an OPT": letters that are spoken one by one count as they sound. */
export const withArticle = (name: string): string =>
  `${/^([AEIO]|[FHLMNRSX][A-Z])/.test(name) ? "an" : "a"} ${name}`;
